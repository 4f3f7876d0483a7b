"""What the editor of scripts posts: three steps, each with its questions, as names with dots."""

from __future__ import annotations

import re
from typing import Any

from django.http import QueryDict

from calling.rules import STEPS

BLANK: list[dict[str, Any]] = [{"title": "", "text": "", "questions": []} for _step in STEPS]
LONGEST = {"name": 80, "title": 80, "text": 4000}
QUESTIONS = 12
_KEY = re.compile(r"[^\w]+")


def posted(data: QueryDict) -> dict[str, Any]:
    """Name, steps and switches as `save_script` takes them; rows left empty are left out."""
    return {
        "name": _text(data, "name", LONGEST["name"]),
        "steps": [_step(data, n) for n in STEPS],
        "is_default": data.get("is_default") == "on",
        "active": data.get("active") == "on",
    }


def _step(data: QueryDict, number: int) -> dict[str, Any]:
    questions = []
    for place in range(QUESTIONS):
        field = f"steps.{number}.questions.{place}"
        text, key = _text(data, f"{field}.text", 300), _text(data, f"{field}.key", 60)
        if text or key:
            # Who gives no short name gets one: answers need something to be kept under.
            questions.append({"key": _KEY.sub("_", key).strip("_") or f"q{number}_{place + 1}", "text": text})
    return {
        "title": _text(data, f"steps.{number}.title", LONGEST["title"]),
        "text": _text(data, f"steps.{number}.text", LONGEST["text"]),
        "questions": questions,
    }


def _text(data: QueryDict, name: str, most: int) -> str:
    return data.get(name, "").replace("\x00", "").strip()[:most]
