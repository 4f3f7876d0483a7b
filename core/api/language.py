"""Which language an answer speaks, and which forms of answer are understood."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation.trans_real import parse_accept_lang_header
from rest_framework.negotiation import DefaultContentNegotiation

CHINESE = ("zh-hans", "zh-cn", "zh-sg", "zh")


def asked_language(request: HttpRequest) -> str | None:
    """Return the language that Accept-Language asks for, or None if it names none of ours."""
    for name, _quality in parse_accept_lang_header(request.META.get("HTTP_ACCEPT_LANGUAGE", "")):
        if name in CHINESE or name.startswith("zh-hans"):
            return "zh-hans"
        if name == "en" or name.startswith("en-"):
            return "en"
    return None


def user_language(user: Any) -> str:
    """Return the language the user chose, else the firm's."""
    chosen = getattr(user, "language", "") or ""
    return chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


class JsonNegotiation(DefaultContentNegotiation):
    """Whoever accepts problem+json accepts our JSON too; anything else that excludes JSON is 406."""

    def get_accept_list(self, request: Any) -> list[str]:
        accepted = super().get_accept_list(request)
        if any(token.split(";")[0].strip().lower() == "application/problem+json" for token in accepted):
            accepted.append("application/json")
        return accepted
