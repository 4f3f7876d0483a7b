"""The firm that the API's tests know: its people with their keys, a product, and short cuts along the trunk."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from accounts.models import Team, User
from accounts.services import make_key
from catalogue.models import Product
from core import clock
from tests.api.conftest import Api

CAST = {
    "tina": (["telemarketer"], None),
    "rita": (["rep"], "East"),
    "rob": (["rep"], "East"),
    "mark": (["manager"], "East"),
    "wei": (["rep"], "West"),
    "olga": (["manager"], "West"),
    "max": (["marketer"], None),
    "sue": (["success"], None),
    "pia": (["presales"], None),
    "ada": (["admin"], None),
    "ivy": (["integration"], None),
}
_numbers = count(1)


class Firm:
    """People by log-in as attributes: `firm.rita` is her API client, `firm.user("rita")` the person."""

    def __init__(self) -> None:
        teams = {name: Team.objects.create(name=name) for name in ("East", "West")}
        self.people = {
            login: User.objects.create_user(
                login, name=login.title(), hats=hats, team=teams.get(team or ""), on_duty=login == "rita"
            )
            for login, (hats, team) in CAST.items()
        }
        self.product = Product.objects.create(name="Seats", price=Decimal("100.00"), unit="seat")
        self.clients: dict[str, Api] = {}

    def __getattr__(self, login: str) -> Api:
        if login not in CAST:
            raise AttributeError(login)
        if login not in self.clients:
            self.clients[login] = Api(make_key(self.people[login], scope="admin"))
        return self.clients[login]

    def user(self, login: str) -> User:
        return self.people[login]

    def capture(self, by: str = "max", **contact: str) -> dict[str, Any]:
        """A new lead; without details a person of its own."""
        number = next(_numbers)
        person = contact or {"name": f"Person {number}", "phone": f"1390000{number:04d}"}
        answer = self.__getattr__(by).post(
            "leads/", {"contact": person, "source": {"channel": "fair", "medium": "conference"}}
        )
        assert answer.status_code in (200, 201), answer.content
        return answer.data

    def mql(self) -> dict[str, Any]:
        """A lead that was interested and is Rita's to judge."""
        lead = self.capture()
        answer = self.tina.post(f"leads/{lead['id']}/calls/", {"outcome": "interested", "rep": "rita"})
        assert answer.status_code == 201, answer.content
        return answer.data

    def sql(self) -> dict[str, Any]:
        """A lead that Rita has accepted."""
        answer = self.rita.post(f"leads/{self.mql()['id']}/accept/")
        assert answer.status_code == 200, answer.content
        return answer.data

    def pooled(self) -> dict[str, Any]:
        """A lead that Rita has given back, so that others may claim it."""
        answer = self.rita.post(f"leads/{self.sql()['id']}/release/", {"reason": "no_time"})
        assert answer.status_code == 200, answer.content
        return answer.data

    def need(self, **more: Any) -> dict[str, Any]:
        """What converting asks for."""
        return {
            "company": f"Needful Things {next(_numbers)} Ltd",
            "products": [{"product": str(self.product.pk), "purpose": "training"}],
            "headcount": 10,
            **more,
        }

    def opportunity(self) -> dict[str, Any]:
        """An opportunity of Rita's at stage 1."""
        answer = self.rita.post(f"leads/{self.sql()['id']}/convert/", self.need())
        assert answer.status_code == 201, answer.content
        return answer.data["opportunity"]

    def order(self) -> dict[str, Any]:
        """A draft of Rita's."""
        answer = self.rita.post("orders/", {"opportunity": self.opportunity()["id"], "term": {"months": 12}})
        assert answer.status_code == 201, answer.content
        return answer.data

    def quote(self, opportunity: str = "", **more: Any) -> dict[str, Any]:
        """A quote of Rita's."""
        pk = opportunity or self.opportunity()["id"]
        answer = self.rita.post(f"opportunities/{pk}/quotes/", more)
        assert answer.status_code == 201, answer.content
        return answer.data

    def signed(self, **more: Any) -> dict[str, Any]:
        """An order of Rita's for a year, ten seats at 100.00."""
        body = {"opportunity": self.opportunity()["id"], "term": {"months": 12}, **more}
        made = self.rita.post("orders/", body)
        assert made.status_code == 201, made.content
        answer = self.rita.post(f"orders/{made.data['id']}/sign/")
        assert answer.status_code == 200, answer.content
        return answer.data

    def asked(self, **more: Any) -> dict[str, Any]:
        """What Rita has asked presales for; the branch is turned on."""
        self.ada.patch("rulebook/", {"presales": True})
        pk = self.opportunity()["id"]
        self.rita.post(f"opportunities/{pk}/advance/")
        answer = self.rita.post(
            f"opportunities/{pk}/presales/", {"text": "Two sites", "due_on": day(3), **more}
        )
        assert answer.status_code == 201, answer.content
        return answer.data

    def record(self, kind: str) -> dict[str, Any]:
        """A record in a state: new, mql, sql, pooled, opportunity, order."""
        made: dict[str, Any] = self.capture() if kind == "new" else getattr(self, kind)()
        return made


def day(ahead: int) -> str:
    """A day of the firm, so many days from today."""
    return str(clock.firm_day(clock.now()) + timedelta(days=ahead))


def cny(amount: str) -> dict[str, str]:
    """Money as the API writes and reads it."""
    return {"amount": amount, "currency": "CNY"}


@contextmanager
def later(**more: int) -> Iterator[None]:
    """Some time later."""
    with clock.at(clock.now() + timedelta(**more)):
        yield
