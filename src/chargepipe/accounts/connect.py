"""Connect: ask both services who they are before anything is stored (product.md 2.1).

A person waits for the answer: both are asked at a time, and who does not answer is asked once.
"""

import asyncio
from collections.abc import Awaitable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.conf import settings

from chargepipe.accounts import grants
from chargepipe.accounts.discover import ENTITIES, count_people, read_fields
from chargepipe.accounts.environment import Environment
from chargepipe.accounts.ledger import Ledger
from chargepipe.accounts.secrets import SecretMissing, Typed, fetch_secret
from chargepipe.accounts.services import (
    WayIn,
    chargebee_root,
    open_source,
    open_target,
    pipedrive_root,
)
from chargepipe.chargebee import Chargebee, Kind, Site
from chargepipe.domain.settings import ConnectionFile, Settings
from chargepipe.domain.sites import is_live
from chargepipe.http import Service, ServiceError, Transient
from chargepipe.pipedrive import Me

ANSWERS_WITHIN = 10.0
"""Seconds until Chargebee has said who it is; its lists may take longer."""
Found = TypeVar("Found")


class NoAdmin(Exception):
    """The Pipedrive user has no admin rights."""


class Refusals(Exception):
    """Both services refuse, each for a reason of its own."""

    def __init__(self, chargebee: Exception, pipedrive: Exception) -> None:
        super().__init__(chargebee, pipedrive)
        self.both = (chargebee, pipedrive)


@dataclass(frozen=True, slots=True)
class Checked:
    """What both services said, with the secrets that opened them (42 tokens and more)."""

    site: Site
    me: Me
    chargebee_key: str = field(repr=False)
    pipedrive_token: str = field(repr=False)
    """"" where Pipedrive was opened by a grant."""
    grant: int | None
    """That grant, by number."""
    warnings: tuple[str, ...]
    people: int
    """People who are in Pipedrive already, as far as they were counted."""
    more_people: bool
    """Whether there are more than that."""
    fields: Mapping[str, Any]
    """The account's custom fields, as `discover.read_fields` gives them."""
    burst: int | None
    """Calls in 2 seconds; None where Pipedrive does not say."""

    @property
    def live(self) -> bool:
        """Whether the Chargebee site is a live one."""
        return is_live(self.site.domain)


def check(file: ConnectionFile, env: Environment, typed: Typed = Typed()) -> Checked:  # noqa: B008
    """Ask both services. Raises SecretMissing, ServiceError, NoAdmin or Refusals; stores nothing.

    `typed` holds the secrets whose reference is "stored", and the grant where there is one.
    """
    key, way_in = fetch_secret(file.chargebee.api_key, typed.chargebee_key), _way_in(file, typed)
    with asyncio.Runner(loop_factory=env.clock.loop_factory) as runner:
        return runner.run(_check(file, env, key, way_in))


def _way_in(file: ConnectionFile, typed: Typed) -> WayIn:
    if file.pipedrive.api_token is not None:
        return fetch_secret(file.pipedrive.api_token, typed.pipedrive_token)
    if typed.grant is None:
        raise SecretMissing(_needs_browser(file.name))
    return grants.look(typed.grant)


def _needs_browser(name: str) -> str:
    """What to do where Pipedrive is to be opened by OAuth and no admin has granted that yet."""
    console = settings.PROCESS.url or "http://127.0.0.1:8800"
    return (
        "oauth = true needs a browser once: start the console (chargepipe serve), open "
        f'{console}/connect?name={name}, press "Connect with Pipedrive", then "Check both and '
        'connect"; after that apply this file again.'
    )


async def _check(file: ConnectionFile, env: Environment, key: str, way_in: WayIn) -> Checked:
    ledger = Ledger()
    site, me = await asyncio.gather(
        _tried(_site(file, env, key)), _tried(_me(file, env, way_in, ledger))
    )
    if isinstance(site, Exception) and isinstance(me, Exception):
        raise Refusals(site, me)
    if isinstance(site, Exception):
        raise site
    if isinstance(me, Exception):
        raise me
    async with open_target(file, way_in, env, calls=ledger) as target:
        people, more = await count_people(target)
        fields = await read_fields(target, ENTITIES)
    warnings = tuple(_warnings(file, site, me))
    token, grant = (way_in, None) if isinstance(way_in, str) else ("", way_in.id)
    return Checked(site, me, key, token, grant, warnings, people, more, fields, ledger.burst)


async def _tried(asking: Awaitable[Found]) -> Found | ServiceError | NoAdmin:
    """What was found, or why not: the other service is told of as well."""
    try:
        return await asking
    except (ServiceError, NoAdmin) as error:
        return error


async def _site(file: ConnectionFile, env: Environment, key: str) -> Site:
    async with open_source(file, key, env) as source:
        try:
            async with asyncio.timeout(ANSWERS_WITHIN):
                site = await source.configuration(once=True)
        except (TimeoutError, Transient) as error:
            raise _unreached("Chargebee", chargebee_root(file), error) from None
        await _may_read(source, read_kinds(file.settings))
        return site


async def _me(file: ConnectionFile, env: Environment, way_in: WayIn, ledger: Ledger) -> Me:
    async with open_target(file, way_in, env, calls=ledger) as target:
        try:
            me = await target.me(once=True)
        except Transient as error:
            root = pipedrive_root(file, way_in=way_in)
            raise _unreached("Pipedrive", root, error) from None
    if me.admin is False:
        raise NoAdmin(no_admin(me))
    return me


def _unreached(service: Service, root: str, error: Exception) -> Transient:
    """Nobody answers at an address, in the words of who typed it; an answer speaks for itself."""
    if isinstance(error, Transient) and error.status is not None:
        return error
    return Transient(
        service,
        f"{service} does not answer at {root}. Check the address for a slip, and that this machine "
        "may reach it; then try again.",
    )


async def _may_read(source: Chargebee, kinds: Iterable[Kind]) -> None:
    """Read one page of each list: a key without rights is found now, not in the first sync."""
    for kind in kinds:
        async for _ in source.pages(kind, include_deleted=True):
            break


def read_kinds(settings: Settings) -> tuple[Kind, ...]:
    """The lists of Chargebee that a sync with these settings reads."""
    kinds: tuple[Kind, ...] = ("customer", "subscription")
    return (*kinds, "invoice") if settings.invoice_deals.enabled else kinds


def no_admin(me: Me) -> str:
    """What to do about a Pipedrive user without admin rights."""
    return (
        f"The Pipedrive user {me.user_id} is no admin of {me.company_name or me.company_id}: it "
        "may not see every person, and duplicates would be made. Ask a Pipedrive admin to make "
        "this user an admin, or connect with the token of one."
    )


def _warnings(file: ConnectionFile, site: Site, me: Me) -> list[str]:
    words = []
    if site.domain and site.domain != file.chargebee.site:
        words.append(
            f'The key belongs to the Chargebee site "{site.domain}", the file says '
            f'"{file.chargebee.site}".'
        )
    if me.admin is None:
        words.append(
            "Pipedrive does not say whether this user is an admin. Make sure that it is: a user "
            "who does not see every person would make duplicates."
        )
    return words
