"""Where records can be and how they move, read from the code itself: docs/states.md is drawn from here."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from leads.models import Lead
from opportunities.models import Opportunity, Quote
from orders.models import Order


@dataclass(frozen=True)
class Subject:
    """A kind of record with states: how it begins, and by which field it moves."""

    title: str
    model: Any
    field: str
    begins: tuple[tuple[str, str], ...]


SUBJECTS = (
    Subject("Lead", Lead, "state", (("new", "capture"), ("pooled", "capture of a third-party list"))),
    Subject(
        "Opportunity",
        Opportunity,
        "stage",
        (("confirmed", "convert, or opened by hand at any open stage"), ("scheduled", "signing of an order")),
    ),
    Subject("Quote", Quote, "state", (("draft", "draft_quote"),)),
    Subject("Order", Order, "state", (("draft", "draft"),)),
)


def moves(subject: Subject) -> dict[tuple[str, str], list[str]]:
    """Every pair of states that some transition joins, with the transitions' names, in a fixed order."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for t in subject.model._meta.get_field(subject.field).get_all_transitions(subject.model):
        targets = getattr(t.target, "allowed_states", None)
        for target in targets or [t.target]:
            if not (targets and target == t.source):  # a move to where it is already is none
                found[str(t.source), str(target)].add(t.name)
    return {pair: sorted(names) for pair, names in sorted(found.items())}


def mermaid(subject: Subject) -> str:
    """The drawing of one kind of record; what leads somewhere from every state is one arrow from “anywhere”."""
    pairs = moves(subject)
    states = {state for pair in pairs for state in pair}
    everywhere = {to for to in states if all((a, to) in pairs for a in states - {to})}
    lines = ["stateDiagram-v2"]
    lines += [f"    [*] --> {state}: {how}" for state, how in subject.begins]
    for (a, b), names in pairs.items():
        if b not in everywhere:
            lines.append(f"    {a} --> {b}: {', '.join(names)}")
    for to in sorted(everywhere):
        names = sorted({name for (_a, b), known in pairs.items() if b == to for name in known})
        lines.append(f"    anywhere --> {to}: {', '.join(names)}")
    return "\n".join(lines)


def document() -> str:
    """The whole page."""
    parts = [
        "# Where records can be",
        "Drawn from the code by `make graph`; do not edit. The same moves are the state machine of the models, the tables"
        "\n`MOVES` in each app's `rules.py` and triggers in the database; a test holds them equal.",
    ]
    for subject in SUBJECTS:
        meaning = (subject.model.__doc__ or "").strip().splitlines()
        table = "\n".join(line.strip() and line[4:] if n else line for n, line in enumerate(meaning))
        parts += [f"## {subject.title}", f"```text\n{table}\n```", f"```mermaid\n{mermaid(subject)}\n```"]
    return "\n\n".join(parts) + "\n"
