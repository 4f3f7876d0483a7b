"""Q18: schemathesis on every operation of the schema: no 5xx, no undocumented status, answers as described."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.db import connection
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.firm import Firm

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

EXAMPLES = 25
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
PARTS = [
    "cadences",
    "calling",
    "campaigns",
    "capture",
    "cases",
    "companies",
    "contacts",
    "dictionary",
    "events",
    "extensions",
    "imports",
    "leads",
    "mailings",
    "me",
    "messages",
    "notices",
    "opportunities",
    "orders",
    "pool",
    "presales",
    "products",
    "quotes",
    "reports",
    "rulebook",
    "teams",
    "templates",
    "users",
]


@pytest.fixture
def document(db: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The schema, bound to the application; a real request would close this test's connection at its end."""
    monkeypatch.setattr(connection, "close_if_unusable_or_obsolete", lambda: None)
    return schemathesis.openapi.from_wsgi("/api/v1/schema/", get_wsgi_application())


def _operations(document: Any) -> Iterator[Any]:
    for found in document.get_all_operations():
        yield found.ok()


def test_Q18_no_part_is_left_out(document: Any) -> None:
    assert sorted({operation.path.split("/")[3] for operation in _operations(document)}) == PARTS


@pytest.mark.parametrize("part", PARTS)
def test_Q18_whatever_is_sent_the_answer_is_a_documented_one(document: Any, firm: Firm, part: str) -> None:
    firm.pooled()
    firm.signed()
    firm.quote(firm.asked()["opportunity"])
    headers = {"Authorization": firm.ada.headers["Authorization"]}
    wrong: list[str] = []
    for operation in _operations(document):
        if operation.path.split("/")[3] == part:
            wrong += _try(operation, headers)
    assert wrong == [], "\n\n".join(wrong)


def _try(operation: Any, headers: dict[str, str]) -> list[str]:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def run(case: Any) -> None:
        case.call_and_validate(headers=headers, checks=CHECKS)

    try:
        run()
    except Exception as found:
        told = "\n".join(str(part) for part in getattr(found, "exceptions", [found]))
        return [f"{operation.method.upper()} {operation.path}: {told}\n{found}"]
    return []
