"""The verbs of an opportunity."""

from opportunities.services.converting import Need, convert, needs_of
from opportunities.services.following import hand_on, merge_away
from opportunities.services.moving import activate_due, advance, back, lose, reopen, take_over, update, win
from opportunities.services.next_chance import open_again, open_next, schedule_next

__all__ = [
    "Need",
    "activate_due",
    "advance",
    "back",
    "convert",
    "hand_on",
    "lose",
    "merge_away",
    "needs_of",
    "open_again",
    "open_next",
    "reopen",
    "schedule_next",
    "take_over",
    "update",
    "win",
]
