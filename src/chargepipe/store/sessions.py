"""Sessions in our own table, each with its user (SESSION_ENGINE)."""

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions

from chargepipe.store.models import Session

AGENT = "agent"
"""Key of the browser's name, as its header told it at sign-in."""


class SessionStore(DatabaseSessions):
    """Django's sessions, in the table `Session`."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Our table."""
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """The row of a session, with whom and what it belongs to."""
        row: Any = super().create_model_instance(data)
        row.user_id = data.get(SESSION_KEY)
        row.agent = str(data.get(AGENT, ""))[:120]
        return row
