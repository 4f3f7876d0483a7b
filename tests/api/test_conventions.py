"""Keys, languages, codes: what holds for every address."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import ApiKey, Notice, User
from accounts.services import make_key
from core import hooks
from core.api import throttle
from tests.api import probe
from tests.api.conftest import Api, problem

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.probe")]


def test_without_a_key_it_is_401_and_says_how_to_log_in() -> None:
    for path in ("me/", "rows/", "probe/"):
        answer = Api().get(path)
        problem(answer, 401, "not_authenticated")
        assert answer["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer x", "Bearer a b", "Bearer \xff", "Bearer " + "a" * 5000, "Basic YTpi", "bearer  ", ""],
)
def test_a_header_that_is_no_key_is_401(db: None, header: str) -> None:
    problem(Api(Authorization=header).get("me/"), 401, "not_authenticated")


def test_a_key_ends_with_its_time_its_withdrawal_and_its_person(someone: User) -> None:
    for change in (
        {"expires_at": datetime.now(UTC) - timedelta(seconds=1)},
        {"revoked_at": datetime.now(UTC)},
    ):
        api = Api(make_key(someone))
        assert api.get("me/").status_code == 200
        ApiKey.objects.update(**change)
        problem(api.get("me/"), 401, "not_authenticated")
    api = Api(make_key(someone))
    User.objects.update(is_active=False)
    problem(api.get("me/"), 401, "not_authenticated")


def test_a_key_is_kept_hashed_and_tells_when_and_from_where_it_was_used(someone: User) -> None:
    secret = make_key(someone)
    key = ApiKey.objects.get()
    assert secret not in (key.digest, key.prefix)
    Api(secret).get("me/")
    key.refresh_from_db()
    first = key.last_used_at
    assert first is not None
    assert key.last_used_from == "127.0.0.1"
    Api(secret).get("me/")
    key.refresh_from_db()
    assert key.last_used_at == first
    ApiKey.objects.update(last_used_at=first - timedelta(minutes=2))
    Api(secret).get("me/")
    key.refresh_from_db()
    assert key.last_used_at > first


def test_a_reading_key_reads_only(someone: User) -> None:
    api = Api(make_key(someone, scope="read"))
    assert api.get("me/").status_code == 200
    problem(api.post("probe/", {"text": "a"}), 403, "forbidden")


def test_the_browser_s_session_works_with_csrf_only(someone: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(someone)
    assert client.get("/api/v1/me/").status_code == 200
    answer = client.post("/api/v1/probe/", {"text": "a"}, content_type="application/json")
    answer.data = answer.json()
    problem(answer, 403, "forbidden")
    User.objects.update(is_active=False)
    assert client.get("/api/v1/me/").status_code == 401


def test_the_command_prints_a_key_and_nothing_else(someone: User) -> None:
    for scope in ("read", "write", "admin"):
        out = StringIO()
        call_command("api_key", "someone", scope=scope, stdout=out)
        (line,) = out.getvalue().splitlines()
        assert Api(line).get("me/").data["login"] == "someone"
        assert ApiKey.objects.filter(scope=scope).exists()
    with pytest.raises(CommandError):
        call_command("api_key", "nobody", stdout=StringIO())


def test_messages_speak_the_caller_s_language_codes_do_not(api: Api, someone: User) -> None:
    english = api.post("probe/", {}, Accept_Language="en-GB,en;q=0.9").data
    for asked in ("zh-hans", "zh-CN", "zh", "fr, zh-Hans;q=0.5"):
        answer = api.post("probe/", {}, Accept_Language=asked)
        assert answer["Content-Language"] == "zh-hans"
        assert answer.data["errors"][0]["message"] != english["errors"][0]["message"]
        assert answer.data["code"] == english["code"]
    User.objects.update(language="zh-hans")
    assert api.post("probe/", {})["Content-Language"] == "zh-hans"
    assert api.post("probe/", {}, Accept_Language="en")["Content-Language"] == "en"


@pytest.mark.parametrize(
    "path", ["nowhere/", "rows/1/", "rows/%00/", "rows/..%2f/", "me", "rows/\ud7ff/", "%ff/"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_what_is_not_there_is_a_404_of_ours(api: Api, path: str, method: str) -> None:
    problem(api.send(method, path), 404, "not_found")
    problem(api.send(method, "/api/v2/"), 404, "not_found")


def test_other_people_s_records_are_not_there(api: Api) -> None:
    other = User.objects.create_user("other", name="Other")
    theirs = _notice(other)
    for answer in (api.get(f"rows/{theirs.pk}/"), api.post(f"rows/{theirs.pk}/poke/")):
        problem(answer, 404, "not_found")


def test_methods_and_forms_of_answer_that_are_not_there(api: Api) -> None:
    answer = api.send("PUT", "probe/", {"text": "a"})
    problem(answer, 405, "method_not_allowed")
    assert "POST" in answer["Allow"]
    problem(api.send("DELETE", "me/"), 405, "method_not_allowed")
    problem(api.get("me/", Accept="text/html"), 406, "not_acceptable")
    for accepted in ("*/*", "application/json", "text/html,*/*;q=0.8", "application/problem+json"):
        assert api.get("me/", Accept=accepted).status_code == 200


@pytest.mark.parametrize(
    ("what", "status", "code"),
    [
        ("conflict", 409, "transition_not_allowed"),
        ("claimed", 409, "already_claimed"),
        ("rule", 422, "gate_not_met"),
        ("forbidden", 403, "forbidden"),
        ("missing", 404, "not_found"),
        ("stale", 412, "stale_version"),
        ("invalid", 400, "invalid"),
    ],
)
def test_each_refusal_has_its_status_and_code(api: Api, what: str, status: int, code: str) -> None:
    answer = api.post(f"refuse/{what}/")
    problem(answer, status, code)
    if what == "conflict":
        assert (answer.data["state"], answer.data["allowed"]) == ("pooled", ["claim"])


@pytest.mark.parametrize("headers", [{}, {"Idempotency_Key": "k"}])
def test_R6_2_an_overdue_lead_is_taken_back_after_the_rollback(
    api: Api, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]
) -> None:
    met: list[Any] = []

    def expire(ids: list[Any]) -> None:
        met.append((ids, Notice.objects.count()))

    monkeypatch.setattr(hooks.overdue_met, "fillers", [expire])
    problem(api.post("refuse/overdue/", **headers), 409, "overdue")
    assert len(met) == 1


def test_too_many_requests_are_429_with_a_time_to_wait(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle.counter, "wait", lambda ident, limit: 7)
    answer = api.get("me/")
    problem(answer, 429, "throttled")
    assert answer["Retry-After"] == "7"


def test_query_strings_never_break_anything(api: Api) -> None:
    problem(api.get("rows/?" + "&".join(f"a{n}=1" for n in range(2000))), 400, "invalid")
    problem(api.get("rows/?\x00=1&kind=%00"), 400, "invalid")
    problem(api.get("rows/?kind=%ff%fe"), 400, "invalid")


def _notice(user: User) -> Notice:
    return Notice.objects.create(
        user=user, kind="a", subject_type="probe", subject_id=user.pk, at="2026-01-01T00:00:00Z"
    )


def test_if_match_takes_tags_lists_and_a_star(api: Api, someone: User) -> None:
    path = f"rows/{_notice(someone).pk}/"
    for tag in ('"3"', 'W/"3"', '"1", "3"', "*"):
        answer = api.patch(path, {}, If_Match=tag)
        assert answer.status_code == 200, tag
        assert answer["ETag"] == '"3"'
    assert api.patch(path, {}).status_code == 200
    for tag in ('"2"', '"1", "2"', '"x"'):
        problem(api.patch(path, {}, If_Match=tag), 412, "stale_version")
    assert problem(api.patch(path, {}, If_Match="3"), 400, "invalid") == [("If-Match", "invalid")]


def test_the_probe_is_called(api: Api) -> None:
    before = len(probe.CALLS)
    api.post("probe/", {"text": "a"})
    assert len(probe.CALLS) == before + 1
