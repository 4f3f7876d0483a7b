"""Reads docker-compose.yml as an engine would: anchors merged, variables put in."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

BASE = Path(__file__).resolve().parent.parent.parent
VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


def text() -> str:
    """The file as it is committed."""
    return (BASE / "docker-compose.yml").read_text(encoding="utf-8")


def interpolated(values: dict[str, str]) -> dict[str, Any]:
    """The file with these values for its variables; raises KeyError for a needed one that is missing."""

    def value(match: re.Match[str]) -> str:
        name, kind, rest = match.groups()
        if values.get(name):
            return values[name]
        if kind == "-":
            return rest
        raise KeyError(f"{name} is needed")

    return yaml.safe_load(VARIABLE.sub(value, text()))


def start_order(services: dict[str, Any]) -> list[str]:
    """The services so that each comes after those that it waits for."""
    order: list[str] = []

    def visit(name: str) -> None:
        for before in services[name].get("depends_on", {}):
            visit(before)
        if name not in order:
            order.append(name)

    for name in services:
        visit(name)
    return order
