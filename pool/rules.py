"""The numbers of claiming (R10.3), of silence (R10.1) and of worn leads (R10.7)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.rulebook import rule

rule("claiming", True, "R10.3", _("Reps may claim from the pool"), kind="bool")
rule("claims_a_day", 10, "R10.3", _("Claims a rep has each day"), least=0, most=1000)
rule(
    "cooldown_days",
    30,
    "R10.3",
    _("Days in which who let a lead go cannot claim it"),
    unit=_("days"),
    least=0,
    most=3650,
)

rule(
    "dormant_after",
    5,
    "R10.1",
    _("Touches in a row without a reaction after which a lead is dormant"),
    least=1,
    most=50,
)
rule(
    "inactive_days",
    90,
    "R10.1",
    _("Days without a reaction after which a lead is long inactive"),
    unit=_("days"),
    least=1,
    most=3650,
)
rule("worn_leads", False, "R10.7", _("Worn leads rest, and marketing decides"), kind="bool", branch=True)
rule("worn_reps", 3, "R10.7", _("Reps in a row on whom a lead expired until it is worn"), least=1, most=20)
rule(
    "worn_days",
    90,
    "R10.7",
    _("Days in which nobody claims a worn lead"),
    unit=_("days"),
    least=1,
    most=3650,
)
rule("fairness", False, "R10.9", _("Fairness report of claims"), kind="bool", branch=True)

BATCH_MOST = 200

REASONS = {
    "not_claimable": _("Not to be claimed: it has to be qualified by phone first."),
    "claiming_off": _("Claiming from the pool is turned off at the moment."),
    "claim_limit_day": _("You have used all your claims of today."),
    "capacity_reached": _("You hold as many open records as allowed."),
    "claim_cooldown": _("You let this lead go not long ago: somebody else's turn first."),
    "lead_worn": _("It expired on several colleagues in a row: it rests, and marketing decides."),
    "already_claimed": _("A colleague was faster: this lead is already taken."),
    "transition_not_allowed": _("It is not in the pool any more."),
    "not_found": _("There is nothing here, or it is not yours to see."),
    "overdue": _("The week for this lead is over: it has gone back to the public pool."),
}
