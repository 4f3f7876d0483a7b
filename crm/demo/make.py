"""Makes the whole firm: what will happen is planned, then happens."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import F

from accounts.models import Notice, User
from core import clock
from crm.demo import deals, desk, ending, firm, reps, special
from crm.demo.world import World


def there_is_data() -> bool:
    """Whether somebody works here already."""
    return User.objects.exists()


def make_firm(*, seed: int = 7, days: int = 90) -> World:
    """Run the real verbs through so many days that end now; the same seed and end make the same firm."""
    world = World(seed, days, clock.now())
    world.at(world.start, firm.found)
    desk.days(world)
    reps.days(world)
    deals.days(world)
    special.days(world)
    ending.days(world)
    world.run()
    _read_old_notices(world)
    return world


def _read_old_notices(world: World) -> None:
    """People have read what they were told, but for the last hours."""
    hours = timedelta(hours=6)
    Notice.objects.filter(at__lt=world.end - hours).update(read_at=F("at"))
