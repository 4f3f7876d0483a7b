"""What a phone number, an e-mail, a WeChat id and a company name are (R1.2, R1.5): pure functions."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.translation import gettext_lazy as _

from core.errors import FieldError
from core.rulebook import rule

rule(
    "default_region",
    "CN",
    "R1.2",
    _("Country of phone numbers without a country code"),
    kind="text",
    choices=tuple((code, code) for code in sorted(phonenumbers.SUPPORTED_REGIONS)),
)

PHONE, EMAIL, WECHAT = "phone", "email", "wechat"
KINDS = (PHONE, EMAIL, WECHAT)  # the order in which a contact is looked for (R1.3)

_EXTENSION = re.compile(
    r"(?:\s*(?:ext\.?|extension|x|#|转|转接|分机号?|-转)\s*[:.]?\s*)(\d{1,10})\s*$", re.IGNORECASE
)
_WECHAT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{4,39}")
_DASHES = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
_HIDDEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_email = EmailValidator(allowlist=[])


@dataclass(frozen=True)
class Point:
    """A way to reach somebody, in the form in which it is stored, with what was typed."""

    kind: str
    value: str
    extension: str = ""
    typed: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes two points the same."""
        return self.kind, self.value, self.extension


class NotAPoint(ValueError):
    """The text cannot be a phone, e-mail or WeChat id; `error` names field, value and reason, `reason` is its key in
    REASONS for who tells it later, in another language."""

    def __init__(self, error: FieldError, reason: str) -> None:
        self.error, self.reason = error, reason
        super().__init__(str(error.message))


def fold(text: str) -> str:
    """Full-width letters and digits as plain ones, without hidden characters, edges trimmed."""
    return _HIDDEN.sub("", _DASHES.sub("-", unicodedata.normalize("NFKC", text))).strip()


def parse_point(kind: str, text: str, *, region: str = "CN", field: str = "") -> Point:
    """The point that a text means (R1.2); raises NotAPoint with field, value and reason."""
    field = field or kind
    typed = text.strip()
    plain = fold(text)
    if kind == PHONE:
        value, extension = _phone(field, typed, plain, region)
        return Point(PHONE, value, extension, typed[:254])
    if kind == EMAIL:
        return Point(EMAIL, _mail(field, typed, plain), "", typed[:254])
    if not _WECHAT.fullmatch(plain):
        raise _refused(field, "not_wechat", typed, "wechat")
    return Point(WECHAT, plain.lower(), "", typed[:254])


def _phone(field: str, typed: str, plain: str, region: str) -> tuple[str, str]:
    extension = ""
    found = _EXTENSION.search(plain)
    if found:
        extension, plain = found.group(1), plain[: found.start()].strip()
    value, reason = _e164(plain, region)
    if reason:
        raise _refused(field, "not_a_phone", typed, reason)
    return value, extension


REASONS: dict[str, Any] = {
    "letters": _("“%(value)s” is not a phone number: it holds something other than digits."),
    "country": _("“%(value)s” is not a phone number: there is no such country code."),
    "short": _("“%(value)s” is not a phone number: it has too few digits."),
    "long": _("“%(value)s” is not a phone number: it has too many digits."),
    "invalid": _("“%(value)s” is not a phone number that can exist in its country."),
    "email": _("“%(value)s” is not an e-mail address."),
    "wechat": _("“%(value)s” is not a WeChat id: 5 to 40 letters, digits, dashes or underscores."),
}


@lru_cache(maxsize=20_000)
def _e164(plain: str, region: str) -> tuple[str, str]:
    if len(plain) > 60:
        return "", "long"
    if re.search(r"[^\d\s()+./\-]", plain) or plain.count("+") > 1 or not re.search(r"\d", plain):
        return "", "letters"
    if plain.startswith("00"):
        plain = "+" + plain[2:]
    try:
        number = phonenumbers.parse(plain, region)
    except phonenumbers.NumberParseException as error:
        reasons = {
            phonenumbers.NumberParseException.INVALID_COUNTRY_CODE: "country",
            phonenumbers.NumberParseException.TOO_SHORT_NSN: "short",
            phonenumbers.NumberParseException.TOO_SHORT_AFTER_IDD: "short",
            phonenumbers.NumberParseException.TOO_LONG: "long",
        }
        return "", reasons.get(error.error_type, "letters")
    why = phonenumbers.is_possible_number_with_reason(number)
    if why == phonenumbers.ValidationResult.TOO_LONG:
        return "", "long"
    if why in (phonenumbers.ValidationResult.TOO_SHORT, phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY):
        return "", "short"
    if not phonenumbers.is_valid_number(number):
        return "", "invalid"
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), ""


def _mail(field: str, typed: str, plain: str) -> str:
    value = plain.lower()
    try:
        if len(value) > 254:
            raise ValidationError("long")
        _email(value)
    except ValidationError:
        raise _refused(field, "not_an_email", typed, "email") from None
    return value


def _refused(field: str, code: str, value: str, reason: str) -> NotAPoint:
    return NotAPoint(FieldError(field, code, why_not(reason, value)), reason)


def why_not(reason: str, value: str) -> str:
    """Why a value cannot be what it should be, in the reader's language; `reason` is a key of REASONS (R1.2)."""
    shown = value if len(value) <= 60 else value[:60] + "…"
    return str(REASONS[reason] % {"value": shown})


def masked(kind: str, value: str) -> str:
    """What is shown of a contact detail in the pool (R10.4): `138****5678`."""
    if not value:
        return ""
    if kind == EMAIL:
        name, _at, domain = value.partition("@")
        return f"{name[:1]}****@{domain}"
    if kind == PHONE:
        local = re.sub(r"^\+86", "", value)
        return f"{local[:3]}****{local[-4:]}" if len(local) >= 9 else f"{local[:2]}****{local[-2:]}"
    return f"{value[:2]}****{value[-1:]}"


def shown_phone(value: str, extension: str = "") -> str:
    """A phone number as a person reads it: national form at home, international abroad, with its extension."""
    try:
        number = phonenumbers.parse(value)
    except phonenumbers.NumberParseException:
        return value
    at_home = number.country_code == 86
    form = (
        phonenumbers.PhoneNumberFormat.NATIONAL if at_home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    )
    text = phonenumbers.format_number(number, form)
    return f"{text} ext {extension}" if extension else text


_LEGAL = re.compile(
    r"(股份有限公司|有限责任公司|有限公司|责任公司|股份公司|集团公司|总公司|分公司|公司|集团|"
    r"\b(?:co\.?,?\s*ltd\.?|company|limited|ltd\.?|inc\.?|corp\.?|corporation|llc|gmbh|ag|plc|s\.?a\.?|b\.?v\.?|pte\.?|pty\.?)(?=\W|$))",
    re.IGNORECASE,
)
CITIES = [
    "北京",
    "上海",
    "天津",
    "重庆",
    "深圳",
    "广州",
    "杭州",
    "南京",
    "苏州",
    "成都",
    "武汉",
    "西安",
    "郑州",
    "长沙",
    "青岛",
    "宁波",
    "东莞",
    "佛山",
    "厦门",
    "福州",
    "济南",
    "合肥",
    "无锡",
    "大连",
    "沈阳",
    "昆明",
    "哈尔滨",
    "长春",
    "南昌",
    "南宁",
    "石家庄",
    "太原",
    "贵阳",
    "温州",
    "常州",
    "珠海",
    "中山",
    "惠州",
    "泉州",
    "烟台",
    "嘉兴",
    "绍兴",
    "金华",
    "台州",
    "海口",
    "兰州",
    "乌鲁木齐",
    "银川",
    "西宁",
    "拉萨",
    "呼和浩特",
    "香港",
    "澳门",
    "台北",
    "广东",
    "浙江",
    "江苏",
    "山东",
    "四川",
    "湖北",
    "湖南",
    "河南",
    "河北",
    "福建",
    "安徽",
    "江西",
    "陕西",
    "山西",
    "云南",
    "贵州",
    "广西",
    "海南",
    "辽宁",
    "吉林",
    "黑龙江",
    "内蒙古",
    "新疆",
    "西藏",
    "宁夏",
    "甘肃",
    "青海",
]
_CITY = re.compile(
    r"^[(（]?(?:" + "|".join(CITIES) + r")(?:省|市)?[)）]?|[(（](?:" + "|".join(CITIES) + r")(?:省|市)?[)）]"
)


def exact_name(name: str) -> str:
    """A company name without case, width, brackets' form and spaces: the same name typed another way."""
    return re.sub(r"\s+", "", fold(name)).casefold()


def core_name(name: str) -> str:
    """A company name without legal form and city, to suggest that two are one firm (R1.5)."""
    folded = fold(name)
    bare = _LEGAL.sub("", _CITY.sub("", _CITY.sub("", folded)))
    bare = re.sub(r"[\s.,()&'\-]+", "", bare).casefold()
    return bare or exact_name(name)


def is_company_name(name: str) -> bool:
    """Whether a text can be a company's name: at least two characters, one of them a letter."""
    folded = fold(name)
    return len(folded) >= 2 and any(ch.isalpha() for ch in folded)


def may_be_phoned(contact: Any, at: datetime, *, promised: bool = False) -> bool:
    """Whether this person may be called now: not who asked never to be, nor who refused a while ago, unless a call
    was promised since (R2.3, R11.2)."""
    if contact.do_not_call:
        return False
    return promised or contact.no_phone_until is None or contact.no_phone_until <= at
