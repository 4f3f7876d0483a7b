"""Whether what stands beside an amount says another currency than the firm's (R9.3): pure."""

from __future__ import annotations

import re

from contacts.rules import fold

# What a word or sign may mean; one that is not here says nothing, but for three letters, which are a currency's code.
_MEANS = {
    sign: frozenset(codes.split())
    for signs, codes in (
        ("cny rmb cnh 人民币 人民币元 块", "CNY"),
        ("元", "CNY HKD TWD"),
        ("¥", "CNY JPY"),
        ("hkd hk$ 港币 港元", "HKD"),
        ("twd nt$ 台币 新台币", "TWD"),
        ("usd us$ 美元", "USD"),
        ("$", "USD HKD TWD SGD"),
        ("eur € 欧元", "EUR"),
        ("gbp £ 英镑", "GBP"),
        ("jpy 日元 日圆", "JPY"),
        ("sgd s$ 新加坡元 新币", "SGD"),
    )
    for sign in signs.split()
}
_WORD = re.compile(r"[^\d\s.,+()/-]+")
_CODE = re.compile(r"[a-z]{3}")


def foreign(amount: str, column: str, firm: str) -> str:
    """The word or sign that says another currency than the firm's: in the amount itself, or in a column of its own."""
    for word in _WORD.findall(fold(f"{column} {amount}")):
        means = _MEANS.get(word.lower())
        if means is None and _CODE.fullmatch(word.lower()):
            return str(word)
        if means is not None and firm not in means:
            return str(word)
    return ""
