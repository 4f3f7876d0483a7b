"""Makes the whole firm: what will happen is planned, then happens."""

from __future__ import annotations

from accounts.models import User
from core import clock
from crm.demo import (
    branches,
    campaigns,
    closing,
    deals,
    desk,
    ending,
    firm,
    history,
    life,
    lists,
    reps,
    scripts,
    shop,
    special,
    twins,
    verdicts,
)
from crm.demo.world import World

PARTS = (
    branches,
    campaigns,
    shop,
    history,
    scripts,
    lists,
    desk,
    reps,
    deals,
    special,
    verdicts,
    twins,
    life,
    ending,
    closing,
)


def there_is_data() -> bool:
    """Whether somebody works here already."""
    return User.objects.exists()


def make_firm(*, seed: int = 7, days: int = 90) -> World:
    """Run the real verbs through so many days that end now; the same seed and end make the same firm."""
    world = World(seed, days, clock.now())
    world.at(world.opening, firm.found)
    for part in PARTS:
        part.days(world)
    world.run()
    return world
