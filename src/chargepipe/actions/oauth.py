"""Connect to Pipedrive by OAuth: begin, take the answer, connect again, be uninstalled."""

from dataclasses import dataclass
from datetime import timedelta
from hmac import compare_digest

from django.db import transaction
from django.utils import timezone

from chargepipe.accounts import granting, grants
from chargepipe.accounts.connect import NoAdmin
from chargepipe.accounts.environment import Environment
from chargepipe.accounts.granting import Granted
from chargepipe.accounts.services import company_root
from chargepipe.actions.connections import stored_file
from chargepipe.actions.refusal import Refused
from chargepipe.http import ServiceError
from chargepipe.pipedrive import App, AppRefused, BadGrant
from chargepipe.pipedrive.oauth import SERVER, authorize_url
from chargepipe.store.models import Connection, Grant
from chargepipe.sync.reconnect import opened

LEFT_OVER = timedelta(hours=1)
"""A grant that no connection uses by then was given up half-way, and is handed back."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What Pipedrive is asked: by which address, with which state, and where it answers."""

    address: str
    """Where the browser goes."""
    server: str
    redirect_uri: str


def begin(url: str | None, redirect_uri: str, state: str, env: Environment | None = None) -> Ask:
    """Where to send an admin's browser. `url` is the connection's own address of Pipedrive, if any.

    Its sign-in is there too, unless it is one of Pipedrive's own: those have theirs in one place.
    Raises Refused where no app is configured.
    """
    app, env = _app(), env or Environment()
    server = url.rstrip("/") if url and not company_root(url) else SERVER
    for grant in grants.unused().filter(granted_at__lt=env.clock.now() - LEFT_OVER):
        granting.release(grant.pk, env)
    return Ask(authorize_url(server, app, redirect_uri, state), server, redirect_uri)


def finish(
    code: str,
    server: str,
    redirect_uri: str,
    connection: Connection | None,
    env: Environment | None = None,
) -> Granted:
    """Redeem the code that Pipedrive answered with, for this connection or a new one.

    A connection that is linked by OAuth already goes on at once, and so do its runs that waited.
    Raises Refused in one sentence, whatever is wrong.
    """
    app, env = _app(), env or Environment()
    root = "" if server == SERVER else server
    try:
        granted = granting.redeem(app, server, root, code, redirect_uri, env)
    except BadGrant:
        raise Refused("Pipedrive's answer was too old, or was used already: try again.") from None
    except (NoAdmin, AppRefused, ServiceError) as error:
        raise Refused(str(error)) from None
    if connection is not None and connection.account is not None:
        _same_company(connection, granted, env)
        if stored_file(connection).pipedrive.oauth:
            _go_on(connection, granted.grant, env)
    return granted


def _app() -> App:
    app = grants.registered_app()
    if app is None:
        raise Refused(
            "No Pipedrive app is configured: set CHARGEPIPE_PIPEDRIVE_CLIENT_ID and "
            "CHARGEPIPE_PIPEDRIVE_CLIENT_SECRET, then start chargepipe again; or connect with an "
            "API token."
        )
    return app


def _same_company(connection: Connection, granted: Granted, env: Environment) -> None:
    account, me = connection.account, granted.me
    if account is None or account.company_id == me.company_id:
        return
    granting.release(granted.grant.pk, env)
    raise Refused(
        f"You signed in to {me.company_name or me.company_id}, but {connection.name} writes to "
        f"{account}: choose that company in Pipedrive, or unlink {connection.name} first."
    )


def _go_on(connection: Connection, grant: Grant, env: Environment) -> None:
    """Open the connection by this grant; its runs that waited and its schedule go on."""
    old = connection.grant_id
    with transaction.atomic():
        connection.grant = grant
        opened(connection, timezone.now())
        kept = ["grant", "disconnected", "next_sync_at", "barred", "barred_since"]
        connection.save(update_fields=kept)
    if old is not None and old != grant.pk:
        granting.release(old, env)


def is_pipedrive(credentials: str) -> bool:
    """Whether "id:secret" are those of our app, by which Pipedrive signs what it tells us."""
    app = grants.registered_app()
    good = f"{app.id}:{app.secret}" if app else ""
    return app is not None and compare_digest(credentials.encode(), good.encode())


def uninstalled(company_id: int, user_id: int) -> list[str]:
    """A user has uninstalled the app: the names of the connections that this cuts."""
    theirs = Grant.objects.filter(company_id=company_id, user_id=user_id)
    return grants.end(theirs, grants.UNINSTALLED)
