"""Grants: what admins of Pipedrive companies granted our app, stored so that nothing is lost.

A grant that Pipedrive does not take any more is deleted, and its connections say why. Nothing here
talks to Pipedrive.
"""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet

from chargepipe.http import Reconnect
from chargepipe.pipedrive import App, Tokens
from chargepipe.store.models import Connection, Grant

CLAIM = timedelta(seconds=60)
"""So long one process may take to refresh; far more than a call can last."""
RENEWED_AT = 0.9
"""Share of its life after which an access token is refreshed."""
AGAIN = "Connect Pipedrive again in the console, under Set-up, Connect."
REFUSED = f"Pipedrive does not let chargepipe in any more. {AGAIN}"
UNINSTALLED = f"The app was uninstalled in Pipedrive. {AGAIN}"


class Disconnected(Reconnect):
    """The connection's grant is gone; nothing works until an admin connects again."""


@dataclass(frozen=True, slots=True)
class Held:
    """Tokens as they are kept, with the server that gave them."""

    tokens: Tokens
    asked_at: datetime
    server: str

    def good(self, now: datetime, refused: str = "") -> bool:
        """Whether the access token may be used; `refused` is one that was answered with 401."""
        lives = now < self.asked_at + timedelta(seconds=self.tokens.seconds)
        return lives and self.tokens.access != refused

    def fresh(self, now: datetime, refused: str = "") -> bool:
        """Whether it need not be refreshed yet."""
        share = timedelta(seconds=self.tokens.seconds * RENEWED_AT)
        return self.good(now, refused) and now < self.asked_at + share


@dataclass(frozen=True, slots=True)
class Seen:
    """A grant as it was read."""

    id: int
    held: Held = field(repr=False)
    version: int
    claimed_until: datetime | None

    def claimed(self, now: datetime) -> bool:
        """Whether somebody refreshes it just now."""
        return self.claimed_until is not None and now < self.claimed_until


def registered_app() -> App | None:
    """The app of this installation, None where none is configured."""
    process = settings.PROCESS
    if not process.oauth_id or not process.oauth_secret:
        return None
    return App(process.oauth_id, process.oauth_secret)


def keep(held: Held, company_id: int, user_id: int, now: datetime) -> Grant:
    """Store what a user has just granted, in place of what the same user granted before."""
    with transaction.atomic():
        who = _unread().select_for_update().filter(company_id=company_id, user_id=user_id)
        grant = who.first() or Grant(company_id=company_id, user_id=user_id)
        grant.version += 1
        grant.tokens, grant.granted_at, grant.claimed_until = _text(held), now, None
        grant.save()
    return grant


def look(grant_id: int) -> Seen:
    """The grant as it stands. Raises Disconnected where it is gone."""
    grant = Grant.objects.filter(pk=grant_id).first()
    if grant is None:
        raise Disconnected("Pipedrive", REFUSED)
    return Seen(grant.pk, _held(grant.tokens), grant.version, grant.claimed_until)


def claim(seen: Seen, now: datetime) -> datetime | None:
    """Take the right to refresh; None where somebody else was quicker."""
    until = now + CLAIM
    return until if _as_seen(seen).update(claimed_until=until) else None


def give_back(seen: Seen, claimed_until: datetime) -> None:
    """Let others refresh at once: this one could not."""
    mine = Grant.objects.filter(pk=seen.id, version=seen.version, claimed_until=claimed_until)
    mine.update(claimed_until=None)


def renew(seen: Seen, held: Held) -> Held:
    """Store refreshed tokens before anybody uses them; the ones to be used.

    Whoever was overtaken, because the claim had ended, takes what the other one has stored.
    """
    same = Grant.objects.filter(pk=seen.id, version=seen.version)
    if same.update(tokens=_text(held), version=F("version") + 1, claimed_until=None):
        return held
    return look(seen.id).held


def refused(seen: Seen) -> Held:
    """Pipedrive refused the refresh token: what another process has stored meanwhile is good.

    Raises Disconnected, and ends the grant, where nobody has.
    """
    with transaction.atomic():
        grant = Grant.objects.select_for_update().filter(pk=seen.id).first()
        if grant is not None and grant.version != seen.version:
            return _held(grant.tokens)
        end(Grant.objects.filter(pk=seen.id), REFUSED)
    raise Disconnected("Pipedrive", REFUSED)


def end(grants: QuerySet[Grant], words: str) -> list[str]:
    """Delete grants and say in their connections why; the names of these. One notice each."""
    with transaction.atomic():
        gone = list(grants.values_list("pk", flat=True))
        cut = Connection.objects.filter(grant__in=gone)
        names = list(cut.values_list("name", flat=True))
        cut.update(disconnected=words, next_sync_at=None)
        _unread().filter(pk__in=gone).delete()
    return names


def grant_of(connection: Connection) -> Seen:
    """The grant of a connection by OAuth. Raises Disconnected, with the reason, for none."""
    if connection.grant_id is None:
        raise Disconnected("Pipedrive", connection.disconnected or REFUSED)
    return look(connection.grant_id)


def unused() -> QuerySet[Grant]:
    """Grants that no connection uses (yet, or any more)."""
    return _unread().filter(connections__isnull=True)


def _unread() -> QuerySet[Grant]:
    """Grants whose tokens are not decrypted: the key that encrypted them may be lost."""
    return Grant.objects.defer("tokens")


def _as_seen(seen: Seen) -> QuerySet[Grant]:
    return Grant.objects.filter(pk=seen.id, version=seen.version, claimed_until=seen.claimed_until)


def _text(held: Held) -> str:
    tokens = held.tokens
    return json.dumps(
        {
            "access_token": tokens.access,
            "refresh_token": tokens.refresh,
            "expires_in": tokens.seconds,
            "scope": sorted(tokens.scopes),
            "api_domain": tokens.api_domain,
            "asked_at": held.asked_at.timestamp(),
            "server": held.server,
        }
    )


def _held(text: str) -> Held:
    kept = json.loads(text)
    tokens = Tokens(
        kept["access_token"],
        kept["refresh_token"],
        kept["expires_in"],
        frozenset(kept["scope"]),
        kept["api_domain"],
    )
    return Held(tokens, datetime.fromtimestamp(kept["asked_at"], UTC), kept["server"])
