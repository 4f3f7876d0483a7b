"""Log-ins of people in the database, each with whose it is: who looks after people can see and end them (Q22)."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

# Under this name a session keeps from where and by what it began.
DOOR = "trunk_door"


class SessionStore(DatabaseStore):
    """Django's sessions in the database, whose rows know the person."""

    @classmethod
    def get_model_class(cls) -> Any:
        from accounts.models import Session

        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        row: Any = super().create_model_instance(data)
        door = data.get(DOOR) or {}
        row.user_id = data.get("_auth_user_id")
        row.began_at, row.address, row.agent = door.get("at"), door.get("address"), door.get("agent", "")
        return row
