"""What imports add to the machinery below, through core.hooks."""

from __future__ import annotations

from core import hooks

from . import services


def connect() -> None:
    """Fill the points."""
    from . import pages  # noqa: F401  (importing it fills the points of the shell)

    hooks.sweeps.register(services.sweep)
    hooks.merged.register(services.follow)
