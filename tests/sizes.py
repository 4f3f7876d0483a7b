"""What of a table is tried in the quick suite, and what in the longer one."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Any

import pytest


def in_turn(values: Iterable[Any], quick: Container[Any]) -> list[Any]:
    """The values as parameters; those that are not quick are marked for the longer suite."""
    return [value if value in quick else pytest.param(value, marks=pytest.mark.slow) for value in values]
