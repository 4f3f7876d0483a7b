"""What tests of channels need: a stub of a provider, short waits, loopback allowed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from outreach.channels import sdk, wire
from tests.outreach.stubs import Stub, stub_server


@pytest.fixture
def stub(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stub]:
    """A provider on loopback, which the guard lets through for this test; nobody waits long for one that hangs."""
    settings.INTERNAL_HOSTS = ["127.0.0.1"]
    monkeypatch.setattr(sdk, "READ", 0.4)
    monkeypatch.setattr(wire, "READ", 0.4)
    with stub_server() as server:
        yield server


@pytest.fixture
def outbox(settings: Any, tmp_path: Path) -> Path:
    """Where the file drivers write in this test."""
    settings.VAR = tmp_path
    return tmp_path / "outbox"
