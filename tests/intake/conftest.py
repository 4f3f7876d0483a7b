"""What the tests of imports share: files made of rows, and imports that have run to their end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from intake import services
from intake.models import Import
from tests.cast import firm as firm
from tests.cast import watch as watch


@pytest.fixture
def a_file(tmp_path: Path) -> Callable[..., Path]:
    """A CSV of these lines, under a heading of name, phone, e-mail and WeChat unless one is given."""

    def make(*lines: str | Sequence[str], head: str = "姓名,手机,邮箱,微信") -> Path:
        path = tmp_path / "leads.csv"
        rows = [line if isinstance(line, str) else ",".join(line) for line in lines]
        path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
        return path

    return make


@pytest.fixture
def bring() -> Callable[..., Import]:
    """Import a file here and now."""

    def run(path: Path, **more: object) -> Import:
        more.setdefault("by", None)
        return services.run_to_end(services.start_import(path, enqueue=False, **more))  # type: ignore[arg-type]

    return run


def counts(leads_file: Import) -> tuple[int, int, int]:
    """New, known, refused."""
    job = leads_file.job
    assert job.state == "done", leads_file.refusal
    assert job.total == job.done == job.created + job.known + job.rejected
    return job.created, job.known, job.rejected
