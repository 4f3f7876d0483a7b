from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from leads.models import Lead

HEAD = """# Where a lead can be

Drawn from the code by `make graph`; a test holds code, table and database trigger equal.

"""


def moves() -> list[tuple[str, str, str]]:
    """Every move of a lead that the code allows: from, to, and the name of the transition."""
    field = Lead._meta.get_field("state")
    found = {
        (str(move.source), str(move.target), move.name)
        for move in field.get_all_transitions(Lead)
        if move.source != "*" and move.target is not None
    }
    return sorted(found)


def drawing() -> str:
    """The state graph as a Mermaid diagram and a table with the meaning of each move."""
    lines = [f"    {source} --> {target}: {name}" for source, target, name in moves()]
    rows = []
    for name in sorted({name for _source, _target, name in moves()}):
        meaning = " ".join((getattr(Lead, name).__doc__ or "").split())
        rows.append(f"| `{name}` | {meaning} |")
    graph = "\n".join(
        ["```mermaid", "stateDiagram-v2", "    [*] --> new", "    [*] --> pooled", *lines, "```"]
    )
    return HEAD + graph + "\n\n| move | meaning |\n|---|---|\n" + "\n".join(rows) + "\n"


class Command(BaseCommand):
    help = "Draws where a lead can be, from the code, into docs/states.md."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "--check", action="store_true", help="only tell whether the drawing is up to date"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.BASE_DIR) / "docs" / "states.md"
        if options["check"]:
            if not path.exists() or path.read_text(encoding="utf-8") != drawing():
                self.stderr.write("docs/states.md is not up to date: make graph")
                raise SystemExit(1)
            return
        path.parent.mkdir(exist_ok=True)
        path.write_text(drawing(), encoding="utf-8")
        self.stdout.write(str(path.relative_to(settings.BASE_DIR)))
