"""Bodies: wrong form is 400, missing, empty or out of range is 422, everything at once; nothing is a 500."""

import json

import pytest

from accounts.models import User
from tests.api.conftest import Api, problem

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.probe")]

WRONG = [
    ({"text": 5}, ("text", "wrong_type")),
    ({"text": ["a"]}, ("text", "wrong_type")),
    ({"text": True}, ("text", "wrong_type")),
    ({"text": "a", "number": "5"}, ("number", "wrong_type")),
    ({"text": "a", "number": 5.0}, ("number", "wrong_type")),
    ({"text": "a", "number": True}, ("number", "wrong_type")),
    ({"text": "a", "flag": "true"}, ("flag", "wrong_type")),
    ({"text": "a", "flag": 1}, ("flag", "wrong_type")),
    ({"text": "a", "at": "tomorrow"}, ("at", "wrong_type")),
    ({"text": "a", "at": "2026-11-21T09:30:00"}, ("at", "wrong_type")),
    ({"text": "a", "at": "2026-13-41T09:30:00Z"}, ("at", "wrong_type")),
    ({"text": "a", "at": 1732200000}, ("at", "wrong_type")),
    ({"text": "a", "on": "2026-02-30"}, ("on", "wrong_type")),
    ({"text": "a", "on": "2026-11-21T09:30:00Z"}, ("on", "wrong_type")),
    ({"text": "a", "amount": 5}, ("amount", "wrong_type")),
    ({"text": "a", "amount": "5.00"}, ("amount", "wrong_type")),
    ({"text": "a", "amount": {"amount": 5.5, "currency": "CNY"}}, ("amount.amount", "wrong_type")),
    ({"text": "a", "amount": {"amount": "1e5", "currency": "CNY"}}, ("amount.amount", "wrong_type")),
    ({"text": "a", "amount": {"amount": "NaN", "currency": "CNY"}}, ("amount.amount", "wrong_type")),
    ({"text": "a", "amount": {"amount": "1", "currency": "XXX"}}, ("amount.currency", "currency")),
    ({"text": "a", "amount": {"amount": "1", "currency": "CNY", "x": 1}}, ("amount.x", "unknown")),
    ({"text": "a", "person": 7}, ("person", "wrong_type")),
    ({"text": "a", "person": "nobody"}, ("person", "not_found")),
    ({"text": "a", "kind": "three"}, ("kind", "invalid_choice")),
    ({"text": "a", "notice": "x"}, ("notice", "wrong_type")),
    ({"text": "a", "notice": "01890000-0000-7000-8000-000000000000"}, ("notice", "not_found")),
    ({"text": "a", "lines": {}}, ("lines", "wrong_type")),
    ({"text": "a", "lines": [{"product": "p", "quantity": "1"}]}, ("lines.0.quantity", "wrong_type")),
    ({"text": "a", "lines": [{"product": "p"}, {"product": "p", "z": 1}]}, ("lines.1.z", "unknown")),
    ({"text": "a", "lines": ["p"]}, ("lines.0", "wrong_type")),
    ({"text": "a", "owner": "x"}, ("owner", "unknown")),
    ([], ("body", "wrong_type")),
    ("text", ("body", "wrong_type")),
    (7, ("body", "wrong_type")),
    ({"text": "a\x00b"}, ("text", "invalid_characters")),
    ({"text": "\ud800"}, ("text", "invalid_characters")),
    ({"text": "a", "lines": [{"product": "\x00"}]}, ("lines.0.product", "invalid_characters")),
]


@pytest.mark.parametrize(("body", "expected"), WRONG, ids=[json.dumps(body)[:60] for body, _e in WRONG])
def test_a_wrong_form_is_400_and_names_the_field(api: Api, body: object, expected: tuple[str, str]) -> None:
    assert expected in problem(api.post("probe/", body), 400, "invalid")


RANGE = [
    ({}, [("text", "required")]),
    (None, [("text", "required")]),
    ({"text": None}, [("text", "required")]),
    ({"text": "  "}, [("text", "required")]),
    ({"text": "a" * 10_001}, [("text", "out_of_range")]),
    ({"text": "a", "number": 0}, [("number", "out_of_range")]),
    ({"text": "a", "number": 10**400}, [("number", "out_of_range")]),
    ({"text": "a", "at": "0001-01-01T00:00:00+23:59"}, [("at", "out_of_range")]),
    ({"text": "a", "on": "9999-12-31"}, [("on", "out_of_range")]),
    ({"text": "a", "amount": {"amount": "-1.00", "currency": "CNY"}}, [("amount.amount", "out_of_range")]),
    ({"text": "a", "amount": {"currency": "CNY"}}, [("amount.amount", "required")]),
    ({"text": "a", "lines": [{"product": "a"}] * 4}, [("lines", "out_of_range")]),
    (
        {"number": 11, "lines": [{}]},
        [("text", "required"), ("number", "out_of_range"), ("lines.0.product", "required")],
    ),
]


@pytest.mark.parametrize(("body", "expected"), RANGE, ids=[json.dumps(body)[:60] for body, _e in RANGE])
def test_what_is_missing_or_out_of_range_is_422_all_at_once(
    api: Api, body: object, expected: list[tuple[str, str]]
) -> None:
    assert sorted(problem(api.post("probe/", body), 422, "invalid")) == sorted(expected)


def test_wrong_form_and_missing_together_are_400_and_all_listed(api: Api) -> None:
    errors = problem(api.post("probe/", {"number": "5", "x": 1}), 400, "invalid")
    assert sorted(errors) == [("number", "wrong_type"), ("text", "required"), ("x", "unknown")]


def test_what_is_right_is_read_as_it_is_meant(api: Api, someone: User) -> None:
    body = {
        "text": " 深圳 ",
        "number": 10,
        "at": "2026-11-21T17:30:00+08:00",
        "on": "2026-11-21",
        "amount": {"amount": "1234.5", "currency": "CNY"},
        "person": "SOMEONE",
        "lines": [{"product": "p", "quantity": 2}],
    }
    answer = api.post("probe/", body)
    assert answer.status_code == 201
    assert answer.data == {
        "text": "深圳",
        "number": 10,
        "at": "2026-11-21T09:30:00Z",
        "on": "2026-11-21",
        "person": {"id": str(someone.pk), "login": "someone", "name": "Some One"},
        "amount": {"amount": "1234.50", "currency": "CNY"},
        "lines": [{"product": "p", "quantity": 2}],
    }
    assert api.post("probe/", {"text": "a", "person": str(someone.pk)}).data["person"]["login"] == "someone"


RAW = [
    b"{",
    b"nonsense",
    b'{"text": NaN}',
    b'{"text": "a", "number": Infinity}',
    b'{"text": "a", "number": 1e999}',
    b'{"text": "\xff\xfe"}',
    b"[" * 100_000,
    b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    b'{"text": "a", "lines": ' + b"[" * 40 + b"]" * 40 + b"}",
    b'{"number": ' + b"9" * 5_000 + b"}",
    b'{"text": "\\ud800"}',
    b'{"\\ud800": "a"}',
    b'{"a\\u0000": "a"}',
    b"\x00",
    b"null",
]


@pytest.mark.parametrize("raw", RAW, ids=[repr(raw[:30]) for raw in RAW])
def test_what_is_no_json_is_400(api: Api, raw: bytes) -> None:
    problem(api.send("POST", "probe/", raw=raw), 400, "invalid")


def test_a_body_of_10_mb_is_413(api: Api) -> None:
    raw = b'{"text": "' + b"a" * 10_000_000 + b'"}'
    problem(api.send("POST", "probe/", raw=raw), 413, "too_large")


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "a", ";"]
)
def test_other_forms_of_body_are_415(api: Api, kind: str) -> None:
    problem(api.send("POST", "probe/", raw=b"text=a", Content_Type=kind), 415, "unsupported_media_type")
