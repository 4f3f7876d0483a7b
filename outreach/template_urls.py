"""Addresses of templates."""

from typing import Any

templates: list[Any] = []
