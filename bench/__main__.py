"""`make bench`, or `python -m bench [--full] [name …]`: prints a table for docs/measurements.md."""

from __future__ import annotations

import sys
from datetime import date

from bench.database import empty, opened
from bench.measure import machine

SIZES = {  # name: (short, full)
    "expiry": (5_000, 100_000),
    "actions": (100, 1_000),
    "reading": (5_000, 100_000),
    "capturing": (5_000, 100_000),
    "due": (5_000, 100_000),
    "reach": (100, 20_000),
}


def main(words: list[str]) -> None:
    """Run the wanted figures."""
    full = "--full" in words
    wanted = [word for word in words if not word.startswith("-")] or list(SIZES)
    unknown = set(wanted) - set(SIZES)
    if unknown:
        sys.exit(f"There is no {', '.join(sorted(unknown))}; there are {', '.join(SIZES)}.")
    tell(f"{date.today().isoformat()}, {machine()}\n")  # noqa: DTZ011 - the day on the wall
    tell("| what | measured | baseline | ratio |\n|---|---|---|---|")
    with opened():
        for name in wanted:
            figures = __import__(f"bench.{name}", fromlist=["run"])
            for figure in figures.run(SIZES[name][full]):
                tell(figure.row())
            empty()


def tell(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
