"""People, teams, one's own limits and notices."""

from typing import Any

from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import dictionary_api, notices
from accounts.filters import NoticeFilters, UserFilters
from accounts.models import Notice, Team, User
from core import clock, hooks, rulebook
from core.api.fields import person
from core.api.routers import Router
from core.api.serializers import Nothing
from core.api.shapes import PersonOut, SubjectOut
from core.api.views import ApiView, ApiViewSet, Listed
from core.web.notices import lines


class TeamOut(serializers.Serializer):
    id = serializers.CharField()
    name = serializers.CharField()
    parent = serializers.CharField(allow_null=True)


class UserOut(PersonOut):
    hats = serializers.ListField(child=serializers.CharField())
    team = TeamOut(allow_null=True)
    on_duty = serializers.BooleanField()


class UsedOf(serializers.Serializer):
    used = serializers.IntegerField()
    of = serializers.IntegerField()


class MeOut(PersonOut):
    hats = serializers.ListField(child=serializers.CharField())
    team = TeamOut(allow_null=True)
    language = serializers.CharField()
    capacity = UsedOf()
    extensions = UsedOf(allow_null=True)
    claims_today = UsedOf(allow_null=True)


class NoticeOut(serializers.Serializer):
    id = serializers.CharField()
    kind = serializers.CharField()
    subject = SubjectOut()
    data = serializers.DictField()
    at = serializers.DateTimeField()
    read_at = serializers.DateTimeField(allow_null=True)
    text = serializers.CharField(help_text="the sentence, in the caller's language")


def team_json(team: Team | None) -> dict[str, Any] | None:
    """Return a team as the API writes it."""
    if team is None:
        return None
    return {"id": str(team.pk), "name": team.name, "parent": str(team.parent_id) if team.parent_id else None}


def me_json(user: User) -> dict[str, Any]:
    """Return who asks, with limits and what is used of them; upper apps add theirs (hooks.me)."""
    found: dict[str, Any] = {
        **(person(user) or {}),
        "hats": user.hats,
        "team": team_json(user.team),
        "language": user.language,
        "capacity": {
            "used": hooks.open_load.merged([user.pk]).get(user.pk, 0),
            "of": user.capacity if user.capacity is not None else rulebook.get("capacity"),
        },
    }
    # Of who claims and asks for extensions the apps above tell; nobody else has such a limit.
    found |= {"extensions": None, "claims_today": None}
    for parts in hooks.me(user, clock.now()):
        found.update(parts)
    return found


class MeView(ApiView):
    """Who asks: hats, team, limits and what is used of them."""

    @extend_schema(responses=MeOut)
    def get(self, request: Request) -> Response:
        return Response(me_json(request.user))


class UserViewSet(Listed, ApiViewSet):
    """The people who can be named."""

    out = UserOut
    filterset_class = UserFilters
    ordering_fields = {"name": "name", "login": "login"}
    ordering = "name"

    def rows(self) -> QuerySet[User]:
        return User.objects.active().select_related("team")

    def many(self, records: list[User]) -> list[dict[str, Any]]:
        return [
            {**(person(user) or {}), "hats": user.hats, "team": team_json(user.team), "on_duty": user.on_duty}
            for user in records
        ]


class TeamViewSet(Listed, ApiViewSet):
    """The teams."""

    out = TeamOut
    ordering_fields = {"name": "name"}
    ordering = "name"

    def rows(self) -> QuerySet[Team]:
        return Team.objects.all()

    def many(self, records: list[Team]) -> list[dict[str, Any] | None]:  # type: ignore[override]
        return [team_json(team) for team in records]


class NoticeViewSet(Listed, ApiViewSet):
    """One's own notices."""

    out = NoticeOut
    filterset_class = NoticeFilters
    ordering_fields = {"at": "at"}
    ordering = "-at"

    def rows(self) -> QuerySet[Notice]:
        return Notice.objects.visible_to(self.request.user)

    def many(self, records: list[Notice]) -> list[dict[str, Any]]:
        said = {line["id"]: line["text"] for line in lines(records, self.request.user)}
        return [
            {
                "id": notice.pk,
                "kind": notice.kind,
                "subject": {"type": notice.subject_type, "id": notice.subject_id},
                "data": notice.data,
                "at": notice.at,
                "read_at": notice.read_at,
                "text": said.get(str(notice.pk), ""),
            }
            for notice in records
        ]

    @extend_schema(request=Nothing)
    @action(detail=True, methods=["post"])
    def read(self, request: Request, pk: Any) -> Response:
        self.body(Nothing)
        return self.answer(notices.read(self.touch(pk), by=request.user))


router = Router()
router.register("users", UserViewSet, basename="user")
router.register("teams", TeamViewSet, basename="team")
router.register("notices", NoticeViewSet, basename="notice")
urlpatterns = [path("me/", MeView.as_view(), name="me"), *router.urls, *dictionary_api.urlpatterns]
