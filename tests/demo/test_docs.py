"""What the documents name exists: files, tests, links, log-ins."""

from __future__ import annotations

import re

import pytest
from django.conf import settings

from crm.demo.people import CAST, PASSWORD

BASE = settings.BASE_DIR
DOCS = [
    BASE / "README.md",
    BASE / "CONTRIBUTING.md",
    BASE / "CHANGELOG.md",
    *sorted((BASE / "docs").rglob("*.md")),
]
TEST = re.compile(r"`(test_\w+)`")
SUITE = "\n".join(path.read_text(encoding="utf-8") for path in sorted((BASE / "tests").rglob("test_*.py")))
PATH = re.compile(
    r"`((?:core|accounts|catalogue|contacts|outreach|leads|calling|intake|pool|opportunities|orders|crm|tests)/[\w/.]*)`"
)
LINK = re.compile(r"\]\(([^)#:]+)\)")


def name(path):
    return str(path.relative_to(BASE))


@pytest.mark.parametrize("path", DOCS, ids=name)
def test_what_a_document_names_exists(path):
    text = path.read_text(encoding="utf-8")
    missing = [word for word in PATH.findall(text) if not (BASE / word).exists()]
    missing += [link for link in LINK.findall(text) if not (path.parent / link).exists()]
    missing += [test for test in TEST.findall(text) if f"def {test}(" not in SUITE]
    assert missing == []


def test_the_read_me_is_short_and_names_everybody():
    text = (BASE / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 120
    assert PASSWORD in text
    assert all(f"`{member.login}`" in text for member in CAST)
