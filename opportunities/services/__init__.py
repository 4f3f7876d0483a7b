"""The verbs of an opportunity."""

from opportunities.services.converting import Need, convert, needs_of
from opportunities.services.evidence import (
    answer_presales,
    ask_presales,
    change_experience,
    plan_experience,
    take_presales,
)
from opportunities.services.following import hand_on, merge_away
from opportunities.services.letterhead import save_letterhead
from opportunities.services.moving import activate_due, advance, back, lose, reopen, take_over, update, win
from opportunities.services.needs import set_needs
from opportunities.services.next_chance import open_again, open_next, schedule_next
from opportunities.services.quoting import (
    draft_quote,
    revise_quote,
    send_quote,
    update_quote,
)
from opportunities.services.worth import take_amount

__all__ = [
    "Need",
    "activate_due",
    "advance",
    "answer_presales",
    "ask_presales",
    "back",
    "change_experience",
    "convert",
    "draft_quote",
    "hand_on",
    "lose",
    "merge_away",
    "needs_of",
    "open_again",
    "open_next",
    "plan_experience",
    "reopen",
    "revise_quote",
    "save_letterhead",
    "schedule_next",
    "send_quote",
    "set_needs",
    "take_amount",
    "take_over",
    "take_presales",
    "update",
    "update_quote",
    "win",
]
