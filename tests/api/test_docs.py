"""The OpenAPI document and its readable form."""

import re

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_the_schema_is_openapi_3_1_and_open_to_all() -> None:
    answer = Client().get("/api/v1/schema/")
    assert answer.status_code == 200
    schema = answer.json()
    assert schema["openapi"].startswith("3.1")
    assert "/api/v1/me/" in schema["paths"]
    assert {"key", "session"} <= set(schema["components"]["securitySchemes"])


def test_every_operation_tells_its_problems_and_lists_their_pages() -> None:
    paths = Client().get("/api/v1/schema/").json()["paths"]
    for path, operations in paths.items():
        for method, operation in operations.items():
            assert {"400", "401", "403", "404", "429"} <= set(operation["responses"]), (path, method)
    assert {"cursor", "page_size", "count", "ordering", "kind"} <= {
        parameter["name"] for parameter in paths["/api/v1/notices/"]["get"]["parameters"]
    }


def test_the_schema_has_no_warnings(capsys: pytest.CaptureFixture[str]) -> None:
    from core.api import docs

    docs._schema.cache_clear()
    Client().get("/api/v1/schema/")
    said = capsys.readouterr()
    assert "Error" not in said.err + said.out
    assert "Warning" not in said.err + said.out


def test_the_readable_form_has_no_inline_script() -> None:
    page = Client().get("/api/v1/docs/")
    assert page.status_code == 200
    html = page.content.decode()
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", html, re.DOTALL)
    assert scripts
    for attributes, inline in scripts:
        assert 'src="/' in attributes
        assert not inline.strip()
    source = next(re.search(r'src="([^"]*script[^"]*)"', a).group(1) for a, _i in scripts if "?" in a)  # type: ignore[union-attr]
    script = Client().get(source.replace("&amp;", "&"))
    assert script.status_code == 200
    assert "javascript" in script["Content-Type"]
