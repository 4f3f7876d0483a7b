"""The verbs of a lead, one function each; every page, API call, import and sweep comes through here."""

from leads.services.capture import Capture, Captured, capture, capture_many
from leads.services.disputes import contest, object_to, settle
from leads.services.editing import edit
from leads.services.extensions import approve_extension, ask_extension, reject_extension
from leads.services.handover import hand_out_waiting, hand_over, lock_round, pick_rep
from leads.services.judging import accept, return_mql
from leads.services.leaving import leave, preview_leaving
from leads.services.merging import keep_apart, merge, suggestions_for
from leads.services.moves import add_note, assign, invalidate, release, set_next_step, to_pool
from leads.services.passing import pass_on_unjudged, take
from leads.services.qualifying import qualify, reactivate
from leads.services.segments import Move, change_segments
from leads.services.week import expire_due, warn_due

__all__ = [
    "Capture",
    "Captured",
    "Move",
    "accept",
    "add_note",
    "approve_extension",
    "ask_extension",
    "assign",
    "capture",
    "capture_many",
    "change_segments",
    "contest",
    "edit",
    "expire_due",
    "hand_out_waiting",
    "hand_over",
    "invalidate",
    "keep_apart",
    "leave",
    "lock_round",
    "merge",
    "object_to",
    "pass_on_unjudged",
    "pick_rep",
    "preview_leaving",
    "qualify",
    "reactivate",
    "reject_extension",
    "release",
    "return_mql",
    "set_next_step",
    "settle",
    "suggestions_for",
    "take",
    "to_pool",
    "warn_due",
]
