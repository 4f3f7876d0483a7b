"""Orders, the money that comes in for them, and their papers."""

from orders.models.money import BankImport, BankRow, Instalment, Payment
from orders.models.order import Order, OrderLine
from orders.models.papers import Document

__all__ = ["BankImport", "BankRow", "Document", "Instalment", "Order", "OrderLine", "Payment"]
