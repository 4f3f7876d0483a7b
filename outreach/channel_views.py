"""The pages of channels: each kind with its light and what is in use; one channel with its settings (R11.1)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_safe

from core import clock, rulebook
from core.errors import FieldError, RuleRefused
from core.web import phrases
from core.web.answers import Done, action, cleaned, found, page
from core.web.context import moment
from outreach.channel_forms import BEGIN, ChannelForm, GroupForm, TestForm
from outreach.channel_health import driver_label, health, health_without
from outreach.channel_phrases import history
from outreach.channels.registry import DRIVERS, drivers_of, hook_address
from outreach.models import Channel
from outreach.permissions import may_set_up, require_admin, require_reader
from outreach.rules import ChannelKind
from outreach.services import channels as verbs
from outreach.services.groups import save_group
from outreach.tabs import tabs

# What each kind is for, where its name does not say it.
ABOUT = {
    ChannelKind.PHONE: lazy("A task for a person, with the text ready. There is nothing to set up."),
    ChannelKind.WECHAT: lazy(
        "To customers a task for a person, with the text ready to copy. A robot tells a team's group what is to be done."
    ),
    ChannelKind.CALL: lazy("A robot calls and says the text."),
    ChannelKind.WEBHOOK: lazy("A program of yours gets the message instead of a person."),
}
SIGNS = {"email": "mail", "sms": "message", "phone": "phone", "call": "phone-call", "wechat": "brand-wechat"}


@page
@require_safe
def channels(request: HttpRequest) -> HttpResponse:
    """Every kind: how well it is, what is in use, what else is set up or can be."""
    user: Any = request.user
    require_reader(user)
    now = moment(request)
    rows = list(Channel.objects.select_related("team"))
    kinds = [
        _kind(ChannelKind(kind), [row for row in rows if row.kind == kind], now)
        for kind in ChannelKind.values
    ]
    context = {
        **tabs(request, "channels"),
        "kinds": kinds,
        "down": sum(
            line["light"].light == "red" for kind in kinds for line in kind["lines"] if line["row"].in_use
        ),
        "used": sum(row.in_use for row in rows),
        "may_edit": may_set_up(user),
        "currency": rulebook.get("currency"),
    }
    return render(request, "outreach/channels.html", context)


def _kind(kind: ChannelKind, rows: list[Channel], now: Any) -> dict[str, Any]:
    lines = [{"row": row, "driver": driver_label(row), "light": health(row, now)} for row in rows]
    used = next((line for line in lines if line["row"].in_use), None)
    person, groups = kind == ChannelKind.PHONE, kind == ChannelKind.WECHAT
    return {
        "kind": kind,
        "sign": SIGNS.get(kind, "external-link"),
        "about": ABOUT.get(kind, ""),
        "lines": lines,
        "used": used,
        "person": person,
        "groups": groups and used is not None,
        "light": used["light"] if used else health_without(kind),
        "drivers": [{"driver": each, "missing": each.missing()} for each in drivers_of(kind)],
    }


def new(request: HttpRequest) -> HttpResponse:
    """The form of a new channel; what is posted to it is kept."""
    return save(request) if request.method == "POST" else new_form(request)


@page
@require_safe
def new_form(request: HttpRequest) -> HttpResponse:
    """The settings of the chosen driver, empty. A driver that is not installed says what to install; where none is chosen
    the list offers them."""
    require_admin(request.user)  # type: ignore[arg-type]
    driver = DRIVERS.get(_asked(request))
    if driver is None:
        return redirect("outreach:channels")
    context = {
        "form": ChannelForm(driver),
        "driver": driver,
        "kind": ChannelKind(driver.kind),
        "missing": driver.missing(),
        "post": f"{reverse('outreach:channel_new')}?kind={driver.kind}&driver={driver.code}",
        "currency": rulebook.get("currency"),
    }
    return render(request, "outreach/channel_new.html", context)


def _asked(request: HttpRequest) -> tuple[str, str]:
    return request.GET.get("kind", ""), request.GET.get("driver", "")


@action
def save(request: HttpRequest, pk: Any = None) -> Done:
    """Keep a new channel or a changed one."""
    require_admin(request.user)  # type: ignore[arg-type]
    row = found(Channel.objects.all(), pk) if pk else None
    code = (row.kind, row.driver) if row else _asked(request)
    driver = DRIVERS.get(code)
    if driver is None:
        raise RuleRefused(errors=[FieldError("driver", "invalid", _("Choose a way of sending first."))])
    form = ChannelForm(driver, request.POST, channel=row)
    data = cleaned(form)
    more = {"name": data["name"], "price": data.get("price"), "values": form.settings_given()}
    try:
        kept = verbs.save_channel(row, by=request.user, kind=code[0], driver=code[1], **more)  # type: ignore[arg-type]
    except RuleRefused as refusal:
        own = {setting.name for setting in driver.settings}
        refusal.errors = [
            FieldError(f"{BEGIN}{e.field}" if e.field in own else e.field, e.code, e.message)
            for e in refusal.errors
        ]
        raise
    return Done(_("%(name)s is saved.") % {"name": kept.name}, url=_address(kept))


@page
@require_safe
def channel(request: HttpRequest, pk: Any) -> HttpResponse:
    """One channel: how it is, its settings without the secrets, a test, the address for reports, what was changed."""
    require_admin(request.user)  # type: ignore[arg-type]
    row = found(Channel.objects.all(), pk)
    driver = DRIVERS.get((row.kind, row.driver))
    context = {
        "channel": row,
        "driver": driver,
        "label": driver_label(row),
        "light": health(row, moment(request)),
        "form": ChannelForm(driver, channel=row) if driver else None,
        "test": TestForm(initial={"text": _("A test of this channel.")}),
        "to_somebody": row.kind != ChannelKind.WECHAT,
        "group": GroupForm(channel=row) if row.kind == ChannelKind.WECHAT else None,
        "posts": row.posts.count(),
        "post": reverse("outreach:channel_save", args=[row.pk]),
        "hook": hook_address(row) if driver and driver.reports else "",
        "entries": phrases.lines(history(row)),
        "currency": rulebook.get("currency"),
    }
    return render(request, "outreach/channel.html", context)


@action
def group(request: HttpRequest, pk: Any) -> Done:
    """Say whose group it is, and what it hears of."""
    require_admin(request.user)  # type: ignore[arg-type]
    row = found(Channel.objects.filter(kind=ChannelKind.WECHAT), pk)
    data = cleaned(GroupForm(request.POST, channel=row))
    kept = save_group(row, team=data["team"], told=data["told"], by=request.user)  # type: ignore[arg-type]
    return Done(_("%(name)s is saved.") % {"name": kept.name}, url=_address(kept))


@action
def use(request: HttpRequest, pk: Any) -> Done:
    """Send by this channel from now on."""
    require_admin(request.user)  # type: ignore[arg-type]
    row = verbs.use_channel(found(Channel.objects.all(), pk), by=request.user)  # type: ignore[arg-type]
    return Done(_("%(name)s is in use from now on.") % {"name": row.name})


@action
def rest(request: HttpRequest, pk: Any) -> Done:
    """Send no longer by this channel."""
    require_admin(request.user)  # type: ignore[arg-type]
    row = verbs.rest_channel(found(Channel.objects.all(), pk), by=request.user)  # type: ignore[arg-type]
    said = _("%(name)s rests. What is due goes the usual way.")
    if row.kind == ChannelKind.WECHAT:
        said = _("%(name)s rests.")
    return Done(said % {"name": row.name})


@action
def drop(request: HttpRequest, pk: Any) -> Done:
    """Take a channel away."""
    require_admin(request.user)  # type: ignore[arg-type]
    row = found(Channel.objects.all(), pk)
    verbs.drop_channel(row, by=request.user)  # type: ignore[arg-type]
    return Done(
        _("%(name)s is taken away, and its secrets with it.") % {"name": row.name},
        url=reverse("outreach:channels"),
    )


@action
def test(request: HttpRequest, pk: Any) -> Done:
    """Send a test and say how it went, in the place of the form."""
    require_admin(request.user)  # type: ignore[arg-type]
    row = found(Channel.objects.all(), pk)
    data = cleaned(TestForm(request.POST))
    tried = verbs.test_send(row, to=data["to"], text=data["text"], by=request.user)  # type: ignore[arg-type]
    if not request.htmx:  # type: ignore[attr-defined]
        return Done(tried.text)
    row.refresh_from_db()
    context = {"tried": tried, "light": health(row, clock.now())}
    return Done(template="outreach/channel_tried.html", context=context)


def _address(row: Channel) -> str:
    return reverse("outreach:channel", args=[row.pk])
