"""How people came to us, and how we reach them: campaigns, channels, templates, the outbox, consent, reactions."""

from outreach.models.campaign import Addressee, Arrival, Campaign, Mailing
from outreach.models.channel import Channel, GroupPost
from outreach.models.message import Message, MessageFile
from outreach.models.reaching import Consent, Reaction, Touch
from outreach.models.template import Template, TemplateText

__all__ = [
    "Addressee",
    "Arrival",
    "Campaign",
    "Channel",
    "Consent",
    "GroupPost",
    "Mailing",
    "Message",
    "MessageFile",
    "Reaction",
    "Template",
    "TemplateText",
    "Touch",
]
