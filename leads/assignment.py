"""Assignment rules: conditions on source, region, product and size pick the reps of a hand-over (R3.1, a branch)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from accounts.models import Hat, User
from catalogue.models import Product
from contacts.models import Contact
from core import clock, events, rulebook
from core.errors import FieldError, Forbidden, NotFound, RuleRefused
from core.locking import lock_words, verb
from leads.models import AssignmentRule, Lead
from outreach.models import Campaign

ORDER = 13  # advisory lock space: one change of the list at a time, so that the order stays an order
LISTS = ("channel", "medium", "campaign", "product", "region", "industry")
SIZES = ("size_from", "size_to")
MOST_VALUES, LONGEST, MOST_RULES, MOST_SIZE = 50, 120, 200, 10_000_000


def is_on() -> bool:
    """Whether the firm has this branch."""
    return bool(rulebook.get("assignment_rules"))


def may_assign(user: User) -> bool:
    """Administrators and managers say who gets what."""
    return user.wears(Hat.ADMIN, Hat.MANAGER)


def active_rules() -> list[AssignmentRule]:
    """The rules in force, in their order, with their reps; none while the branch is off."""
    return list(AssignmentRule.objects.filter(active=True).prefetch_related("reps")) if is_on() else []


def first_match(
    rules: Iterable[AssignmentRule], lead: Lead, contact: Contact | None = None
) -> AssignmentRule | None:
    """The rule that decides on a lead: the first of the list that it meets, or None (R3.1)."""
    facts = facts_of(lead, contact or lead.contact)
    return next((found for found in rules if matches(found.conditions, facts)), None)


def chosen_reps(lead: Lead) -> set[Any] | None:
    """The reps that the assignment rules pick for this lead, or None when any rep will do (R3.1, a branch)."""
    rules = active_rules()
    if not rules:
        return None
    found = first_match(rules, lead, Contact.objects.select_related("company").get(pk=lead.contact_id))
    return {rep.pk for rep in found.reps.all()} if found else None


def facts_of(lead: Lead, contact: Contact) -> dict[str, Any]:
    """What conditions look at."""
    company = contact.company
    return {
        "channel": lead.channel,
        "medium": lead.medium,
        "campaign": str(lead.campaign_id or ""),
        "product": str(lead.product_id or ""),
        "region": company.region if company else "",
        "industry": company.industry if company else "",
        "size": company.size if company else None,
    }


def matches(conditions: dict[str, list[str]], facts: dict[str, Any]) -> bool:
    """Whether all conditions hold; each is a list of which one must, whatever its case."""
    size = facts["size"]
    for key, wanted in conditions.items():
        if key == "size_from":
            held = size is not None and size >= int(wanted[0])
        elif key == "size_to":
            held = size is not None and size <= int(wanted[0])
        else:
            held = _plain(facts.get(key, "")) in {_plain(value) for value in wanted}
        if not held:
            return False
    return True


def _plain(value: str) -> str:
    return value.strip().casefold()


@verb
def save_rule(
    rule: AssignmentRule | None,
    *,
    by: User,
    name: str,
    conditions: dict[str, Any],
    reps: Iterable[User],
    active: bool = True,
) -> AssignmentRule:
    """Make or change an assignment rule; a new one stands last (R3.1, a branch).

    Raises NotFound (the branch is off, or no such rule), Forbidden, RuleRefused with every field that is wrong.
    """
    row = _held(rule, by) or AssignmentRule()
    name, chosen = name.strip(), list(reps)
    clean, errors = clean_conditions(conditions)
    if not name or len(name) > 80 or "\x00" in name:
        code = "required" if not name else "invalid"
        errors.append(FieldError("name", code, _("A name of 1 to 80 letters.")))
    if not chosen:
        errors.append(FieldError("reps", "required", _("Choose at least one rep.")))
    elif wrong := [rep for rep in chosen if not rep.is_active or not rep.wears(Hat.REP)]:
        message = _("“%(value)s” is not a rep.") % {"value": wrong[0].name}
        errors.append(FieldError("reps", "not_a_rep", message))
    if rule is None and AssignmentRule.objects.count() >= MOST_RULES:
        message = _("At most %(most)s rules.") % {"most": MOST_RULES}
        errors.append(FieldError("name", "too_many", message))
    if errors:
        raise RuleRefused(errors=errors)
    before = _facts(row) if rule else {}
    row.name, row.conditions, row.active = name, clean, active
    if rule is None:
        row.position = (AssignmentRule.objects.aggregate(last=Max("position"))["last"] or 0) + 1
    row.save()
    row.reps.set(chosen)
    _tell("assignment_changed" if rule else "assignment_made", row, by, before)
    return row


def clean_conditions(conditions: dict[str, Any]) -> tuple[dict[str, list[str]], list[FieldError]]:
    """Conditions as they are stored, without empty ones, and what is wrong with them."""
    clean: dict[str, list[str]] = {}
    errors = []
    for key, given in conditions.items():
        if key in SIZES:
            values = [str(v).strip() for v in (given if isinstance(given, list) else [given])]
            values = [v for v in values if v not in ("", "None")]
            if values and (not _is_size(values[0]) or len(values) > 1):
                message = _("A size is a whole number of people.")
                errors.append(FieldError(key, "invalid", message))
                continue
        elif key in LISTS:
            values = list(dict.fromkeys(str(v).strip() for v in given if str(v).strip()))
            if len(values) > MOST_VALUES or any(len(v) > LONGEST or "\x00" in v for v in values):
                message = _("At most %(most)s words of %(long)s letters.")
                errors.append(FieldError(key, "too_long", message % {"most": MOST_VALUES, "long": LONGEST}))
                continue
        else:
            errors.append(FieldError(key, "unknown", _("There is no such condition.")))
            continue
        if values:
            clean[key] = values
    errors += _unknown(clean)
    if "size_from" in clean and "size_to" in clean and int(clean["size_from"][0]) > int(clean["size_to"][0]):
        errors.append(FieldError("size_to", "too_small", _("The size ends before it begins.")))
    return clean, errors


def _is_size(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 12 and int(text) <= MOST_SIZE


def _unknown(clean: dict[str, list[str]]) -> list[FieldError]:
    """Products, campaigns and media that do not exist."""
    errors = []
    for key, model in (("product", Product), ("campaign", Campaign)):
        known = {str(pk) for pk in model.objects.values_list("pk", flat=True)} if key in clean else set()  # type: ignore[attr-defined]
        if any(value not in known for value in clean.get(key, [])):
            errors.append(FieldError(key, "unknown", _("One of these does not exist any more.")))
    if set(clean.get("medium", [])) - set(rulebook.get("media")):
        errors.append(FieldError("medium", "unknown", _("One of these does not exist any more.")))
    return errors


@verb
def move_rule(rule: AssignmentRule, *, by: User, up: bool) -> AssignmentRule:
    """One place earlier or later: the first rule that a lead meets decides. Raises NotFound, Forbidden."""
    row = _held(rule, by)
    rows = list(AssignmentRule.objects.all())
    here = rows.index(row)  # type: ignore[arg-type]
    there = here - 1 if up else here + 1
    if 0 <= there < len(rows):
        rows[here], rows[there] = rows[there], rows[here]
        for position, each in enumerate(rows, start=1):
            each.position = position
        AssignmentRule.objects.bulk_update(rows, ["position"])
        data = {"position": [here + 1, there + 1]}
        events.record(events.Fact("assignment_changed", rows[there], clock.now(), by, data=data))
    return AssignmentRule.objects.get(pk=row.pk)  # type: ignore[union-attr]


@verb
def switch_rule(rule: AssignmentRule, *, by: User, active: bool) -> AssignmentRule:
    """A rule rests, or is in force again. Raises NotFound, Forbidden."""
    row = _held(rule, by)
    before = _facts(row)  # type: ignore[arg-type]
    row.active = active  # type: ignore[union-attr]
    row.save(update_fields=["active"])  # type: ignore[union-attr]
    _tell("assignment_changed", row, by, before)  # type: ignore[arg-type]
    return row  # type: ignore[return-value]


@verb
def drop_rule(rule: AssignmentRule, *, by: User) -> None:
    """The rule is gone; its event keeps what it said. Raises NotFound, Forbidden."""
    row = _held(rule, by)
    before = _facts(row)  # type: ignore[arg-type]
    data = {key: [value, None] for key, value in before.items()}
    events.record(events.Fact("assignment_dropped", row, clock.now(), by, data=data))  # type: ignore[arg-type]
    row.delete()  # type: ignore[union-attr]


def replace_rep(user: User, heir: User | None, *, by: User, at: datetime) -> None:
    """A leaver's place in the rules is the heir's; a rule without any rep left rests, else its leads would wait for
    ever (R15.3)."""
    lock_words(ORDER, ["rules"])
    for row in AssignmentRule.objects.filter(reps=user).prefetch_related("reps"):
        before = _facts(row)
        stay = [rep for rep in row.reps.all() if rep.pk != user.pk]
        if heir is not None and heir not in stay:
            stay.append(heir)
        row.reps.set(stay)
        if not stay:
            row.active = False
            row.save(update_fields=["active"])
        _tell("assignment_changed", row, by, before, at)


def _held(rule: AssignmentRule | None, by: User) -> AssignmentRule | None:
    """The rule as it is now, under the lock of the list."""
    if not is_on():
        raise NotFound
    if not may_assign(by):
        raise Forbidden(detail=_("Administrators and managers say who gets what."))
    lock_words(ORDER, ["rules"])
    row = AssignmentRule.objects.filter(pk=rule.pk).first() if rule else None
    if rule and row is None:
        raise NotFound
    return row


def _facts(row: AssignmentRule) -> dict[str, Any]:
    reps = sorted(
        str(pk)
        for pk in AssignmentRule.reps.through.objects.filter(assignmentrule_id=row.pk).values_list(
            "user_id", flat=True
        )
    )
    return {"name": row.name, "conditions": row.conditions, "active": row.active, "reps": reps}


def _tell(
    verb_name: str, row: AssignmentRule, by: User, before: dict[str, Any], at: datetime | None = None
) -> None:
    after = _facts(row)
    data = {key: [before.get(key), after[key]] for key in after if before.get(key) != after[key]}
    if data:
        events.record(events.Fact(verb_name, row, at or clock.now(), by, data=data))
