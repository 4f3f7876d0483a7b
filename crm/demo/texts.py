"""Picks the words for a moment, in the contact's language."""

from __future__ import annotations

from random import Random
from typing import Any

from crm.demo import texts_en, texts_zh

_BOOKS = {"zh": texts_zh, "en": texts_en}


def say(rng: Random, language: str, kind: str, said: set[str] | None = None, **words: Any) -> str:
    """A sentence of this kind; one that was not `said` yet, as long as there is one."""
    book = _BOOKS[language]
    words.setdefault("n", rng.randint(3, 24))
    words.setdefault("product", "诊所云" if language == "zh" else "Clinic Cloud")
    if "competitor" not in words:
        words["competitor"] = rng.choice(book.COMPETITORS)
    choice = rng.choice([text for text in book.TEXTS[kind] if text not in (said or ())] or book.TEXTS[kind])
    if said is not None:
        said.add(choice)
    return choice.format(**words)


def competitor(rng: Random, language: str) -> str:
    """Somebody else who sells to clinics."""
    return rng.choice(_BOOKS[language].COMPETITORS)
