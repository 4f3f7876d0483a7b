"""Lists: keyset pages in any order, nothing twice and nothing left out, and no parameter ignored."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test.utils import CaptureQueriesContext

from accounts.models import Notice, User
from tests.api.conftest import Api, problem

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.probe")]

START = datetime(2026, 1, 1, tzinfo=UTC)


def _notices(user: User, count: int) -> list[Notice]:
    rows = [
        Notice(
            user=user,
            kind="abc"[n % 3],
            subject_type="probe",
            subject_id=user.pk,
            at=START + timedelta(hours=n // 2),
            read_at=START + timedelta(hours=n % 5) if n % 3 else None,
        )
        for n in range(count)
    ]
    return Notice.objects.bulk_create(rows)


def _walk(api: Api, path: str, link: str = "next") -> list[list[str]]:
    pages = []
    while path:
        answer = api.get(path)
        assert answer.status_code == 200, answer.content
        pages.append([row["id"] for row in answer.data["results"]])
        path = answer.data[link]
    return pages


@pytest.mark.parametrize("ordering", ["at", "-at", "read_at", "-read_at", "kind", "-kind"])
def test_every_row_comes_once_in_order_and_back_again(api: Api, someone: User, ordering: str) -> None:
    _notices(someone, 23)
    pages = _walk(api, f"rows/?ordering={ordering}&page_size=4")
    ids = list(itertools.chain.from_iterable(pages))
    rows = {str(row.pk): row for row in Notice.objects.all()}
    column, down = ordering.removeprefix("-"), ordering.startswith("-")

    def place(pk: str) -> Any:
        return getattr(rows[pk], column)

    with_value = sorted(
        (pk for pk in rows if place(pk) is not None), key=lambda pk: (place(pk), pk), reverse=down
    )
    without = sorted((pk for pk in rows if place(pk) is None), reverse=down)
    assert ids == with_value + without
    # Back from the last page: the same pages, the other way round.
    path, last = f"rows/?ordering={ordering}&page_size=4", None
    while path:
        last = api.get(path).data
        path = last["next"]
    back = _walk(api, last["previous"], "previous")
    assert list(reversed(back)) == pages[:-1]


def test_pages_are_stable_under_inserts(api: Api, someone: User) -> None:
    _notices(someone, 10)
    first = api.get("rows/?page_size=5").data
    Notice.objects.create(
        user=someone, kind="a", subject_type="probe", subject_id=someone.pk, at=START + timedelta(days=9)
    )
    second = api.get(first["next"]).data
    seen = [row["id"] for row in first["results"] + second["results"]]
    assert len(set(seen)) == 10
    assert second["next"] is None
    assert api.get(second["previous"]).data["results"] == first["results"]


def test_the_first_and_only_page_has_no_neighbours(api: Api, someone: User) -> None:
    assert api.get("rows/").data == {"results": [], "next": None, "previous": None}
    _notices(someone, 3)
    answer = api.get("rows/?page_size=3").data
    assert (answer["next"], answer["previous"]) == (None, None)
    assert "count" not in answer
    assert api.get("rows/?count=true&page_size=2").data["count"] == 3
    assert "count" not in api.get("rows/?count=false").data


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("page_size=0", "page_size"),
        ("page_size=201", "page_size"),
        ("page_size=-1", "page_size"),
        ("page_size=abc", "page_size"),
        ("page_size=", "page_size"),
        ("page_size=99999999999999999999", "page_size"),
        ("page_size=٥", "page_size"),
        ("count=1", "count"),
        ("cursor=abc", "cursor"),
        ("cursor=", "cursor"),
        ("cursor=%00", "cursor"),
        ("cursor=%ff", "cursor"),
        ("ordering=id", "ordering"),
        ("ordering=--at", "ordering"),
        ("ordering=at,kind", "ordering"),
        ("ordering=user__password", "ordering"),
        ("colour=red", "colour"),
        ("kind=a&kind=b", "kind"),
        ("kind=z", "kind"),
        ("kind=a,z", "kind"),
        ("kind=%00", "kind"),
        ("at_before=soon", "at_before"),
        ("at_before=2026-02-30", "at_before"),
        ("at_before=9999-12-31T23:59:59Z", "at_before"),
        ("unread=yes", "unread"),
        ("user=nobody", "user"),
        ("subject=1", "subject"),
        ("format=json", "format"),
    ],
)
def test_a_parameter_that_is_not_right_is_400_and_named(api: Api, query: str, field: str) -> None:
    errors = problem(api.get(f"rows/?{query}"), 400, "invalid")
    assert [name for name, _code in errors] == [field]


def test_all_wrong_filters_are_listed_at_once(api: Api) -> None:
    errors = problem(api.get("rows/?kind=z&at_before=x&unread=x"), 400, "invalid")
    assert sorted(name for name, _code in errors) == ["at_before", "kind", "unread"]


def test_a_cursor_of_another_list_or_changed_is_400(api: Api, someone: User) -> None:
    _notices(someone, 5)
    link = api.get("rows/?page_size=2").data["next"]
    assert api.get(link).status_code == 200
    problem(api.get(link.replace("rows/", "notices/")), 400, "invalid")
    problem(api.get(link + "&ordering=kind"), 400, "invalid")
    problem(api.get(link[:-3] + "xyz"), 400, "invalid")


def test_filters_take_several_values_days_and_times(api: Api, someone: User) -> None:
    _notices(someone, 12)
    assert len(api.get("rows/?kind=a,b").data["results"]) == 8
    assert len(api.get("rows/?kind=a&unread=true").data["results"]) == 4
    assert (
        len(
            api.get("rows/?at_after=2026-01-01T02:00:00Z&at_before=2026-01-01T04:00:00%2B00:00").data[
                "results"
            ]
        )
        == 4
    )
    assert len(api.get("rows/?at_after=2026-01-01").data["results"]) == 12
    assert len(api.get("rows/?user=someone").data["results"]) == 12
    assert len(api.get(f"rows/?user={someone.pk}&subject={someone.pk}").data["results"]) == 12


def test_links_keep_the_filters(api: Api, someone: User) -> None:
    _notices(someone, 12)
    pages = _walk(api, "rows/?kind=a,b&page_size=3&count=true")
    assert [len(page) for page in pages] == [3, 3, 2]


@pytest.mark.parametrize("path", ["rows/", "notices/", "users/", "teams/"])
def test_lists_take_the_same_number_of_queries_for_1_and_for_30_rows(
    api: Api, someone: User, path: str, django_assert_max_num_queries: Any
) -> None:
    from django.db import connection

    api.get(path)
    counts = []
    for more in (1, 29):
        _notices(someone, more)
        for n in range(more):
            User.objects.create_user(f"u{more}-{n}", name=str(n))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert api.get(path).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 6
