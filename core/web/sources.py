"""Where leads come from, in words: the sources nearly every firm has speak the reader's language, a firm's own stay."""

from __future__ import annotations

from typing import Any

from django.utils.translation import pgettext_lazy

SOURCES: dict[str, Any] = {
    "baidu": pgettext_lazy("source", "Baidu"),
    "bing": pgettext_lazy("source", "Bing"),
    "chamber_of_commerce": pgettext_lazy("source", "chamber of commerce"),
    "community": pgettext_lazy("source", "community"),
    "conference": pgettext_lazy("source", "conference"),
    "customers": pgettext_lazy("source", "customers"),
    "data_broker": pgettext_lazy("source", "data broker"),
    "douyin": pgettext_lazy("source", "Douyin"),
    "email": pgettext_lazy("source", "e-mail"),
    "expo": pgettext_lazy("source", "expo"),
    "google": pgettext_lazy("source", "Google"),
    "hotline": pgettext_lazy("source", "hotline"),
    "live_stream": pgettext_lazy("source", "live stream"),
    "mini_program": pgettext_lazy("source", "mini program"),
    "moments": pgettext_lazy("source", "WeChat Moments"),
    "official_account": pgettext_lazy("source", "WeChat official account"),
    "official_website": pgettext_lazy("source", "official website"),
    "old_address_book": pgettext_lazy("source", "old contacts"),
    "partner_portal": pgettext_lazy("source", "partner portal"),
    "phone": pgettext_lazy("source", "phone"),
    "referral": pgettext_lazy("source", "referral"),
    "salon": pgettext_lazy("source", "salon"),
    "sms": pgettext_lazy("source", "SMS"),
    "website": pgettext_lazy("source", "website"),
    "wechat": pgettext_lazy("source", "WeChat"),
    "wechat_channels": pgettext_lazy("source", "WeChat Channels"),
    "weibo": pgettext_lazy("source", "Weibo"),
    "xiaohongshu": pgettext_lazy("source", "Xiaohongshu"),
    "zhihu": pgettext_lazy("source", "Zhihu"),
}


def source_words(code: str) -> str:
    """A source's code as one reads it: "WeChat Channels"; one that only this firm has without its strokes."""
    known = SOURCES.get(code)
    return str(known) if known else str(code or "").replace("_", " ")
