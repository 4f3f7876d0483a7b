"""/templates/: what is written to people, in each language; a preview and a test."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from contacts.models import Contact
from core import clock
from core.api import fields
from core.api.routers import Router
from core.api.serializers import StrictSerializer
from core.api.views import ApiViewSet, Listed, Retrieved
from outreach.filters import TemplateFilters
from outreach.models import Template
from outreach.permissions import require_editor, require_reader
from outreach.previews import Preview, language_for, preview
from outreach.rules import ChannelKind
from outreach.services import templates, trying
from outreach.services.templates import LANGUAGES, Wording


class WordingIn(StrictSerializer):
    subject = fields.Text(required=False, max_length=200)
    text = fields.Text(required=False)
    provider_code = fields.Text(required=False, max_length=80)
    provider_params = fields.Items(child=fields.Text(max_length=40), required=False, max_length=20)


class TextsIn(StrictSerializer):
    """One object a language; null takes a language away."""

    def get_fields(self) -> dict[str, Any]:
        return {code: WordingIn(required=False, allow_null=True) for code in LANGUAGES}


class TemplateIn(StrictSerializer):
    name = fields.Text(required=False, max_length=80)
    channel = fields.Choice(ChannelKind, required=False)
    active = fields.Flag(required=False)
    texts = TextsIn(required=False)


class PreviewIn(StrictSerializer):
    contact = fields.Reference(
        lambda user: Contact.objects.visible_to(user).select_related("company"),
        required=False,
        allow_null=True,
    )
    language = fields.Choice(LANGUAGES, required=False)


class TestIn(PreviewIn):
    to = fields.Text(required=False, max_length=254)


class WordingOut(serializers.Serializer):
    subject = serializers.CharField(allow_blank=True)
    text = serializers.CharField()
    provider_code = serializers.CharField(allow_blank=True)
    provider_params = serializers.ListField(child=serializers.CharField())


class TextsOut(serializers.Serializer):
    def get_fields(self) -> dict[str, Any]:
        return {code: WordingOut(required=False) for code in LANGUAGES}


class HintOut(serializers.Serializer):
    language = serializers.CharField()
    message = serializers.CharField()


class TemplateOut(serializers.Serializer):
    id = serializers.CharField()
    version = serializers.IntegerField()
    name = serializers.CharField()
    code = serializers.CharField(allow_blank=True)
    channel = serializers.ChoiceField(ChannelKind.choices)
    active = serializers.BooleanField()
    texts = TextsOut()
    hints = HintOut(many=True)
    created_at = serializers.DateTimeField()


class LengthOut(serializers.Serializer):
    alphabet = serializers.CharField()
    places = serializers.IntegerField()
    parts = serializers.IntegerField()
    left = serializers.IntegerField()


class MissingOut(serializers.Serializer):
    what = serializers.CharField()
    instead = serializers.CharField(allow_blank=True)


class PreviewOut(serializers.Serializer):
    language = serializers.CharField()
    subject = serializers.CharField(allow_blank=True)
    text = serializers.CharField(allow_blank=True)
    links = serializers.ListField(child=serializers.CharField())
    sms = LengthOut(allow_null=True)
    missing = MissingOut(many=True)
    hints = serializers.ListField(child=serializers.CharField())
    held = serializers.CharField(allow_null=True)


class TestOut(serializers.Serializer):
    message = serializers.CharField()
    channel = serializers.CharField()
    to = serializers.CharField(allow_blank=True)
    state = serializers.CharField()


def template_json(row: Template) -> dict[str, Any]:
    """Return a template as the API writes it."""
    words = templates.wordings_of(row)
    return {
        "id": str(row.pk),
        "version": row.version,
        "name": str(row),
        "code": row.code,
        "channel": row.channel,
        "active": row.active,
        "texts": {code: dict(vars(wording)) for code, wording in words.items()},
        "hints": [
            {"language": code, "message": str(message)}
            for code, message in templates.hints(row.channel, words)
        ],
        "created_at": row.created_at,
    }


def preview_json(made: Preview) -> dict[str, Any]:
    """Return how a message would read."""
    return {
        "language": made.language,
        "subject": made.rendered.subject,
        "text": made.rendered.text,
        "links": made.rendered.links,
        "sms": vars(made.length) if made.length else None,
        "missing": [{"what": str(word), "instead": instead} for word, instead in made.missing],
        "hints": [str(hint) for hint in made.hints],
        "held": str(made.held) or None,
    }


def _said(data: dict[str, Any]) -> dict[str, Any]:
    found = {name: "" if value is None else value for name, value in data.items() if name != "texts"}
    if "texts" in data:
        found["texts"] = {
            code: Wording(
                (said or {}).get("text") or "",
                (said or {}).get("subject") or "",
                (said or {}).get("provider_code") or "",
                list((said or {}).get("provider_params") or []),
            )
            for code, said in (data["texts"] or {}).items()
        }
    return found


class TemplateViewSet(Listed, Retrieved, ApiViewSet):
    """What cadences and campaigns write."""

    out = TemplateOut
    outs = {"preview": PreviewOut}
    filterset_class = TemplateFilters
    ordering_fields = {"name": "name", "channel": "channel", "created_at": "created_at"}
    ordering = "channel"

    def rows(self) -> QuerySet[Template]:
        require_reader(self.request.user)
        return Template.objects.prefetch_related("texts")

    def many(self, records: list[Template]) -> list[dict[str, Any]]:
        return [template_json(row) for row in records]

    @extend_schema(request=TemplateIn, responses={201: TemplateOut})
    def create(self, request: Request) -> Response:
        """Write a template (marketing, administrators). Variables: name, company, title, firm, call_me, unsubscribe."""
        require_editor(request.user)
        said = _said(self.body(TemplateIn))
        return self.answer(templates.save_template(None, by=request.user, **{"name": "", **said}), 201)

    @extend_schema(request=TemplateIn)
    def partial_update(self, request: Request, pk: Any) -> Response:
        """Change a template, or put it away with `active: false`; what was sent keeps its words."""
        row = self.touch(pk)
        require_editor(request.user)
        said = _said(self.body(TemplateIn, partial=True))
        saved = self.guarded(row, lambda: templates.save_template(row, by=request.user, **said))
        return self.answer(self.load(saved.pk))

    @extend_schema(request=PreviewIn, responses={200: PreviewOut})
    @action(detail=True, methods=["post"])
    def preview(self, request: Request, pk: Any) -> Response:
        """How it reads for a contact; nothing is kept or sent."""
        row = self.load(pk)
        data = self.body(PreviewIn)
        words = templates.wordings_of(row)
        language = language_for(words, data.get("contact"), data.get("language") or "")
        wording = words.get(language, Wording())
        return Response(
            preview_json(preview(row.channel, language, wording, data.get("contact"), at=clock.now()))
        )

    @extend_schema(request=TestIn, responses={201: TestOut})
    @action(detail=True, methods=["post"])
    def test(self, request: Request, pk: Any) -> Response:
        """Send it to one address, filled in as for a contact; it counts for nobody's cap."""
        row = self.touch(pk)
        require_editor(request.user)
        data = self.body(TestIn)
        language = language_for(templates.wordings_of(row), data.get("contact"), data.get("language") or "")
        sent = trying.send_test(
            row, to=data.get("to") or "", by=request.user, language=language, contact=data.get("contact")
        )
        answer = {"message": str(sent.pk), "channel": sent.channel, "to": sent.to, "state": sent.state}
        return Response(answer, status=201)


router = Router()
router.register("templates", TemplateViewSet, basename="template")
urlpatterns = router.urls
