"""Under which address an open page asks what is new."""

from typing import Any

from django import template

from accounts import now

register = template.Library()


@register.simple_tag
def now_address(user: Any) -> str:
    """The person's own address, signed for a day."""
    return now.address(user)
