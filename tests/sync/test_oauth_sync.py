"""Runs of a connection by OAuth: over an expiry, with others at once, and when it is over."""

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from django.db import connection as database
from structlog.testing import capture_logs

import granted
from chargepipe.accounts import grants, renewal
from chargepipe.accounts.granting import SCOPES
from chargepipe.accounts.renewal import Bearer
from chargepipe.actions import oauth, runs
from chargepipe.actions.overview import overview
from chargepipe.actions.refusal import Refused
from chargepipe.http import Clock
from chargepipe.store.models import Connection, Grant, Run
from granted import APP, configured, refreshes
from world import CHARGEBEE, PIPEDRIVE, World

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = 3600
UNDISTURBED = (6, 9)
"""People that a full sync of this world makes, and people who are there then."""


@pytest.fixture
def world() -> Iterator[World]:
    with configured():
        yield World(customers=10)


def written(world: World, run: Run) -> tuple[int, int]:
    """People that a run has made, and people who are there now."""
    return run.counts["created"], len(list(world.crm.persons()))


class Watching(httpx2.AsyncBaseTransport):
    """Pipedrive's wire; `look` is called with each path before the call goes on."""

    def __init__(self, inner: httpx2.AsyncBaseTransport, look: Callable[[str], None]) -> None:
        self._inner, self._look = inner, look

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self._look(request.url.path)
        return await self._inner.handle_async_request(request)


def watched(world: World, look: Callable[[str], None]) -> None:
    """Let `look` see each call to Pipedrive from now on."""

    def transport(root: str) -> Any:
        wire = world.transport(root)
        return wire if root == CHARGEBEE else Watching(wire, look)

    world.env = replace(world.env, transport=transport)


def on_call(number: int, what: Callable[[], None]) -> Callable[[str], None]:
    """Do something once, before the call of this number that is not about the sign-in."""
    left = [number]

    def look(path: str) -> None:
        if not path.startswith("/oauth/"):
            left[0] -= 1
            if left[0] == 0:
                what()

    return look


def test_validate_full_and_hourly_sync_work(world: World) -> None:
    connection = granted.connect(world)
    assert world.run(connection, "validate").state == "done"
    full = world.run(connection, "full")
    assert (full.state, written(world, full)) == ("done", UNDISTURBED)
    world.clock.advance(HOUR)
    hourly = world.run(connection, "sync")
    assert (hourly.state, hourly.message) == ("done", "")
    assert refreshes(world) == 2  # the code, and the hour


class Other(Clock):
    """Another process's clock; `waits` is set once it has looked three times in vain."""

    def __init__(self, world: World) -> None:
        self._world, self._calls = world, 0
        self.waits = threading.Event()

    def now(self) -> datetime:
        self._calls += 1
        if self._calls == 5:  # as it opens, as it is asked, and after each of three looks
            self.waits.set()
        return self._world.clock.now()


def test_a_full_sync_over_an_expiry_and_another_process_refresh_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renewal, "POLL_SECONDS", 0.02)
    connection = granted.connect(world)
    seen, clock, heard = grants.grant_of(connection), Other(world), list[str]()
    other = replace(world.env, clock=clock)

    def another() -> None:
        try:
            heard.append(asyncio.run(Bearer(seen, other).access()))
        finally:
            database.close()

    thread = threading.Thread(target=another)

    def look(path: str) -> None:
        expire(path)
        if path == "/oauth/token" and not clock.waits.is_set():
            thread.start()
            assert clock.waits.wait(20)

    expire = on_call(25, lambda: world.clock.advance(HOUR))
    before = refreshes(world)
    watched(world, look)
    run = world.run(connection, "full")
    thread.join()
    assert run.state == "done"
    assert refreshes(world) - before == 1
    assert heard == [grants.grant_of(connection).held.tokens.access]
    assert written(world, run) == UNDISTURBED


def test_access_that_is_revoked_in_the_midst_is_renewed_and_no_write_is_lost_or_doubled(
    world: World,
) -> None:
    connection = granted.connect(world)
    watched(world, on_call(25, world.sandbox.apps.revoke))
    run = world.run(connection, "full")
    assert run.state == "done"
    assert refreshes(world) == 2
    assert written(world, run) == UNDISTURBED


def test_an_uninstalled_app_pauses_the_run_and_connecting_again_resumes_it(world: World) -> None:
    connection = granted.connect(world)
    watched(world, on_call(25, world.sandbox.apps.forget))
    run = world.run(connection, "full")
    assert (run.state, run.message, run.due_at) == ("paused", grants.REFUSED, None)
    connection.refresh_from_db()
    assert overview(connection).sentence == "Pipedrive has to be connected again"
    with pytest.raises(Refused, match="Connect Pipedrive again"):
        runs.start("acme", "trial")
    asked = len(world.sandbox.requests)
    assert world.go_on(run).state == "paused"
    assert len(world.sandbox.requests) == asked  # nobody is asked in vain
    code = world.sandbox.apps.grants.issue_code(granted.CALLBACK, world.sandbox.apps.scopes)
    oauth.finish(code, PIPEDRIVE, granted.CALLBACK, connection, world.env)
    run.refresh_from_db()
    connection.refresh_from_db()
    assert (run.state, connection.disconnected) == ("queued", "")
    assert world.go_on(run).state == "done"
    assert written(world, run) == UNDISTURBED


def test_no_automatic_sync_is_due_while_disconnected(world: World) -> None:
    connection = granted.connect(world)
    world.run(connection, "full")
    assert Connection.objects.get().next_sync_at is not None
    grants.end(Grant.objects.all(), grants.UNINSTALLED)
    assert Connection.objects.get().next_sync_at is None
    held = world.run(connection, "sync")
    assert (held.state, held.message) == ("paused", grants.UNINSTALLED)
    code = world.sandbox.apps.grants.issue_code(granted.CALLBACK, world.sandbox.apps.scopes)
    oauth.finish(code, PIPEDRIVE, granted.CALLBACK, Connection.objects.get(), world.env)
    assert Connection.objects.get().next_sync_at is not None
    assert Run.objects.get(pk=held.pk).state == "queued"


def test_two_connections_of_one_user_share_the_grant(world: World) -> None:
    first = granted.connect(world)
    second = granted.connect(world, name="beta")
    first.refresh_from_db()
    assert first.grant_id == second.grant_id
    assert world.run(first, "validate").state == "done"


def test_a_wrong_secret_of_the_app_fails_the_run_in_words(world: World) -> None:
    connection = granted.connect(world)
    world.clock.advance(HOUR)
    with configured(oauth_secret="wrong"):
        run = world.run(connection, "validate")
    assert run.state == "failed"
    assert "CHARGEPIPE_PIPEDRIVE_CLIENT_SECRET" in run.message
    assert APP.secret not in run.message
    assert world.run(connection, "validate").state == "done"


def all_that_is_stored() -> bytes:
    if database.vendor == "sqlite":
        store = Path(database.settings_dict["NAME"])
        return b"".join(file.read_bytes() for file in store.parent.glob(f"{store.name}*"))
    with database.cursor() as cursor:
        tables = database.introspection.table_names(cursor)
        union = " UNION ALL ".join(f'SELECT t::text FROM "{table}" t' for table in tables)
        cursor.execute(union)
        return "\n".join(text for (text,) in cursor.fetchall()).encode()


def test_no_log_line_and_no_row_holds_a_secret(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with capture_logs() as lines:
        connection = granted.connect(world)
        first = grants.grant_of(connection).held.tokens
        world.clock.advance(HOUR)
        world.run(connection, "validate")
        second = grants.grant_of(connection).held.tokens
        world.sandbox.apps.forget()
        world.clock.advance(HOUR)
        world.run(connection, "validate")
    assert second.access != first.access
    assert [line["path"] for line in lines if line.get("path") == "/oauth/token"]
    said = f"{caplog.text} {lines}".encode()
    kept = all_that_is_stored()
    assert connection.name.encode() in kept
    for secret in (first.access, second.access, first.refresh, APP.secret):
        assert secret.encode() not in said
        assert secret.encode() not in kept


def test_the_scopes_that_we_ask_for_are_enough_for_everything_we_write(world: World) -> None:
    world.sandbox.apps.register(scopes=sorted(SCOPES))
    settings = f"""
organizations = true
owner = "{world.crm.me["email"]}"
subscription_data = "person"
extras = ["link", "overdue"]
[settings.subscription_deals]
enabled = true
[settings.invoice_deals]
enabled = true
"""
    connection = granted.connect(world, settings)
    first, run = (world.run(connection, "full") for _ in range(2))  # deals come with the second
    waits = "Deals that wait: 4 (its customer has an error). "
    assert (first.state, run.state, run.message) == ("done", "done", waits)
    assert run.counts["objects"]["deal"]["created"] > 0
    refused = [entry for entry in world.sandbox.requests if entry[3] == 403]
    assert refused == []


def test_a_token_and_oauth_have_a_pace_each(world: World) -> None:
    throttles = world.env.throttles
    assert throttles.pipedrive(PIPEDRIVE) is not throttles.pipedrive(PIPEDRIVE, oauth=True)
    assert throttles.pipedrive(PIPEDRIVE) is throttles.pipedrive(PIPEDRIVE)
