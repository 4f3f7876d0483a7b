"""`{% term "mql" %}`: a word of the trunk, with what it means here on hover and focus (R14.4)."""

from __future__ import annotations

from itertools import count

from django import template
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.dictionary import meanings

register = template.Library()
_ids = count(1)


@register.simple_tag(takes_context=True)
def term(context: Context, code: str, label: str = "") -> SafeString:
    """The word (or `label`, its form in this place) with the firm's own definition; asked once for a page."""
    request = context.get("request")
    known = getattr(request, "trunk_terms", None)
    if known is None:
        known = meanings()
        if request is not None:
            request.trunk_terms = known
    found = known.get(code)
    if found is None:
        return format_html("{}", label or code)
    name = f"term-{code}-{next(_ids)}"
    return format_html(
        '<dfn class="t-term" tabindex="0" aria-describedby="{}">{}'
        '<span class="t-term__text" role="tooltip" id="{}">{}</span></dfn>',
        name,
        label or found["word"],
        name,
        found["text"],
    )
