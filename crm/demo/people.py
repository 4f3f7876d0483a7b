"""The cast of the demo firm. Needs nothing of Django, so that the supervisor can tell the log-ins."""

from __future__ import annotations

from dataclasses import dataclass

from crm.people import PASSWORD

FIRM = "康启医疗科技 Kangqi Clinics"
DOMAIN = "kangqi.example"
EAST, WEST = "East", "West"


@dataclass(frozen=True)
class Member:
    """One person of the firm, and the page that person sees first."""

    login: str
    name: str
    hats: tuple[str, ...]
    label: str
    team: str = ""
    language: str = "en"
    first_page: str = "/"


CAST = (
    Member("ada", "Ada Sun 孙雅", ("admin",), "administrator", first_page="/rulebook/"),
    Member("tina", "Tina Xu 许婷", ("telemarketer",), "telemarketer", first_page="/calling/"),
    Member("theo", "Theo Lam 林天佑", ("telemarketer",), "telemarketer", first_page="/calling/"),
    Member("mark", "Mark Zhou 周明", ("manager",), "manager of team East", EAST, first_page="/approvals/"),
    Member("rita", "Rita Chen 陈瑞", ("rep",), "rep, team East", EAST),
    Member("rob", "Rob Feng 冯博", ("rep",), "rep, team East", EAST, "zh-hans"),
    Member("olga", "Olga Wu 吴欧", ("manager",), "manager of team West", WEST, "zh-hans", "/approvals/"),
    Member("wei", "Wei Zhao 赵伟", ("rep",), "rep, team West", WEST, "zh-hans"),
    Member("wang", "Wang Lei 王磊", ("rep",), "rep, team West", WEST, "zh-hans"),
    Member("max", "Max Ho 何麦", ("marketer",), "marketing", first_page="/leads/"),
    Member("pia", "Pia Tang 唐佩", ("presales",), "presales", first_page="/presales/"),
    Member("sue", "Sue Liang 梁素", ("success",), "customer success", first_page="/orders/"),
)

# Who left the firm weeks ago; nobody logs in with that name any more.
LEFT = Member("leo", "Leo Han 韩磊", ("rep",), "rep, team East, until the leaving", EAST, "zh-hans")

LOGINS = [(m.login, m.label, m.first_page) for m in CAST]
REPS = tuple(m.login for m in CAST if "rep" in m.hats)
CALLERS = tuple(m.login for m in CAST if "telemarketer" in m.hats)

__all__ = [
    "CALLERS",
    "CAST",
    "DOMAIN",
    "EAST",
    "FIRM",
    "LEFT",
    "LOGINS",
    "PASSWORD",
    "REPS",
    "WEST",
    "Member",
]
