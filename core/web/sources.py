"""Where leads come from, in words: the sources nearly every firm has speak the reader's language, a firm's own stay."""

from __future__ import annotations

from typing import Any

from django.utils.translation import pgettext_lazy as _

SOURCES: dict[str, Any] = {
    "baidu": _("source", "Baidu"),
    "bing": _("source", "Bing"),
    "chamber_of_commerce": _("source", "chamber of commerce"),
    "community": _("source", "community"),
    "conference": _("source", "conference"),
    "customers": _("source", "customers"),
    "data_broker": _("source", "data broker"),
    "douyin": _("source", "Douyin"),
    "email": _("source", "e-mail"),
    "expo": _("source", "expo"),
    "google": _("source", "Google"),
    "hotline": _("source", "hotline"),
    "live_stream": _("source", "live stream"),
    "mini_program": _("source", "mini program"),
    "moments": _("source", "WeChat Moments"),
    "official_account": _("source", "WeChat official account"),
    "official_website": _("source", "official website"),
    "old_address_book": _("source", "old address book"),
    "partner_portal": _("source", "partner portal"),
    "phone": _("source", "phone"),
    "referral": _("source", "referral"),
    "salon": _("source", "salon"),
    "sms": _("source", "SMS"),
    "website": _("source", "website"),
    "wechat": _("source", "WeChat"),
    "wechat_channels": _("source", "WeChat Channels"),
    "weibo": _("source", "Weibo"),
    "xiaohongshu": _("source", "Xiaohongshu"),
    "zhihu": _("source", "Zhihu"),
}


def source_words(code: str) -> str:
    """A source's code as one reads it: "WeChat Channels"; one that only this firm has without its strokes."""
    known = SOURCES.get(code)
    return str(known) if known else str(code or "").replace("_", " ")
