"""Which column is what: by its heading (English, Chinese), by earlier choice, by what stands in it."""

import dataclasses
import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from .heading_words import SURNAMES, VAGUE, WORDS
from .reading import Refused, Row

#: The fields of a lead that a column can hold; ways to reach someone may come several times.
POINT_FIELDS = ("phone", "email", "wechat")
SINGLE_FIELDS = (
    "name",
    "title",
    "company_name",
    "channel",
    "campaign",
    "medium",
    "cost",
    "note",
    "acquired_at",
    "reference",
)
FIELDS = POINT_FIELDS + SINGLE_FIELDS

#: With a domain behind it: an e-mail made of an identifier, for data that has no way to reach anybody.
INVENTED_EMAIL = "email@"

_BY_HEADING = {word: name for name, words in WORDS.items() for word in words.split()}
_NOISE = re.compile(r"[\s_\-./:：*＊#（）()\[\]【】\"'“”]+")
_BRACKETS = re.compile(r"[（(\[【][^）)\]】]*[）)\]】]")

_EMAIL = re.compile(r"^[^@\s,;]+@[^@\s,;]+\.[^@\s,;]{2,}$")
_PHONE = re.compile(r"^\+?[\d\s().\-]{7,22}(?:(?:ext|x|转|分机)\.?\s*\d{1,6})?$", re.IGNORECASE)
_MOBILE_CN = re.compile(r"^(?:\+?86[\s-]?)?1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}$")
_DATE = re.compile(r"^\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}")
_NUMBERED = re.compile(r"^#(\d+)$")
_COMPANY = re.compile(r"(公司|集团|工厂|商行|事务所|工作室|Ltd\.?|Inc\.?|GmbH|LLC|Co\.)\s*$", re.IGNORECASE)
_NAME_CN = re.compile(r"^[一-鿿]{2,4}(?:先生|女士|总|经理)?$")


@dataclasses.dataclass
class Column:
    """A column, what it is taken for and why (`heading`, `memory`, `given`, `content`, or nothing)."""

    index: int
    heading: str
    field: str = ""
    by: str = ""
    suggestion: str = ""
    examples: list[str] = dataclasses.field(default_factory=list)

    @property
    def key(self) -> str:
        """How a mapping names this column."""
        return self.heading or f"#{self.index + 1}"


class Head(NamedTuple):
    """The row of headings, and the line on which the values begin."""

    headings: list[str]
    line: int


def fold(heading: str) -> str:
    """A heading without width, case, spaces, punctuation and what stands in brackets."""
    text = unicodedata.normalize("NFKC", heading).lower()
    bare = _NOISE.sub("", _BRACKETS.sub("", text))
    return bare or _NOISE.sub("", text)


def field_of(heading: str) -> str:
    """The field a heading names, or nothing."""
    return _BY_HEADING.get(fold(heading), "")


def find_head(sample: Sequence[Row]) -> Head:
    """The row with the most known headings among the first ten; a file without any gets empty headings."""
    best, known = None, 0
    for row in sample[:10]:
        count = sum(1 for value in row.values if field_of(value))
        if count > known:
            best, known = row, count
    width = max((len(row.values) for row in sample), default=0)
    if best is not None and not (known == 1 and len(best.values) > 1 and _has_data(best)):
        return Head(_trimmed(best.values), best.line)
    first = sample[0]
    if _has_data(first):
        return Head([""] * width, first.line - 1)
    return Head(_trimmed(first.values), first.line)


def _trimmed(values: Iterable[str]) -> list[str]:
    headings = [" ".join(value.split())[:200] for value in values]
    while headings and not headings[-1]:
        headings.pop()
    return headings


def _has_data(row: Row) -> bool:
    return any(_kind_of(value) in ("phone", "email", "acquired_at") for value in row.values)


def _kind_of(value: str) -> str:
    text = unicodedata.normalize("NFKC", value).strip().strip("'")
    if _EMAIL.match(text):
        return "email"
    if _DATE.match(text):
        return "acquired_at"
    if _MOBILE_CN.match(text) or (_PHONE.match(text) and 7 <= sum(c.isdigit() for c in text) <= 15):
        return "phone"
    if text.lower().startswith("wxid_"):
        return "wechat"
    if _COMPANY.search(text):
        return "company_name"
    if _NAME_CN.match(text) and text[0] in SURNAMES:
        return "name"
    return ""


def suggest(values: Iterable[str]) -> str:
    """What a column seems to hold, when two thirds of its values look alike."""
    counts: dict[str, int] = {}
    total = 0
    for value in values:
        if value.strip():
            total += 1
            kind = _kind_of(value)
            counts[kind] = counts.get(kind, 0) + 1
    counts.pop("", None)
    if not counts:
        return ""
    kind = max(counts, key=lambda name: counts[name])
    return kind if counts[kind] * 3 >= total * 2 else ""


def recognise(
    head: Head,
    sample: Sequence[Row],
    *,
    given: Mapping[str, str] | None = None,
    remembered: Mapping[str, str] | None = None,
) -> list[Column]:
    """The columns of a file: what is given counts, then what is remembered, then the heading.

    What stands in a column is a suggestion, taken only where no heading leads to a person.
    Raises Refused when the mapping names a column or a field that does not exist.
    """
    rows = [row for row in sample if row.line > head.line and not row.problem]
    columns = [_column(index, heading, rows) for index, heading in enumerate(head.headings)]
    chosen = _checked(given or {}, columns)
    for column in columns:
        if column.index in chosen:
            column.field, column.by = chosen[column.index], "given"
        elif remembered and column.heading:
            column.field, column.by = remembered.get(fold(column.heading), ""), "memory"
        else:
            vague = fold(column.heading) in VAGUE and column.suggestion
            column.field, column.by = (column.suggestion if vague else field_of(column.heading)), "heading"
    _single_once(columns)
    if not chosen and not remembered and not any(reaches(column.field) for column in columns):
        _take_suggestions(columns)
    for column in columns:
        column.by = column.by if column.field else ""
    return columns


def _column(index: int, heading: str, rows: Sequence[Row]) -> Column:
    values = [row.values[index] for row in rows[:200] if index < len(row.values)]
    filled = [value.strip() for value in values if value.strip()]
    return Column(index, heading, suggestion=suggest(filled), examples=[value[:60] for value in filled[:3]])


def _checked(given: Mapping[str, str], columns: Sequence[Column]) -> dict[int, str]:
    """The mapping by column number; a heading stands for every column that has it."""
    found: dict[int, str] = {}
    for key, name in given.items():
        numbered = _NUMBERED.match(key)
        meant = [column.index for column in columns if column.heading and fold(column.heading) == fold(key)]
        if numbered and 1 <= int(numbered[1]) <= len(columns):
            meant = [int(numbered[1]) - 1]
        if not meant:
            raise Refused("mapping_unknown_heading", heading=key[:200])
        if name and name not in FIELDS and not is_invented_email(name):
            raise Refused("mapping_unknown_field", field=name[:200])
        found.update(dict.fromkeys(meant, name or ""))
    return found


def is_invented_email(name: str) -> bool:
    """Whether a field is `email@DOMAIN`."""
    return name.startswith(INVENTED_EMAIL) and bool(_EMAIL.match("x@" + name.removeprefix(INVENTED_EMAIL)))


def reaches(name: str) -> bool:
    """Whether a column of this field is a way to reach someone."""
    return name in POINT_FIELDS or is_invented_email(name)


def _single_once(columns: Sequence[Column]) -> None:
    """Of two columns for one single field the one that was chosen keeps it, else the first."""
    seen: set[str] = set()
    for column in sorted(columns, key=lambda column: (column.by != "given", column.index)):
        if column.field in SINGLE_FIELDS and column.field in seen:
            column.field = ""
        seen.add(column.field)


def _take_suggestions(columns: Sequence[Column]) -> None:
    taken = {column.field for column in columns if column.field}
    for column in columns:
        free = column.suggestion in POINT_FIELDS or column.suggestion not in taken
        if not column.field and column.suggestion and free:
            column.field, column.by = column.suggestion, "content"
            taken.add(column.field)


def fingerprint(headings: Sequence[str]) -> str:
    """The same for the same set of headings, whatever their order, width or case."""
    folded = sorted(fold(heading) for heading in headings)
    return hashlib.sha256("\x1f".join(folded).encode()).hexdigest()
