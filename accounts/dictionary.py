"""The dictionary: what this firm calls a lead, an MQL, an order (R14.4)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import Hat, Term, User
from core import clock, events
from core.errors import FieldError, Forbidden, NotFound, RuleRefused
from core.locking import lock_one, verb

LIMITS = {"word_en": 60, "word_zh": 60, "text_en": 1000, "text_zh": 1000}


def may_define(user: User) -> bool:
    """An administrator keeps the dictionary; everybody reads it."""
    return user.wears(Hat.ADMIN)


@verb
def define(term: Term | str, *, by: User, **fields: str) -> Term:
    """Say what a word means here: word_en, word_zh, text_en, text_zh (R14.4).

    Raises NotFound, Forbidden, RuleRefused with every field that is wrong.
    """
    if not may_define(by):
        raise Forbidden(detail=_("Only an administrator changes the dictionary."))
    try:
        pk = term.pk if isinstance(term, Term) else Term.objects.values_list("pk", flat=True).get(code=term)
    except Term.DoesNotExist:
        raise NotFound() from None
    row = lock_one(Term.objects.all(), pk)
    new = {name: value.strip() for name, value in fields.items()}
    errors = []
    for name, value in new.items():
        if name not in LIMITS:
            errors.append(FieldError(name, "unknown", _("There is no such field.")))
        elif not value or "\x00" in value:
            errors.append(FieldError(name, "required", _("A word of the dictionary needs this.")))
        elif len(value) > LIMITS[name]:
            message = _("At most %(most)s characters.") % {"most": LIMITS[name]}
            errors.append(FieldError(name, "too_long", message))
    if errors:
        raise RuleRefused(errors=errors)
    changed = {
        name: (getattr(row, name), value) for name, value in new.items() if getattr(row, name) != value
    }
    if changed:
        for name, (_old, value) in changed.items():
            setattr(row, name, value)
        row.changed_by, row.changed_at = by, clock.now()
        row.store(*changed, "changed_by", "changed_at")
        events.record(
            events.Fact("term_changed", row, row.changed_at, by, data={"term": row.code}, texts=changed)
        )
    return row


def meanings() -> dict[str, dict[str, str]]:
    """Every word with its definition, in the reader's language: {code: {word, text}}."""
    tongue = "zh" if (get_language() or "").startswith("zh") else "en"
    rows = Term.objects.values_list("code", f"word_{tongue}", f"text_{tongue}")
    return {code: {"word": word, "text": text} for code, word, text in rows}


def words_of(term: Term) -> dict[str, Any]:
    """A word in the reader's language first, as its page shows it."""
    zh = (get_language() or "").startswith("zh")
    return {
        "term": term,
        "word": term.word_zh if zh else term.word_en,
        "text": term.text_zh if zh else term.text_en,
        "other_word": term.word_en if zh else term.word_zh,
        "other_text": term.text_en if zh else term.text_zh,
        "other": "en" if zh else "zh-Hans",
    }
