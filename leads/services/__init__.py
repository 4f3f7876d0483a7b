"""The verbs of a lead, one function each; every page, API call, import and sweep comes through here."""

from leads.services.capture import Capture, Captured, capture, capture_many
from leads.services.editing import edit
from leads.services.handover import hand_out_waiting, hand_over, lock_round, pick_rep
from leads.services.judging import accept, return_mql
from leads.services.moves import add_note, assign, invalidate, release, set_next_step, to_pool
from leads.services.qualifying import qualify, reactivate
from leads.services.week import expire_due, warn_due

__all__ = [
    "Capture",
    "Captured",
    "accept",
    "add_note",
    "assign",
    "capture",
    "capture_many",
    "edit",
    "expire_due",
    "hand_out_waiting",
    "hand_over",
    "invalidate",
    "lock_round",
    "pick_rep",
    "qualify",
    "reactivate",
    "release",
    "return_mql",
    "set_next_step",
    "to_pool",
    "warn_due",
]
