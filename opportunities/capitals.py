"""An amount of yuan in the characters that nobody can alter, as Chinese papers say it beside the figure: pure."""

from __future__ import annotations

from decimal import Decimal

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("", "拾", "佰", "仟")
GROUPS = ("", "万", "亿", "万亿")


def in_capitals(amount: Decimal) -> str:
    """1200.50 is 壹仟贰佰元伍角整; exact to the cent, up to a trillion (R9.5)."""
    fen = int(abs(amount) * 100)
    yuan, jiao, fen = fen // 100, fen // 10 % 10, fen % 10
    said = f"{_whole(yuan)}元" if yuan else ""
    if jiao:
        said += f"{DIGITS[jiao]}角"
    elif fen and yuan:
        said += DIGITS[0]
    said += f"{DIGITS[fen]}分" if fen else "整"
    return ("负" if amount < 0 else "") + (said if yuan or jiao or fen else "零元整")


def _whole(number: int) -> str:
    """A whole number; one 零 stands for any row of noughts between two digits."""
    said, gap = "", False
    for place in range(len(str(number)) - 1, -1, -1):
        digit = number // 10**place % 10
        if digit:
            said += (DIGITS[0] if gap and said else "") + DIGITS[digit] + PLACES[place % 4]
            gap = False
        else:
            gap = True
        if place % 4 == 0 and place and number // 10**place % 10_000:
            said += GROUPS[place // 4]
    return said
