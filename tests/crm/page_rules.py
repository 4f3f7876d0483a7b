"""Who may be at which page and send which form; what a new address needs a line in (tests/crm/test_page_rights.py)."""

from __future__ import annotations

from contacts.models import Company
from leads.models import Lead
from opportunities.models import Opportunity, Quote
from orders.models import BankImport, Order
from outreach.models import Message

# Nobody's session is asked: log-in, signs of life, and what a browser asks with its own signed address.
OPEN = {
    "healthz",
    "readyz",
    "metrics",
    "account_login",
    "account_logout",
    "shell:language",
    "accounts:now",
    "outreach:follow",  # what a person reaches from a message: the signed address is the key
    "outreach:picture",
    "outreach:call_me",
    "outreach:unsubscribe",
    "opportunities:calendar",  # a calendar program has no session: the address itself is the key
    "outreach:hook",  # a provider has no session: the address itself is the key
}
# Rita's records are looked at by herself, her team, the other team, and every other hat.
ALL = {"tina", "rita", "rob", "wei", "mark", "olga", "max", "pia", "sue", "ada", "ivy"}
REPS = {"rita", "rob", "wei"}
DESK = {"tina"}
ABOVE = {"mark", "olga", "ada"}
# Pages without a record → who may be there; everybody else reads 403. A redirect to the first place of a person is
# being there, too.
PLACES: dict[str, set[str]] = {
    "shell:today": ALL,
    "shell:find": ALL,
    "shell:places": ALL,
    "leads:list": ALL,
    "leads:expired": ABOVE | {"max", "ivy"},
    "leads:approvals": ABOVE,
    "pool:pool": ALL,
    "opportunities:pipeline": ALL,
    "opportunities:lane": ALL,
    "opportunities:board_now": ALL,
    "opportunities:calibration": ALL,
    "opportunities:presales": ALL,
    "orders:list": ALL,
    "opportunities:letterhead": {"ada"},  # where customers pay to stands on every quote
    "opportunities:logo": {"ada"},
    "opportunities:letterhead_preview": {"ada"},
    "orders:receipts": ABOVE,
    "orders:customers": ALL,
    "orders:chances": ALL,
    "catalogue:products": ALL,
    "catalogue:cases": ALL,
    "catalogue:new_case": {"max", "ada"},
    "catalogue:gaps": {"max", "ada"},
    "accounts:people": ABOVE,
    "accounts:teams": ABOVE,
    "accounts:me": ALL,
    "accounts:notices": ALL,
    "accounts:news": ALL,
    "accounts:settings": ALL,
    "accounts:rulebook": ALL,
    "accounts:dictionary": ALL,
    "calling:desk": DESK,
    "calling:scripts": ABOVE | {"max"},
    "calling:script_new": ABOVE | {"max"},
    "intake:import": ABOVE | {"max"},
    "leads:filters": ALL,
    "leads:checking": ALL,
    "leads:labels": ABOVE | {"max"},
    "leads:assignment": ABOVE,
    "outreach:messages": ABOVE | {"max", "ivy"},
    "outreach:tasks": ABOVE | REPS | DESK | {"max"},
    "outreach:channels": ABOVE | {"max", "ivy"},
    "outreach:channel_new": {"ada"},  # who holds the keys of providers
}
# Posts without a record → who may; everybody else is refused.
ACTS: dict[str, set[str]] = {
    "shell:theme": ALL,
    "leads:capture": ALL - {"pia"},
    "leads:check": ALL,
    "leads:bulk": ALL,
    "leads:bulk_preview": ALL,
    "leads:bulk_run": ALL,
    "leads:make_label": ABOVE | {"max"},
    "pool:hand": {"max", "ada"},
    "leads:assignment_new": {"ada"},
    "pool:claim_many": REPS,
    "catalogue:new_product": {"max", "ada"},
    "catalogue:new_case": {"max", "ada"},
    "opportunities:letterhead": {"ada"},
    "opportunities:renew_calendar": ALL,
    "orders:receipts": ABOVE,
    "accounts:new": {"ada"},
    "accounts:new_team": {"ada"},
    "accounts:rule": {"ada"},
    "accounts:define": {"ada"},
    "accounts:read_all": ALL,
    "accounts:save_settings": ALL,
    "accounts:my_password": ALL,
    "accounts:save_view": ALL,
    "accounts:columns": ALL,
    "calling:next": DESK,
    "calling:put_back": DESK,
    "calling:script_preview": ABOVE | {"max"},
    "calling:script_make": ABOVE | {"max"},
    "outreach:channel_new": {"ada"},
}
# What a post needs to be one at all.
FORMS = {name: {"action": "labels"} for name in ("leads:bulk", "leads:bulk_preview", "leads:bulk_run")}
# Of a lead's posts: the action whose button leads there, and what the form needs.
BUTTONS: dict[str, tuple[str, dict[str, str]]] = {
    "leads:accept": ("accept", {}),
    "leads:return": ("return", {"reason": "no_need"}),
    "leads:release": ("release", {"reason": "no_time"}),
    "leads:extend": ("extend", {"reason": "They visit next week"}),
    "leads:object": ("object", {"text": "A student"}),
    "leads:take": ("take", {}),
    "leads:notes": ("note", {"text": "Called"}),
    "leads:next": ("edit", {"next_step": "Call"}),
    "pool:claim": ("claim", {}),
    "calling:log": ("call", {"outcome": "interested"}),
}
# A branch and the addresses that are not there while it is off (R0.1).
BRANCHES = {
    "labels": (
        "leads:labels",
        "leads:make_label",
        "leads:rename_label",
        "leads:delete_label",
        "leads:put_labels",
    ),
    "assignment_rules": ("leads:assignment",),
    "contesting": ("leads:contest",),
    "presales": (
        "opportunities:presales",
        "opportunities:ask",
        "opportunities:take",
        "opportunities:answer",
    ),
}
# What a page of one record is called: who sees the record sees the page.
PAGES = {
    "leads:lead": Lead,
    "opportunities:opportunity": Opportunity,
    "opportunities:quote": Quote,
    "opportunities:quote_pdf": Quote,
    "orders:order": Order,
    "orders:download": Order,
    "orders:receipt_list": BankImport,
    "orders:customer": Company,
    "catalogue:product": None,
    "catalogue:case": None,
    "outreach:message": Message,
}
