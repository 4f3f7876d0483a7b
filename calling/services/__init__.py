"""The verbs of the calling desk."""

from calling.services.desk import drop_lease, held_lead, next_lead, take_lease
from calling.services.logging import log_call
from calling.services.scripts import active_version, may_edit, save_script

__all__ = [
    "active_version",
    "drop_lease",
    "held_lead",
    "log_call",
    "may_edit",
    "next_lead",
    "save_script",
    "take_lease",
]
