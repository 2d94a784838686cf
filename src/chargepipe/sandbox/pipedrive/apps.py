"""The OAuth app that is registered with the account: who it is, and that it can be uninstalled."""

from collections.abc import Callable, Sequence

from ..clock import Clock
from ..data.draw import iso
from ..messages import Row
from ..outbox import Outbox, Post, is_local
from .grants import Grants
from .scopes import NAMES

NEEDED = (
    *("base", "contacts:full", "deals:full", "contact-fields:full", "deal-fields:full"),
    "users:read",
)
"""The scopes that a sync asks for (fact sheet 7); webhooks need "admin" besides."""


class Apps:
    """One private app; its secret is no secret. me: the row of the user who installs it."""

    def __init__(self, me: Row, clock: Clock, outbox: Outbox) -> None:
        self.name = "Sandbox app"
        self.client_id = "sandbox-app"
        self.client_secret = "sandbox-secret"  # noqa: S105  # a sandbox has no secrets
        self.redirect_uri: str | None = None
        self.scopes: tuple[str, ...] = NEEDED
        self.grants = Grants(clock)
        self._me = me
        self._clock = clock
        self._outbox = outbox
        self._listeners: list[Callable[[], None]] = []

    @property
    def is_installed(self) -> bool:
        """Whether the app has a refresh token that is good."""
        return self.grants.installed is not None

    def register(self, redirect_uri: str | None = None, scopes: Sequence[str] = NEEDED) -> None:
        """Set the callback URL (None: any on this machine) and the scopes, as in Developer Hub.

        Tokens that were granted keep their scopes until the user authorizes anew. Raises
        ValueError for an unknown scope, and for a callback beyond this machine.
        """
        strange = [scope for scope in scopes if scope not in NAMES]
        if strange:
            raise ValueError(f"there is no scope {', '.join(strange)}")
        if redirect_uri is not None and not is_local(redirect_uri):
            raise ValueError("the callback URL has to be on this machine")
        self.redirect_uri = redirect_uri
        self.scopes = ("base", *(scope for scope in scopes if scope != "base"))

    def takes(self, redirect_uri: str) -> bool:
        """Whether this is the callback URL; the sandbox redirects to this machine alone."""
        return is_local(redirect_uri) and self.redirect_uri in (None, redirect_uri)

    def when_uninstalled(self, listener: Callable[[], None]) -> None:
        """Have `listener` called once the app is uninstalled, by whomever."""
        self._listeners.append(listener)

    def revoke(self) -> None:
        """Make all access tokens useless, as if they had expired; the app stays installed."""
        self.grants.drop_access()

    def uninstall(self) -> None:
        """Uninstall the app as its user does: tokens die, and the callback URL gets a DELETE.

        Pipedrive does not send it to this machine, the sandbox does. How `timestamp` is written is
        ours. Raises ValueError where the app is not installed.
        """
        installed = self.grants.installed
        if installed is None:
            raise ValueError("the app is not installed")
        self.forget()
        body = {
            "client_id": self.client_id,
            "company_id": self._me["company_id"],
            "user_id": self._me["id"],
            "timestamp": iso(self._clock.now()),
        }
        auth = (self.client_id, self.client_secret)
        self._outbox.put(Post(installed.redirect_uri, body, auth=auth, method="DELETE"))

    def forget(self) -> None:
        """Drop the installation without a word to the app, as when it revokes its own token."""
        self.grants.drop_all()
        for listener in self._listeners:
            listener()
