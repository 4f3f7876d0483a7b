"""A mailing of Max's: a campaign, a template in both languages, a saved view of leads."""

from __future__ import annotations

from typing import Any

from accounts.models import SavedView
from outreach.models import Mailing
from outreach.services.campaigns import save_campaign
from outreach.services.mailings import save_mailing
from outreach.services.templates import Wording, save_template
from tests.cast import Firm

TEXT = {
    "en": Wording("Hello {{ name | there }}, see https://example.com/a"),
    "zh-hans": Wording("{{ name }}您好 https://example.com/a 回T退订"),
}


def a_mailing(firm: Firm, *, query: str = "state=all", channel: str = "sms", **campaign: Any) -> Mailing:
    number = Mailing.objects.count()
    view = SavedView.objects.create(user=firm.max, page="leads", name=f"All {number}", query=query)
    subject = "Hi" if channel == "email" else ""
    texts = {code: Wording(w.text, subject) for code, w in TEXT.items()}
    template = save_template(None, by=firm.max, name=f"T{number}", channel=channel, texts=texts)
    made = save_campaign(None, by=firm.max, name=f"Spring {number}", **campaign)
    return save_mailing(None, by=firm.max, campaign=made, template=template, view=view)
