"""After the signature: when which part is due, what comes in and goes back, the scan of the contract (R9.3)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import typst
from django.core.files.uploadedfile import SimpleUploadedFile

from core import clock
from core.paper import fonts
from crm.demo.persons import Person
from crm.demo.world import World
from orders.models import Order
from orders.services import add_document, pay, refund, set_instalments, terminate
from orders.services.paying import Part

# (days after the signature, part in percent); the last takes the rest.
SCHEDULES = {
    "halves": [(7, 50), (37, 50)],
    "once": [(14, 100)],
    "thirds": [(7, 30), (30, 40), (60, 30)],
    "owes": [(7, 50), (37, 50)],
}
OWES = "owes"  # the last part does not come
WEIGHTS = {"halves": 50, "once": 30, "thirds": 20}
SMALL = 5000
SCAN = 0.45


def agree(world: World, person: Person, order: Order, plan: str = "") -> None:
    """The schedule, as the contract says; what falls due comes in, mostly in time."""
    row = Order.objects.select_related("owner").get(pk=order.pk)
    if not row.total or row.signed_on is None:
        return
    chosen = SCHEDULES["once"] if row.total < SMALL and not plan else SCHEDULES[plan or world.draw(WEIGHTS)]
    parts, left = [], row.total
    for n, (days, percent) in enumerate(chosen, start=1):
        amount = left if n == len(chosen) else (row.total * percent / 100).quantize(Decimal("1"))
        left -= amount
        parts.append(Part(row.signed_on + timedelta(days=days), amount, world.say(person, "part", n=n)))
    set_instalments(row, parts=parts, by=world.people[row.owner.login])
    if plan == OWES or world.chance(SCAN):
        scan(world, person, row)
    for part in parts[:-1] if plan == OWES else parts:
        expect(world, person, row, part)


def expect(world: World, person: Person, order: Order, part: Part) -> None:
    """Most pay in time, some late, a few have not until now."""
    fate = "in time" if world.now < world.start else world.draw({"in time": 78, "late": 14, "never": 8})
    days = {"in time": world.rng.randint(-4, 1), "late": world.rng.randint(4, 15)}.get(fate)
    if days is None or part.due_on is None or part.amount is None:
        return
    when = max(world.moment(part.due_on + timedelta(days=days), 9, 17), world.now + timedelta(hours=1))
    world.at(when, receive, person, order, part.amount)


def receive(world: World, person: Person, order: Order, amount: Decimal) -> None:
    """Success books what the bank shows."""
    way = world.draw({"transfer": 84, "wechat": 8, "alipay": 5, "cash": 3})
    reference = f"CMB{world.rng.randint(10**9, 10**10 - 1)}" if way == "transfer" else ""
    today = clock.firm_day(world.now)
    pay(order, amount=amount, paid_on=today, by=world.people["sue"], method=way, reference=reference)


def scan(world: World, person: Person, order: Order) -> None:
    """The signed paper is scanned and kept with the order."""
    page = paper(order.number, order.company.name, order.signed_on) if order.signed_on else b""
    if page:
        file = SimpleUploadedFile(f"{order.number}.pdf", page, "application/pdf")
        add_document(order, file=file, by=world.people[order.owner.login])


def paper(number: str, company: str, day: date) -> bytes:
    """A page that stands for the scan of a signed contract; nothing where no font for Chinese is installed."""
    known = fonts()
    if known is None:
        return b""
    text = f"""
#set page(width: 210mm, height: 297mm, margin: 24mm, fill: rgb("#fbfaf5"))
#set text(font: ("Noto Sans SC", "Noto Sans CJK SC"), size: 11pt, fallback: true)
#align(center)[#text(20pt)[合同 · Contract]] #v(8mm)
#let row(a, b) = [#text(fill: luma(90))[#a] #h(4mm) #b #linebreak()]
#row("编号 No.", {_quoted(number)}) #row("客户 Customer", {_quoted(company)}) #row("日期 Date", {_quoted(str(day))})
#v(6mm) #for n in range(9) [#line(length: {{100% - 1mm * calc.rem(n * 7, 30)}}, stroke: 2.4pt + luma(205)) #v(3mm)]
#v(20mm)
#place(dx: 105mm, circle(radius: 17mm, stroke: 1.4pt + rgb("#c23b22"))[#align(center + horizon)[#text(
  fill: rgb("#c23b22"), 9pt)[康启医疗科技 #linebreak() ★ #linebreak() 合同专用章]]])
#text(fill: luma(90))[签字 Signed] #v(4mm) #text(17pt, style: "italic")[#sym.tilde #sym.tilde #sym.tilde]
"""
    made = datetime.combine(day, time(), UTC)
    return bytes(typst.compile(text.encode(), font_paths=known, timestamp=made))


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "").replace('"', "") + '"'


def give_back(world: World, person: Person, order: Order, percent: int) -> None:
    """Something is paid back."""
    amount = (order.total * percent / 100).quantize(Decimal("1"))
    today = clock.firm_day(world.now)
    refund(order, amount=amount, paid_on=today, by=world.people["sue"], note=world.say(person, "refund"))


def end_early(world: World, person: Person, order: Order) -> None:
    """The customer wants out before the time is over."""
    row: Any = Order.objects.select_related("owner").get(pk=order.pk)
    terminate(row, reason=world.say(person, "terminate"), by=world.people[row.owner.login])
