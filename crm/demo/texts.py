"""Picks the words for a moment, in the contact's language."""

from __future__ import annotations

from random import Random
from typing import Any

from crm.demo import texts_en, texts_zh

_BOOKS = {"zh": texts_zh, "en": texts_en}


def say(rng: Random, language: str, kind: str, **words: Any) -> str:
    """A sentence of this kind."""
    book = _BOOKS[language]
    words.setdefault("n", rng.randint(3, 24))
    words.setdefault("product", "诊所云" if language == "zh" else "Clinic Cloud")
    if "competitor" not in words:
        words["competitor"] = rng.choice(book.COMPETITORS)
    return rng.choice(book.TEXTS[kind]).format(**words)


def competitor(rng: Random, language: str) -> str:
    """Somebody else who sells to clinics."""
    return rng.choice(_BOOKS[language].COMPETITORS)
