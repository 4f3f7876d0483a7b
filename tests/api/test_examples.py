"""docs/api.md is true: its examples are run as they stand, and every path that it names is one of the schema."""

import json
import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client

from core import clock
from tests.api.conftest import Api
from tests.api.firm import Firm

pytestmark = pytest.mark.django_db

PAGE = Path(settings.BASE_DIR) / "docs" / "api.md"
RUN = ["A key", "From a form to a signed order", "From a quote to the money", "Figures", "Lists"]
ROOT = "http://127.0.0.1:8000/api/v1"
WHEN = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def sections() -> dict[str, str]:
    """What stands between ``` under each heading."""
    parts = re.split(r"^## (.+)$", PAGE.read_text(), flags=re.MULTILINE)
    return {
        title: "\n".join(re.findall(r"^```\n(.*?)^```", text, re.MULTILINE | re.DOTALL))
        for title, text in zip(parts[1::2], parts[2::2], strict=True)
    }


def commands(text: str) -> Iterator[str]:
    """One shell command after the other; one goes on over lines while a quote is open or the line ends with a \\."""
    held = ""
    for line in text.splitlines():
        if not held and (not line.strip() or line.startswith(("#", "{", " "))):
            continue
        held = f"{held}\n{line}" if held else line
        if held.endswith("\\"):
            held = held[:-1]
            continue
        try:
            shlex.split(held, comments=True)
        except ValueError:
            continue
        yield held
        held = ""


class Shell:
    """A shell that knows variables, keys and curl, and asks the API of the test."""

    def __init__(self, firm: Firm) -> None:
        self.firm = firm
        self.known: dict[str, str] = {}
        self.last: Any = {}

    def run(self, command: str) -> int:
        """Run a command; answers the status of a request, 0 for what is none."""
        set_ = re.fullmatch(r"([A-Z]+)=(.*)", command, re.DOTALL)
        if set_:
            self.known[set_[1]] = self.value(set_[1], set_[2])
            return 0
        return self.curl(re.sub(r"\$([A-Z]+)", lambda found: self.known[found[1]], command))

    def value(self, name: str, told: str) -> str:
        """What a variable becomes: a key, the first of a list, the id of the last answer, or a part of it."""
        if key := re.search(r"api_key (\w+)", told):
            return str(getattr(self.firm, key[1]).headers["Authorization"]).removeprefix("Bearer ")
        if told.startswith("$("):
            assert self.run(told[2:].split(" | ")[0]) == 200, told
            return str(self.last["results"][0]["id"])
        if told.startswith("…"):
            part = self.last.get(name.lower(), self.last)
            return str((part["results"][0] if "results" in part else part)["id"])
        return shlex.split(told, comments=True)[0]

    def curl(self, command: str) -> int:
        """Ask what curl would ask."""
        words = shlex.split(command, comments=True)
        assert words[0] == "curl", command
        method, body, url, headers = "", None, "", {}
        it = iter(words[1:])
        for word in it:
            if word == "-X":
                method = next(it)
            elif word == "-H":
                name, _, text = next(it).partition(": ")
                headers[name.replace("-", "_")] = text
            elif word == "-d":
                body = json.loads(next(it))
            elif word == "-o":
                next(it)
            elif word != "-s":
                url = word
        api = Api(headers.pop("Authorization").removeprefix("Bearer "))
        answer = api.send(
            method or ("GET" if body is None else "POST"), url.removeprefix(ROOT + "/"), body, **headers
        )
        assert answer.status_code < 400, (command, answer.content)
        self.last = answer.data if answer.data is not None else self.last
        return answer.status_code


def test_the_examples_run_as_they_stand(firm: Firm) -> None:
    shell, told = Shell(firm), sections()
    asked = 0
    with clock.at(WHEN):
        for title in RUN:
            for command in commands(told[title]):
                asked += bool(shell.run(command))
    assert asked > 25


def test_every_path_that_is_named_is_there() -> None:
    paths = Client().get("/api/v1/schema/").json()["paths"]
    there = [re.compile(re.sub(r"{\w+}", "[^/]+", path.removeprefix("/api/v1/"))) for path in paths]
    named = set(re.findall(r"\$A/([^\s\"']*)", PAGE.read_text()))
    named |= set(re.findall(r"^\| `([a-z]+/[^`]*)`", PAGE.read_text(), re.MULTILINE))
    wrong = [path for path in named if not any(known.fullmatch(urlsplit(path).path) for known in there)]
    assert wrong == []
    assert len(named) > 30
