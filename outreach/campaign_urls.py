"""Addresses of campaigns and their mailings."""

from typing import Any

campaigns: list[Any] = []
