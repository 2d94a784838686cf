"""A world whose Pipedrive is opened by OAuth: the app, its user's yes, and a grant."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
from django.conf import settings

from chargepipe.accounts.environment import Environment
from chargepipe.accounts.granting import Granted, redeem
from chargepipe.accounts.secrets import Typed
from chargepipe.actions import connections
from chargepipe.pipedrive import App
from chargepipe.store.models import Connection
from world import PIPEDRIVE, World

PATH = "/oauth/callback"
CALLBACK = f"http://127.0.0.1:8000{PATH}"
APP = App("sandbox-app", "sandbox-secret")


@contextmanager
def configured(**more: Any) -> Iterator[None]:
    """This installation has the sandbox's app."""
    before = settings.PROCESS
    ours = {"oauth_id": APP.id, "oauth_secret": APP.secret, "url": CALLBACK[: -len(PATH)]}
    settings.PROCESS = replace(before, **{**ours, **more})
    try:
        yield
    finally:
        settings.PROCESS = before


def answer(root: str, address: str, decision: str = "allow", **more: Any) -> dict[str, str]:
    """What the callback is told once a user has decided on Pipedrive's page at this address."""
    form = {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}
    with httpx2.Client(**more) as browser:
        told = browser.post(f"{root}/oauth/authorize", data={**form, "decision": decision})
    assert told.status_code == 302, told.text
    query = parse_qs(urlsplit(told.headers["location"]).query)
    return {key: values[0] for key, values in query.items()}


def grant(world: World, env: Environment | None = None) -> Granted:
    """The user of the world's account says yes, and the code is redeemed."""
    pending = world.sandbox.apps.grants.issue_code(CALLBACK, world.sandbox.apps.scopes)
    return redeem(APP, PIPEDRIVE, PIPEDRIVE, pending, CALLBACK, env or world.env)


def connect(world: World, settings: str = "organizations = true", name: str = "acme") -> Connection:
    """A connection by OAuth."""
    text = world.text(settings, name).replace(
        'api_token = "env:TEST_PIPEDRIVE_TOKEN"', "oauth = true"
    )
    typed = Typed(grant=grant(world).grant.pk)
    return connections.apply(connections.propose(text), world.env, typed)[0]


def refreshes(world: World) -> int:
    """How often a refresh token was sent."""
    return sum(path == "/oauth/token" for _, _, path, *_ in world.sandbox.requests)
