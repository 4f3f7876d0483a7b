"""People who come to the firm: names, companies, and ways to reach them that pass for real ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

from contacts.rules import NotAPoint, Point, parse_point
from crm.demo import names


@dataclass
class Person:
    """Somebody outside the firm, and what the simulation knows of the way through the trunk."""

    n: int
    zh: bool
    name: str
    title: str
    company: str
    slug: str
    points: dict[str, str]
    spare_phone: str = ""
    lead_id: Any = None
    contact_id: Any = None
    plan: list[str] = field(default_factory=list)
    said: set[str] = field(default_factory=set)
    staged: bool = False
    rung: str = ""  # the rep who made the first call

    @property
    def language(self) -> str:
        """Which language this person is spoken to."""
        return "zh" if self.zh else "en"

    def parsed(self) -> list[Point]:
        """The ways to reach them, parsed as the verbs want them."""
        return [parse_point(kind, text) for kind, text in self.points.items()]


class Crowd:
    """Makes people one after the other; no two share a phone, an e-mail or a WeChat id, nor do those of two crowds
    that share what is `taken`."""

    def __init__(self, rng: Random, taken: set[str] | None = None) -> None:
        self.rng = rng
        self.count = 0
        self.taken: set[str] = set() if taken is None else taken
        self.firms: list[tuple[bool, str, str, str]] = []

    def person(self, *, reach: str = "") -> Person:
        """The next person; `reach` names the only ways they have (such as "phone" or "email wechat")."""
        rng = self.rng
        self.count += 1
        zh, company, slug, region = self._firm()
        if zh:
            (surname, s), (given, g) = rng.choice(names.SURNAMES), rng.choice(names.GIVEN)
            name, latin, title = surname + given, f"{s}{g}", rng.choice(names.TITLES_ZH)
        else:
            first, last = rng.choice(names.FIRST_EN), rng.choice(names.LAST_EN)
            name, latin, title = f"{first} {last}", f"{first}.{last}".lower(), rng.choice(names.TITLES_EN)
        ways = set(reach.split()) or self._ways(zh)
        points: dict[str, str] = {}
        if "phone" in ways:
            points["phone"] = self.phone(region)
        if "email" in ways:
            points["email"] = self._free(f"{latin}@{slug}.example", lambda k: f"{latin}{k}@{slug}.example")
        if "wechat" in ways:
            points["wechat"] = self._free(
                f"{latin.replace('.', '_')}_{slug}"[:30], lambda k: f"{latin.replace('.', '')}{1980 + k}"
            )
        person = Person(self.count, zh, name, title if rng.random() < 0.8 else "", company, slug, points)
        if "phone" in ways and rng.random() < 0.12:
            person.spare_phone = self.phone(region)
        return person

    def _ways(self, zh: bool) -> set[str]:
        draw = self.rng.random()
        if draw < 0.06:
            return {"wechat"} if zh else {"email"}
        ways = {"phone"}
        if self.rng.random() < (0.6 if zh else 0.85):
            ways.add("email")
        if self.rng.random() < (0.5 if zh else 0.08):
            ways.add("wechat")
        return ways

    def _firm(self) -> tuple[bool, str, str, str]:
        rng = self.rng
        if self.firms and rng.random() < 0.22:
            return rng.choice(self.firms[-60:])
        if rng.random() < 0.68:
            city, _area = rng.choice(names.CITIES)
            brand, slug = rng.choice(names.BRANDS)
            kind = rng.choice(names.KINDS_ZH)
            firm = (True, f"{city}{brand}{kind}有限公司", slug, city)
        else:
            region = rng.choice(["HK", "HK", "US", "GB"])
            brand, kind = rng.choice(names.BRANDS_EN), rng.choice(names.KINDS_EN)
            slug = "".join(ch for ch in brand.lower() if ch.isalpha())
            firm = (False, f"{brand} {kind} {names.FORMS_EN[region]}", slug, region)
        self.firms.append(firm)
        return firm

    def phone(self, region: str) -> str:
        """A number that can exist there, typed as people type it; never the same twice."""
        while True:
            text = self._number(region)
            try:
                value = parse_point("phone", text).value
            except NotAPoint:
                continue
            if value not in self.taken:
                self.taken.add(value)
                return text

    def _number(self, region: str) -> str:
        rng = self.rng
        digits = lambda n: "".join(rng.choice("0123456789") for _ in range(n))  # noqa: E731
        if region == "HK":
            return f"+852 {rng.choice('56992')}{digits(3)} {digits(4)}"
        if region == "US":
            return f"+1 ({rng.choice(names.AREAS_US)}) 555-01{digits(2)}"
        if region == "GB":
            return f"+44 20 7946 0{digits(3)}"
        if rng.random() < 0.1:
            area = dict(names.CITIES)[region]
            number = f"{rng.choice('268')}{digits(7 if len(area) == 3 or region in BIG else 6)}"
            return f"{area}-{number}" + (f" ext {digits(3)}" if rng.random() < 0.4 else "")
        start = rng.choice(
            ["135", "136", "137", "138", "139", "150", "158", "159", "182", "186", "187", "188"]
        )
        middle, last = digits(4), digits(4)
        return rng.choice([f"{start}{middle}{last}", f"{start} {middle} {last}", f"{start}-{middle}-{last}"])

    def _free(self, text: str, other: Any) -> str:
        k = 1
        while text.lower() in self.taken:
            k += 1
            text = other(k)
        self.taken.add(text.lower())
        return text


BIG = {"深圳", "杭州", "苏州", "长沙", "东莞", "佛山", "宁波", "青岛", "合肥"}
