"""Points at which upper apps add to lower ones. Filled in `AppConfig.ready()`, called in app order, in the
caller's transaction, in batches. A hook adds or answers; it never vetoes. There are no Django signals for business."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


class Point(Generic[F]):
    """One point: `register` fills it, calling it answers what every filler answered, in app order."""

    def __init__(self, meaning: str) -> None:
        self.meaning = meaning
        self.fillers: list[F] = []

    def register(self, filler: F) -> F:
        """Add a filler; usable as a decorator. Registering the same one twice does nothing."""
        if filler not in self.fillers:
            self.fillers.append(filler)
        return filler

    def __call__(self, *args: Any, **kwargs: Any) -> list[Any]:
        return [filler(*args, **kwargs) for filler in self.fillers]

    def merged(self, *args: Any, **kwargs: Any) -> dict[Any, Any]:
        """The answers (each a dict of id → dict, or id → number) made into one."""
        found: dict[Any, Any] = {}
        for answer in self(*args, **kwargs):
            for key, value in answer.items():
                if isinstance(value, dict):
                    found.setdefault(key, {}).update(value)
                elif isinstance(value, list):
                    found.setdefault(key, []).extend(value)
                else:
                    found[key] = found.get(key, 0) + value
        return found


lead_visibility: Point[Callable[..., Any]] = Point("(user) -> Q over leads that this user may see as well")
contact_visibility: Point[Callable[..., Any]] = Point(
    "(user) -> Q over contacts that this user may see as well"
)
company_visibility: Point[Callable[..., Any]] = Point(
    "(user) -> Q over companies that this user may see as well"
)
contact_keepers: Point[Callable[..., Any]] = Point(
    "(user, contact ids) -> set of ids of those whose details this user keeps right (R15.2)"
)
masked_contacts: Point[Callable[..., Any]] = Point(
    "(contact ids) -> set of ids whose details are masked (R10.4)"
)
amounts_seen: Point[Callable[..., Any]] = Point(
    "(user, {subject type: ids}) -> set of ids of the records whose amounts this user may see (R15.2)"
)
masked_rows: Point[Callable[..., Any]] = Point("() -> Q over contacts whose details are masked (R10.4)")
lead_parts: Point[Callable[..., Any]] = Point("(leads, user, at) -> {lead id: parts of its JSON}")
lead_actions: Point[Callable[..., Any]] = Point("(leads, user, at) -> {lead id: [action]}")
lead_panels: Point[Callable[..., Any]] = Point(
    "(lead, user, at) -> [Panel(template, context, order)] of its page"
)
lead_page_parts: Point[Callable[..., Any]] = Point(
    "(lead, user, at) -> [core.web.panels.Part] of a lead's page"
)
open_load: Point[Callable[..., Any]] = Point("(user ids) -> {user id: open records} counted against capacity")
owner_changed: Point[Callable[..., Any]] = Point(
    "(lead ids, new owner, by, at) converted leads go to another owner"
)
opportunity_lost: Point[Callable[..., Any]] = Point("(opportunity, by, at) an opportunity was lost (R8.7)")
overdue_met: Point[Callable[..., Any]] = Point("(lead ids) an edge met leads whose week is over (R6.2)")
overdue_leads: Point[Callable[..., Any]] = Point(
    "(contact ids, at) -> ids of leads whose week is over (R6.2)"
)
merged: Point[Callable[..., Any]] = Point("(lead that stays, lead that goes, by) two people became one")
erased: Point[Callable[..., Any]] = Point("(contact ids) people asked to be forgotten (R15.5)")
leaving: Point[Callable[..., Any]] = Point(
    "(user, by, heirs: who takes over, see leads.services.heirs, at) a person leaves the firm (R15.3)"
)
moved: Point[Callable[..., Any]] = Point(
    "(user) a person works in another team now: what is open goes along, so that its managers see it (R15.2)"
)
held: Point[Callable[..., Any]] = Point(
    "(user) -> [(kind, query of what this person owns and leaves to others)] (R15.3)"
)
consent: Point[Callable[..., Any]] = Point(
    "(contact, {flag: wanted}, by, at) somebody changes what a locked contact allows: do_not_call, do_not_sms, "
    "do_not_email (R11.2)"
)
pool_left: Point[Callable[..., Any]] = Point(
    "(leads, at) these leads have just left the pool: cadences stop, what was not sent is withdrawn (R10.5)"
)
segment_changed: Point[Callable[..., Any]] = Point(
    "(moves: leads.services.segments.Move) these leads have moved within the pool: so do their cadences (R10.1)"
)
message_over: Point[Callable[..., Any]] = Point(
    "(message) -> why what it was written for is over (a word of outreach's WHY_HELD), or empty (R10.5)"
)
message_left: Point[Callable[..., Any]] = Point(
    "(messages, at) these messages have just left: the silence of their people grows (R10.1)"
)
audience: Point[Callable[..., Any]] = Point(
    "(query of a saved view of leads, user) -> query of ids of the contacts in it (campaigns' mailings)"
)
campaign_figures: Point[Callable[..., Any]] = Point(
    "(campaign ids, user) -> {campaign id: {figure: number}} from lead to order (R11.6, R14.2)"
)
search: Point[Callable[..., Any]] = Point("(user, text, limit) -> [Hit]")
needs: Point[Callable[..., Any]] = Point(
    "(user) -> query of what the open opportunities that this user sees need: product, industry of the company, amount, "
    "since, and early: whether cases are shown now (R8.6)"
)
agreed_in: Point[Callable[..., Any]] = Point(
    "() -> set of the currencies in which something was priced or agreed: the firm's is not changed under it (R9.3)"
)
me_parts: Point[Callable[..., Any]] = Point(
    "(request) -> [(template, context)] of the page of one's own settings"
)
me: Point[Callable[..., Any]] = Point("(user, at) -> dict of parts of /me")
sweeps: Point[Callable[..., Any]] = Point(
    "(at) -> {name: how many} what is due, done; in a trial (core.trial) nothing reaches out of the database"
)
rule_preview: Point[Callable[..., Any]] = Point(
    "({rule: new value}, user, at) -> [sentence] what a change of the Rulebook would move, before it is saved (R10.8)"
)
approvals: Point[Callable[..., Any]] = Point(
    "() -> core.web.approvals.Section, or None while its branch is off: what a manager decides"
)
customer_parts: Point[Callable[..., Any]] = Point(
    "(company, user, at) -> [core.web.panels.Part] of a customer's page"
)
customer_marks: Point[Callable[..., Any]] = Point(
    "(companies, user, at) -> {company id: [core.web.panels.Mark]} beside a customer's name"
)
campaign_parts: Point[Callable[..., Any]] = Point(
    "(campaign, user, at) -> [core.web.panels.Part] of a campaign's page"
)
nav: Point[Callable[..., Any]] = Point("(user) -> [Entry] of the navigation")
