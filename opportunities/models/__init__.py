"""Opportunities, what shows that they go on, and the quotes that are made for them."""

from opportunities.models.evidence import CalendarFeed, ExperienceEvent, PresalesRequest
from opportunities.models.opportunity import Opportunity, OpportunityProduct
from opportunities.models.quote import Letterhead, Quote, QuoteLine

__all__ = [
    "CalendarFeed",
    "ExperienceEvent",
    "Letterhead",
    "Opportunity",
    "OpportunityProduct",
    "PresalesRequest",
    "Quote",
    "QuoteLine",
]
