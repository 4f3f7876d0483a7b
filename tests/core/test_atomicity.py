"""R15.4: a verb does all of its work or none: when its event cannot be written, nothing is half done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.services import save_person, set_duty
from catalogue.services import save_product
from contacts.services import create_contact, save_company, update_contact
from core import events
from core.models import Event
from core.services import run_sweeps
from leads import services as trunk
from opportunities import services as selling
from orders import services as ordering
from pool.services import claim, claim_many
from tests.cast import Firm, Watch, a_phone
from tests.content import nothing_changes

Verb = Callable[[], Any]


def each_verb(f: Firm, watch: Watch) -> dict[str, Verb]:
    """Every verb, ready to be called once: its record is made beforehand."""
    new, waiting, sql, mql, pooled = (
        f.capture(),
        f.a_waiting_mql(),
        f.an_sql(),
        f.an_mql(),
        f.pooled("released"),
    )
    returned, noted = f.an_mql(), f.an_sql()
    chance, losing, order = f.an_opportunity(), f.an_opportunity(), f.an_order()
    negotiating, gone, customer = f.chance_at("negotiation"), f.chance_at("lost"), f.a_signed_order()
    known = f.pooled("no_need").contact.points.get().value
    call = {
        o: f.capture() for o in ("interested", "call_back", "no_answer", "empty_number", "no_need", "refused")
    }
    later = watch.now + timedelta(hours=1)
    return {
        "capture": lambda: f.capture(),
        "capture again": lambda: f.capture(phone=known),
        "capture many": lambda: f.captures(20),
        **{
            f"call: {o}": lambda o=o: f.call(call[o], o, do_not_call=True, call_back_at=later)  # type: ignore[misc]
            for o in call
        },
        "call in the pool": lambda: f.call(pooled, "interested"),
        "accept": lambda: trunk.accept(mql, by=f.rita),
        "return": lambda: trunk.return_mql(returned, reason="no_need", by=f.rita),
        "release": lambda: trunk.release(sql, reason="no_fit", by=f.rita),
        "assign a waiting": lambda: trunk.assign(waiting, rep=f.wang, by=f.max),
        "assign an SQL": lambda: trunk.assign(sql, rep=f.rob, by=f.mark),
        "assign an opportunity": lambda: trunk.assign(order.opportunity.lead, rep=f.rob, by=f.mark),
        "note": lambda: trunk.add_note(noted, text="x", by=f.rita),
        "next step": lambda: trunk.set_next_step(noted, text="x", on=None, by=f.rita),
        "hand out": lambda: trunk.hand_out_waiting(watch.now),
        "claim": lambda: claim(pooled, by=f.wei),
        "claim many": lambda: claim_many([pooled.pk], by=f.wei),
        "convert": lambda: f.an_opportunity(lead=noted),
        "advance": lambda: selling.advance(chance, by=f.rita),
        "back": lambda: selling.back(negotiating, reason="x", by=f.rita),
        "lose": lambda: selling.lose(losing, reason="price", by=f.rita),
        "reopen": lambda: selling.reopen(gone, by=f.rita),
        "update": lambda: selling.update(chance, by=f.rita, headcount=77),
        "open next": lambda: selling.open_next(
            customer.company, by=f.rita, kind="upsell", products=[selling.Need(f.product)], headcount=1
        ),
        "activate": lambda: selling.activate_due(watch.now + timedelta(days=99)),
        "draft": lambda: ordering.draft(chance, by=f.rita),
        "change a draft": lambda: ordering.update(order, by=f.rita, lines=[ordering.Line(f.product, 2)]),
        "sign": lambda: ordering.sign(order, by=f.rita),
        "cancel": lambda: ordering.cancel(order, by=f.rita),
        "change a contact": lambda: update_contact(
            new.contact, by=f.max, name="N", points={"phone": a_phone()}
        ),
        "add a contact": lambda: create_contact(by=f.sue, points={"phone": a_phone()}),
        "add a company": lambda: save_company(None, by=f.ada, name="Acme"),
        "change a company": lambda: save_company(chance.company, by=f.ada, region="East"),
        "product": lambda: save_product(f.product, by=f.max, price=Decimal(7)),
        "duty": lambda: set_duty(f.rita, False, by=f.rita),
        "person": lambda: save_person(None, by=f.ada, login="neo", name="Neo", hats=["rep"], password="x"),
    }


def test_R15_4_every_verb_or_nothing(firm: Firm, watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(facts: list[Any]) -> Any:
        raise OSError("the disk is full")

    writes = events.record_many
    verbs = each_verb(firm, watch)
    with nothing_changes():
        for name, verb in verbs.items():
            monkeypatch.setattr(events, "record_many", broken)
            with pytest.raises(OSError, match="the disk is full"):
                verb()
            monkeypatch.setattr(events, "record_many", writes)
            assert name
    # The same verbs do write when they can: each is a real test above.
    count = Event.objects.count()
    for name in ("accept", "claim", "convert", "sign", "lose", "capture many"):
        verbs[name]()
        assert Event.objects.count() > count, name
        count = Event.objects.count()


def test_R15_4_half_way_through_a_verb_that_writes_several(
    firm: Firm, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signing writes three events: whichever fails, nothing of it stays."""
    order = firm.an_order()
    writes = events.record_many
    for good in range(3):
        left = [good]

        def sometimes(facts: list[Any], left: list[int] = left) -> Any:
            if left[0] == 0:
                raise OSError
            left[0] -= 1
            return writes(facts)

        monkeypatch.setattr(events, "record_many", sometimes)
        with nothing_changes(), pytest.raises(OSError):
            ordering.sign(order, by=firm.rita)
    monkeypatch.setattr(events, "record_many", writes)
    assert ordering.sign(order, by=firm.rita).state == "signed"


def test_Q5_all_sweeps_together_are_idempotent(firm: Firm, watch: Watch) -> None:
    firm.set_rules(capacity=3)
    firm.duty("rita")
    for _n in range(2):
        firm.an_sql()
    firm.a_signed_order(term_months=1)
    firm.a_waiting_mql()
    watch.go(days=40)
    done = run_sweeps()
    assert (done["expired"], done["activated"], done["handed_out"]) == (2, 1, 1)
    assert done["warned"] == 6
    with nothing_changes():
        again = run_sweeps()
    assert set(again.values()) == {0}
