"""Verbs of outreach, by what they are about."""

from outreach.services.campaigns import campaigns_named

__all__ = ["campaigns_named"]
