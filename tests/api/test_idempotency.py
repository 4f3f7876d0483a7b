"""Idempotency-Key: the same request is done once, and everybody reads the first answer."""

from datetime import timedelta
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection

from accounts.models import Notice, User
from accounts.services import make_key
from core.models import IdempotencyRecord, RealNow
from tests.api import probe
from tests.api.conftest import Api, problem

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.probe")]


@pytest.fixture(autouse=True)
def calls() -> list[Any]:
    probe.CALLS.clear()
    return probe.CALLS


def test_the_second_time_the_first_answer_comes_again(api: Api, calls: list[Any]) -> None:
    first = api.post("probe/", {"text": "a", "number": 2}, Idempotency_Key="k1")
    again = api.post("probe/", {"number": 2, "text": "a"}, Idempotency_Key="k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert first["Content-Type"] == again["Content-Type"]
    assert "Idempotent-Replayed" not in first
    assert again["Idempotent-Replayed"] == "true"
    assert len(calls) == 1


def test_an_etag_is_replayed_too(api: Api, someone: User) -> None:
    row = Notice.objects.create(
        user=someone, kind="a", subject_type="probe", subject_id=someone.pk, at="2026-01-01T00:00:00Z"
    )
    first = api.post(f"rows/{row.pk}/poke/", Idempotency_Key="k")
    assert api.post(f"rows/{row.pk}/poke/", Idempotency_Key="k").content == first.content


def test_the_same_key_with_another_body_is_422(api: Api, calls: list[Any]) -> None:
    api.post("probe/", {"text": "a"}, Idempotency_Key="k")
    problem(api.post("probe/", {"text": "b"}, Idempotency_Key="k"), 422, "idempotency_key_reused")
    assert len(calls) == 1


def test_a_key_belongs_to_one_person_and_one_address(api: Api, calls: list[Any]) -> None:
    other = User.objects.create_user("other", name="Other", hats=["admin"])
    api.post("probe/", {"text": "a"}, Idempotency_Key="k")
    assert "Idempotent-Replayed" not in Api(make_key(other, scope="write")).post(
        "probe/", {"text": "b"}, Idempotency_Key="k"
    )
    problem(api.post("refuse/conflict/", Idempotency_Key="k"), 409, "transition_not_allowed")
    assert len(calls) == 3


@pytest.mark.parametrize(
    ("what", "kept"), [("conflict", True), ("rule", True), ("forbidden", True), ("missing", False)]
)
def test_refusals_are_kept_and_what_was_written_is_not(
    api: Api, calls: list[Any], what: str, kept: bool
) -> None:
    first = api.post(f"refuse/{what}/", Idempotency_Key="k")
    again = api.post(f"refuse/{what}/", Idempotency_Key="k")
    assert first.content == again.content
    assert len(calls) == (1 if kept else 2)
    assert ("Idempotent-Replayed" in again) == kept
    assert Notice.objects.count() == 0


def test_validation_errors_are_not_kept(api: Api, calls: list[Any]) -> None:
    problem(api.post("probe/", {"text": 1}, Idempotency_Key="k"), 400, "invalid")
    assert api.post("probe/", {"text": "a"}, Idempotency_Key="k").status_code == 201


@pytest.mark.parametrize("key", ["", "a" * 256, "ключ", "a\x7f"])
def test_a_key_that_cannot_be_one_is_400(api: Api, key: str) -> None:
    assert problem(api.post("probe/", {"text": "a"}, Idempotency_Key=key), 400, "invalid") == [
        ("Idempotency-Key", "invalid")
    ]


def test_after_24_hours_the_key_is_free_again(api: Api, calls: list[Any]) -> None:
    api.post("probe/", {"text": "a"}, Idempotency_Key="k")
    IdempotencyRecord.objects.update(created_at=RealNow() - timedelta(hours=23, minutes=59))
    assert "Idempotent-Replayed" in api.post("probe/", {"text": "a"}, Idempotency_Key="k")
    IdempotencyRecord.objects.update(created_at=RealNow() - timedelta(hours=24, minutes=1))
    assert "Idempotent-Replayed" not in api.post("probe/", {"text": "b"}, Idempotency_Key="k")
    assert len(calls) == 2


@pytest.mark.django_db(transaction=True)
def test_while_the_first_still_runs_it_is_409(someone: User, monkeypatch: pytest.MonkeyPatch) -> None:
    key = make_key(someone, scope="write")
    started, go_on = Event(), Event()
    read = probe.Probe.body

    def slowly(self: Any, serializer: Any, **more: Any) -> Any:
        started.set()
        assert go_on.wait(20)
        return read(self, serializer, **more)

    monkeypatch.setattr(probe.Probe, "body", slowly)
    answers: list[Any] = []

    def first() -> None:
        try:
            answers.append(Api(key).post("probe/", {"text": "a"}, Idempotency_Key="k"))
        finally:
            connection.close()

    thread = Thread(target=first)
    thread.start()
    assert started.wait(20)
    problem(Api(key).post("probe/", {"text": "a"}, Idempotency_Key="k"), 409, "idempotency_in_progress")
    go_on.set()
    thread.join()
    assert answers[0].status_code == 201
    again = Api(key).post("probe/", {"text": "a"}, Idempotency_Key="k")
    assert again["Idempotent-Replayed"] == "true"
    assert again.content == answers[0].content
