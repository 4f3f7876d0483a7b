"""A first look at a file: what it is, where its headings stand, what its columns are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from .headings import Column, Head, find_head, fingerprint, reaches, recognise
from .reading import Refused, Row, Table, open_table
from .reading.limits import MAX_COLUMNS

SAMPLE = 200


@dataclass
class Look:
    """An open file with its headings and columns."""

    table: Table
    head: Head
    columns: list[Column]

    def rows(self) -> Iterator[Row]:
        """The rows below the headings."""
        return (row for row in self.table.rows() if row.line > self.head.line)


@contextmanager
def look(
    path: str | Path,
    *,
    given: Mapping[str, str] | None = None,
    remembered: Callable[[str], Mapping[str, str]] = lambda key: {},
) -> Iterator[Look]:
    """Open a file and recognise its columns; `remembered` answers for the fingerprint of the headings.

    Raises Refused when it is no table, has no rows, too many columns, or reaches nobody (R1.1).
    """
    with open_table(path) as table:
        sample = list(islice(table.rows(), SAMPLE))
        if not sample:
            raise Refused("file_empty")
        widest = max(len(row.values) for row in sample)
        if widest > MAX_COLUMNS:
            raise Refused("file_too_many_columns", found=widest, limit=MAX_COLUMNS)
        head = find_head(sample)
        known = remembered(fingerprint(head.headings)) if any(head.headings) else {}
        columns = recognise(head, sample, given=given, remembered=known)
        if not any(reaches(column.field) for column in columns):
            raise Refused("file_no_way_to_reach")
        yield Look(table, head, columns)
