"""Verbs on one's own notices."""

from accounts.models import Notice, User
from core import clock
from core.errors import NotFound
from core.locking import lock_one, verb


@verb
def read(notice: Notice, *, by: User) -> Notice:
    """A person has seen a notice; the first time counts. Raises NotFound for somebody else's."""
    held = lock_one(Notice.objects.all(), notice.pk)
    if held.user_id != by.pk:
        raise NotFound
    if held.read_at is None:
        held.read_at = clock.now()
        held.save(update_fields=["read_at"])
    return held
