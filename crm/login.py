"""Log-in by allauth, with the door for strangers closed: an administrator makes the accounts."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.sessions import DOOR
from core import clock


class Backend(AuthenticationBackend):
    """allauth's, which reads a person together with the team that stands on every page."""

    def get_user(self, user_id: Any) -> Any:
        user = get_user_model()._default_manager.select_related("team").filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None


class ClosedAdapter(DefaultAccountAdapter):
    """No sign-up; who has left does not get in."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_user_search_fields(self) -> list[str]:
        return ["login", "name"]

    def login(self, request: HttpRequest, user: Any) -> None:
        """Log in, and keep with the session from where and by what."""
        super().login(request, user)
        request.session[DOOR] = {
            "at": clock.real_now().isoformat(),
            "address": self.get_client_ip(request),
            "agent": self.get_http_user_agent(request)[:300],
        }

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        """Who has left, and knows the password still, is told so at the door (R15.3)."""
        messages.error(request, _("This account is closed. An administrator can tell you why."))
        return redirect("account_login")

    def clean_username(self, username: str, shallow: bool = False) -> str:
        return username.strip().lower()

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """No mail is sent by log-in: people have a log-in name, not an address."""
