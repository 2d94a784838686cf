"""Granting: a code becomes tokens, is looked at, and is stored; a grant is handed back."""

import asyncio
from dataclasses import dataclass

from chargepipe.accounts import grants
from chargepipe.accounts.connect import NoAdmin, no_admin
from chargepipe.accounts.environment import Environment
from chargepipe.accounts.grants import Held
from chargepipe.accounts.services import company_root
from chargepipe.http import BadAnswer, ServiceError
from chargepipe.pipedrive import App, Fixed, Me, Tokens, open_oauth, open_pipedrive
from chargepipe.store.encrypted import KeyMissing
from chargepipe.store.models import Grant

SCOPES = frozenset(
    {"contacts:full", "deals:full", "contact-fields:full", "deal-fields:full", "users:read"}
)
"""What a sync needs besides "base", which every app has (docs/how-to/connect-with-oauth.md)."""


@dataclass(frozen=True, slots=True)
class Granted:
    """A grant that is stored, and who gave it."""

    grant: Grant
    me: Me
    lacking: tuple[str, ...]
    """Scopes that a sync needs and the app does not have, as far as Pipedrive tells."""


def redeem(
    app: App, server: str, root: str, code: str, redirect_uri: str, env: Environment
) -> Granted:
    """Exchange a code (once, within five minutes), ask who that is, and store it before all else.

    `root` is the API's address where the connection names one, else the answer tells it. Raises
    NoAdmin, after handing back a grant that is of no use, and the errors of `chargepipe.http`.
    """
    asked_at = env.clock.now()

    async def ask() -> tuple[Tokens, Me]:
        async with open_oauth(server, app, transport=env.transport(server)) as oauth:
            tokens = await oauth.exchange(code, redirect_uri)
        api = root or company_root(tokens.api_domain)
        if not api:
            raise BadAnswer("Pipedrive", "Pipedrive named an address that is none of its own.")
        throttle = env.throttles.pipedrive(api, oauth=True)
        signed = Fixed(tokens.access)
        async with open_pipedrive(
            api, signed, throttle=throttle, transport=env.transport(api)
        ) as target:
            return tokens, await target.me()

    with asyncio.Runner(loop_factory=env.clock.loop_factory) as runner:
        tokens, me = runner.run(ask())
    held = Held(tokens, asked_at, server)
    grant = grants.keep(held, me.company_id, me.user_id, env.clock.now())
    if me.admin is False:
        release(grant.pk, env)
        raise NoAdmin(no_admin(me))
    lacking = sorted(SCOPES - tokens.scopes) if tokens.scopes else []
    return Granted(grant, me, tuple(lacking))


def release(grant_id: int, env: Environment) -> bool | None:
    """Forget a grant that no connection uses, and hand it back to Pipedrive, which uninstalls it.

    None: it is in use, and stays. False: it is forgotten here, but Pipedrive could not be told.
    """
    held, app = _readable(grant_id), grants.registered_app()
    if not grants.unused().filter(pk=grant_id).delete()[0]:
        return None
    if held is None or app is None:
        return False

    async def tell() -> None:
        async with open_oauth(held.server, app, transport=env.transport(held.server)) as oauth:
            await oauth.revoke(held.tokens.refresh)

    try:
        with asyncio.Runner(loop_factory=env.clock.loop_factory) as runner:
            runner.run(tell())
    except ServiceError:
        return False
    return True


def _readable(grant_id: int) -> Held | None:
    """The tokens to hand back; None where they are gone, or their key is lost."""
    try:
        return grants.look(grant_id).held
    except (grants.Disconnected, KeyMissing):
        return None
