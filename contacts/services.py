"""Verbs on people and companies: who is who (R1.2, R1.3), and what is known of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from contacts import permissions, rules
from contacts.models import Company, Contact, ContactPoint, MergeSuggestion
from contacts.rules import NotAPoint, Point
from core import clock, events, hooks, rulebook
from core.bulk import copy_rows
from core.errors import DuplicateContact, FieldError, Forbidden, NotFound, Overdue, RuleRefused
from core.locking import lock_one, lock_words, verb

IDENTITY = 11  # advisory lock space
# Apart from the identities: an import holds nearly every bucket of those before it locks contacts, and a conversion
# asks for a company's name while it holds a contact.
COMPANIES = 13
PERSONAL = ("name", "title", "company_name")
CONSENT = ("do_not_call", "do_not_sms", "do_not_email")


@dataclass(frozen=True)
class Match:
    """Whose a point is."""

    contact_id: Any
    point_id: Any
    dead: bool


def parse_points(values: dict[str, str], *, prefix: str = "") -> tuple[list[Point], list[FieldError]]:
    """The points that a kind → text mapping means, with everything that is wrong in it (R1.2)."""
    region = rulebook.get("default_region")
    points, errors = [], []
    for kind in rules.KINDS:
        text = (values.get(kind) or "").strip()
        if not text:
            continue
        try:
            points.append(rules.parse_point(kind, text, region=region, field=prefix + kind))
        except NotAPoint as refused:
            errors.append(refused.error)
    return points, errors


def lock_identity(points: Iterable[Point]) -> None:
    """Hold these phones, e-mails and WeChat ids until the transaction ends: nobody else captures them (R1.3)."""
    lock_words(IDENTITY, (f"{p.kind}:{p.value}:{p.extension}" for p in points))


def match_many(points: Iterable[Point]) -> dict[tuple[str, str, str], Match]:
    """Whose these points are: key of the point → match, in one query."""
    keys = sorted({p.key for p in points})
    if not keys:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.kind, p.value, p.extension, p.contact_id, p.id, p.dead_at IS NOT NULL "
            "FROM unnest(%s::text[], %s::text[], %s::text[]) AS k(kind, value, extension) "
            "JOIN contacts_contactpoint p USING (kind, value, extension)",
            [[k for k, _v, _e in keys], [v for _k, v, _e in keys], [e for _k, _v, e in keys]],
        )
        return {(k, v, e): Match(contact, point, dead) for k, v, e, contact, point, dead in cursor.fetchall()}


def suggest_merge(pairs: Iterable[tuple[Any, Any]], at: datetime) -> None:
    """Put pairs of contacts up for merging; nothing is moved (R1.3)."""
    rows = [MergeSuggestion(one_id=min(a, b), other_id=max(a, b), at=at) for a, b in set(pairs) if a != b]
    MergeSuggestion.objects.bulk_create(rows, ignore_conflicts=True)


def companies_named(names: Iterable[str]) -> dict[str, Company]:
    """The companies that have exactly these names, whatever case, width or spaces: exact name → company."""
    exact = {rules.exact_name(name) for name in names if name.strip()}
    return {c.exact_name: c for c in Company.objects.filter(exact_name__in=exact)} if exact else {}


def company_named(name: str, *, by: User | None, at: datetime) -> Company:
    """The company of this name, found by its exact name or made (R5.2). Raises RuleRefused."""
    if not rules.is_company_name(name):
        message = _("“%(value)s” is not a company name.") % {"value": name[:60]}
        raise RuleRefused(errors=[FieldError("company", "not_a_name", message)])
    exact = rules.exact_name(name)
    found = Company.objects.filter(exact_name=exact).first()
    if found:
        return found
    lock_words(COMPANIES, [exact])
    company, made = Company.objects.get_or_create(
        exact_name=exact[:200],
        defaults={"name": rules.fold(name)[:200], "core_name": rules.core_name(name)[:200], "created_at": at},
    )
    if made:
        events.record(events.Fact("company_made", company, at, by, company=company))
    return company


def add_points(contact_points: Iterable[tuple[Any, Point]]) -> int:
    """Give contacts points that nobody has; the first of a kind becomes the first choice. Bulk, under `lock_identity`."""
    rows = list(contact_points)
    if not rows:
        return 0
    ids = {contact_id for contact_id, _p in rows}
    have = set(
        ContactPoint.objects.filter(contact_id__in=ids, first_choice=True).values_list("contact_id", "kind")
    )
    lines = []
    for contact_id, point in rows:
        first = (contact_id, point.kind) not in have
        have.add((contact_id, point.kind))
        lines.append((contact_id, point.kind, point.value, point.extension, point.typed, first, 0, ""))
    columns = [
        "contact_id",
        "kind",
        "value",
        "extension",
        "typed",
        "first_choice",
        "no_answer_streak",
        "dead_reason",
    ]
    return copy_rows(ContactPoint, columns, lines)


def mark_dead(point: ContactPoint, reason: str, *, at: datetime) -> None:
    """This number is never used again (R2.3); the next living one of its kind becomes the first choice."""
    point.dead_at, point.dead_reason, point.first_choice = at, reason, False
    point.save(update_fields=["dead_at", "dead_reason", "first_choice"])
    living = ContactPoint.objects.live().filter(contact_id=point.contact_id, kind=point.kind)
    follower = living.order_by("-first_choice", "id").first()
    if follower and not follower.first_choice:
        follower.first_choice = True
        follower.save(update_fields=["first_choice"])


@verb
def update_contact(
    contact: Contact, *, by: User, points: dict[str, str] | None = None, **fields: Any
) -> Contact:
    """Change what is known of a person; `points` (kind → text) adds ways to reach them or makes them first choice.

    Raises Forbidden, Overdue (the week for this person's lead is over, R6.2), RuleRefused, DuplicateContact (the value
    belongs to somebody else, R1.3).
    """
    parsed, errors = parse_points(points or {})
    if errors:
        raise RuleRefused(errors=errors)
    lock_identity(parsed)
    row = lock_one(Contact.objects.all(), contact.pk)
    if row.merged_into_id:
        raise NotFound()
    if not permissions.may_edit(by, row):
        raise Forbidden()
    at = clock.now()
    if over := [lead for answer in hooks.overdue_leads([row.pk], at) for lead in answer]:
        raise Overdue(over)
    # What a person allows has a verb of its own above, which keeps how it was said (R11.2).
    flags = {name: fields.pop(name) for name in CONSENT if name in fields}
    hooks.consent(row, {name: flag for name, flag in flags.items() if flag is not None}, by, at)
    old = {name: getattr(row, name) for name in fields}
    changed = [name for name, value in fields.items() if value is not None and old[name] != value]
    for name in changed:
        setattr(row, name, fields[name])
    was = row.company_id
    if "company_name" in changed:
        row.company = companies_named([row.company_name]).get(rules.exact_name(row.company_name))
        changed.append("company")
    texts = {name: (str(old[name]), str(fields[name])) for name in changed if name in PERSONAL}
    for point in parsed:
        if _take_point(row, point):
            texts[point.kind] = ("", point.value)
    if changed or texts:
        row.store(*changed)
        told = {n: [old[n], fields[n]] for n in changed if n in fields and n not in PERSONAL}
        if row.company_id != was:
            told["company"] = [was, row.company_id]
        events.record(
            events.Fact(
                "contact_changed",
                row,
                at,
                by,
                contact=row,
                company=row.company_id,
                data=_plain(told),
                texts=texts,
            )
        )
    return row


def _take_point(contact: Contact, point: Point) -> bool:
    match = match_many([point]).get(point.key)
    if match and match.contact_id != contact.pk:
        raise DuplicateContact(
            errors=[
                FieldError(
                    point.kind,
                    "duplicate_contact",
                    _("“%(value)s” belongs to another contact.") % {"value": point.typed or point.value},
                )
            ]
        )
    if match and ContactPoint.objects.filter(pk=match.point_id, first_choice=True).exists():
        return False
    ContactPoint.objects.filter(contact=contact, kind=point.kind, first_choice=True).update(
        first_choice=False
    )
    if match:
        ContactPoint.objects.filter(pk=match.point_id).update(first_choice=True, dead_at=None, dead_reason="")
    else:
        add_points([(contact.pk, point)])
    return True


@verb
def create_contact(
    *, by: User, points: dict[str, str], company: Company | None = None, **fields: Any
) -> Contact:
    """A person without a lead, such as a user at a customer's. Raises Forbidden, RuleRefused, DuplicateContact."""
    if not permissions.may_create(by):
        raise Forbidden()
    parsed, errors = parse_points(points)
    if not parsed and not errors:
        errors = [FieldError("phone", "required", _("At least one of phone, e-mail, WeChat id is needed."))]
    if errors:
        raise RuleRefused(errors=errors)
    lock_identity(parsed)
    at = clock.now()
    flags = {name: True for name in CONSENT if fields.pop(name, None)}
    company = company or companies_named([fields.get("company_name", "")]).get(
        rules.exact_name(fields.get("company_name", ""))
    )
    contact = Contact.objects.create(company=company, created_at=at, **fields)
    for point in parsed:
        _take_point(contact, point)
    events.record(events.Fact("contact_made", contact, at, by, contact=contact, company=company))
    hooks.consent(contact, flags, by, at)
    return contact


@verb
def save_company(company: Company | None, *, by: User, name: str = "", **fields: Any) -> Company:
    """Make a company or change one. Raises Forbidden, RuleRefused (a name that is none, or another company's)."""
    at = clock.now()
    if company is None:
        if not permissions.may_create(by):
            raise Forbidden()
        if Company.objects.filter(exact_name=rules.exact_name(name)).exists():
            raise RuleRefused(errors=[_taken(name)])
        row = company_named(name, by=by, at=at)
        old = {n: getattr(row, n) for n in fields}
    else:
        row = lock_one(Company.objects.all(), company.pk)
        if not permissions.may_edit_company(by, row):
            raise Forbidden()
        old = {n: getattr(row, n) for n in ("name", *fields)}
        if name and name != row.name:
            if not rules.is_company_name(name):
                raise RuleRefused(
                    errors=[
                        FieldError(
                            "name",
                            "not_a_name",
                            _("“%(value)s” is not a company name.") % {"value": name[:60]},
                        )
                    ]
                )
            row.name = rules.fold(name)[:200]
            row.exact_name, row.core_name = rules.exact_name(name)[:200], rules.core_name(name)[:200]
    for field, value in fields.items():
        setattr(row, field, value)
    try:
        with transaction.atomic():
            row.store("name", "exact_name", "core_name", *fields)
    except IntegrityError:
        raise RuleRefused(errors=[_taken(name)]) from None
    data = {n: [old[n], getattr(row, n)] for n in old if old[n] != getattr(row, n)}
    if data := _plain(data):
        events.record(events.Fact("company_changed", row, at, by, company=row, data=data))
    return row


def _taken(name: str) -> FieldError:
    return FieldError("name", "taken", _("There is already a company “%(name)s”.") % {"name": name})


def _plain(values: dict[str, list[Any]]) -> dict[str, Any]:
    return {
        k: [v if isinstance(v, bool | int | str) or v is None else str(v) for v in pair]
        for k, pair in values.items()
    }
