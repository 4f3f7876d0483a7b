"""The verbs of an order, one function each."""

from catalogue.pricing import Line
from orders.services.approving import approve, deciders_of, must_be_approved, reject, submit
from orders.services.bank import book_rows, read_bank_list
from orders.services.common import fact, locked
from orders.services.drafting import accept_quote, cancel, cancel_drafts, draft, lines_of, update
from orders.services.papers import add_document, remove_document
from orders.services.paying import balances, pay, refund, set_instalments
from orders.services.running import begin_due, end_due, terminate
from orders.services.signing import sign

__all__ = [
    "Line",
    "accept_quote",
    "add_document",
    "approve",
    "balances",
    "begin_due",
    "book_rows",
    "cancel",
    "cancel_drafts",
    "deciders_of",
    "draft",
    "end_due",
    "fact",
    "lines_of",
    "locked",
    "must_be_approved",
    "pay",
    "read_bank_list",
    "refund",
    "reject",
    "remove_document",
    "set_instalments",
    "sign",
    "submit",
    "terminate",
    "update",
]
