"""Access tokens are refreshed by one process at a time, and no crash leaves a grant half used."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import httpx2
import pytest
from django.db import connection as database

from chargepipe.accounts import grants, renewal
from chargepipe.accounts.environment import Environment
from chargepipe.accounts.grants import Disconnected, Held
from chargepipe.accounts.renewal import Bearer
from chargepipe.http import Clock, Transient
from chargepipe.pipedrive import AppRefused, Tokens
from chargepipe.store.models import Connection, Grant
from granted import configured
from scripted import Scripted, reply
from virtual_time import VirtualClock

pytestmark = pytest.mark.django_db(transaction=True)
HOUR, SERVER = 3600, "http://127.0.0.1:1"
OVER = reply(400, {"success": False, "error": "invalid_grant", "message": "over"})


def tokens(number: int, refresh: str = "r0") -> httpx2.Response:
    body = {"access_token": f"a{number}", "refresh_token": refresh, "expires_in": HOUR}
    return reply(200, body)


class Made:
    """A grant with the tokens a0 and r0, its server, and time that does not pass."""

    def __init__(self, replies: Any) -> None:
        self.clock = VirtualClock()
        self.server = Scripted(replies)
        self.env = Environment(clock=self.clock, transport=lambda _: self.server)
        first = Tokens("a0", "r0", HOUR, frozenset(), "")
        self.grant = grants.keep(Held(first, self.clock.now(), SERVER), 7, 1, self.clock.now())
        self.acme = Connection.objects.create(
            name="acme", file={}, grant=self.grant, next_sync_at=self.clock.now()
        )

    @property
    def stored(self) -> dict[str, Any]:
        return json.loads(Grant.objects.get(pk=self.grant.pk).tokens)

    def bearer(self, env: Environment | None = None) -> Bearer:
        return Bearer(grants.look(self.grant.pk), env or self.env)

    def access(self, bearer: Bearer | None = None, refused: str = "") -> str:
        with asyncio.Runner(loop_factory=self.clock.loop_factory) as runner:
            return runner.run((bearer or self.bearer()).access(refused))


@pytest.fixture(autouse=True)
def _app() -> Iterator[None]:
    with configured():
        yield


def test_a_fresh_token_is_used_as_it_is() -> None:
    made = Made(tokens(1))
    made.clock.advance(HOUR * 0.9 - 1)
    assert made.access() == "a0"
    assert made.server.requests == []


@pytest.mark.parametrize("seconds", [HOUR * 0.9, HOUR, 100 * HOUR])
def test_it_is_refreshed_before_it_expires_and_stored_before_it_is_used(seconds: float) -> None:
    made = Made(tokens(1, "r1"))
    made.clock.advance(seconds)
    assert made.access() == "a1"
    assert (made.stored["access_token"], made.stored["refresh_token"]) == ("a1", "r1")
    form = made.server.requests[0].content.decode()
    assert form == "grant_type=refresh_token&refresh_token=r0"
    assert made.server.requests[0].headers["authorization"].startswith("Basic ")
    assert Grant.objects.get().claimed_until is None


def test_an_answer_without_a_refresh_token_keeps_the_old_one() -> None:
    made = Made(reply(200, {"access_token": "a1"}))
    made.clock.advance(HOUR)
    made.access()
    assert made.stored["refresh_token"] == "r0"
    assert made.stored["expires_in"] == HOUR


def test_many_calls_of_one_client_refresh_once() -> None:
    made = Made([tokens(n) for n in range(1, 9)])
    made.clock.advance(HOUR)
    bearer = made.bearer()

    async def eight() -> list[str]:
        return await asyncio.gather(*(bearer.access() for _ in range(8)))

    with asyncio.Runner(loop_factory=made.clock.loop_factory) as runner:
        assert runner.run(eight()) == ["a1"] * 8
    assert len(made.server.requests) == 1


def test_a_token_that_was_refused_is_refreshed_once_though_it_looks_good() -> None:
    made = Made([tokens(1), tokens(2)])
    one, other = made.bearer(), made.bearer()
    assert made.access(one, refused="a0") == "a1"
    assert made.access(other, refused="a0") == "a1"  # it reads what the first has stored
    assert len(made.server.requests) == 1


class Watched(Clock):
    """The clock of another process, by which one sees how often it has looked at the grant.

    It reads the time as it opens, as it is asked, and after each look.
    """

    def __init__(self, clock: VirtualClock, looks: int) -> None:
        self._clock, self._left = clock, 2 + looks
        self.waits = threading.Event()

    def now(self) -> datetime:
        self._left -= 1
        if self._left == 0:
            self.waits.set()
        return self._clock.now()


def beside(made: Made, looks: int) -> tuple[Callable[[], None], list[Any]]:
    """Let another process want a token in the midst of the first refresh, which then goes on once
    that process has looked so often at the grant. What ends it, and what it got.
    """
    heard: list[Any] = []
    threads: list[threading.Thread] = []
    clock = Watched(made.clock, looks)
    env = replace(made.env, clock=clock)

    def another() -> None:
        try:
            heard.append(asyncio.run(made.bearer(env).access()))
        except Exception as error:
            heard.append(error)
        finally:
            database.close()

    def answer(_: httpx2.Request) -> httpx2.Response:
        if not threads:
            threads.append(threading.Thread(target=another))
            threads[0].start()
            assert clock.waits.wait(20)
        return tokens(1)

    def end() -> None:
        threads[0].join()

    made.server._replies = answer
    return end, heard


def test_of_two_processes_at_once_one_refreshes_and_the_other_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(renewal, "POLL_SECONDS", 0.02)
    made = Made(None)
    end, heard = beside(made, looks=3)
    made.clock.advance(HOUR)
    assert made.access() == "a1"
    end()
    assert heard == ["a1"]
    assert len(made.server.requests) == 1


def test_who_need_not_wait_goes_on_with_the_old_token() -> None:
    made = Made(None)
    end, heard = beside(made, looks=1)
    made.clock.advance(HOUR * 0.95)
    assert made.access() == "a1"
    end()
    assert heard == ["a0"]
    assert len(made.server.requests) == 1


def test_a_process_that_died_with_the_claim_is_followed_by_another() -> None:
    made = Made(tokens(1))
    made.clock.advance(HOUR)
    assert grants.claim(grants.look(made.grant.pk), made.clock.now()) is not None
    before = made.clock.now()
    assert made.access() == "a1"
    assert timedelta(seconds=60) <= made.clock.now() - before < timedelta(seconds=62)


def test_only_one_of_two_gets_the_claim() -> None:
    made = Made(None)
    seen, now = grants.look(made.grant.pk), made.clock.now()
    assert grants.claim(seen, now) is not None
    assert grants.claim(seen, now) is None


def test_a_lost_answer_is_survived_where_the_refresh_token_stays() -> None:
    made = Made([httpx2.ReadTimeout("lost"), tokens(1)])
    made.clock.advance(HOUR)
    bearer = made.bearer()
    with pytest.raises(Transient):
        made.access(bearer)
    assert made.access(bearer) == "a1"


def test_a_lost_answer_after_which_the_refresh_token_is_used_up_is_said_once() -> None:
    made = Made([httpx2.ReadTimeout("lost"), OVER])
    made.clock.advance(HOUR)
    with pytest.raises(Transient):
        made.access()
    bearer = made.bearer()
    with pytest.raises(Disconnected, match="Connect Pipedrive again"):
        made.access(bearer)
    made.acme.refresh_from_db()
    assert (made.acme.grant_id, made.acme.next_sync_at) == (None, None)
    assert made.acme.disconnected == grants.REFUSED
    assert not Grant.objects.exists()
    with pytest.raises(Disconnected):
        made.access(bearer)
    assert len(made.server.requests) == 2  # no storm


@pytest.mark.parametrize("trouble", [reply(500), reply(200, "<p>"), httpx2.ConnectError("no")])
def test_while_the_old_token_is_good_trouble_is_no_trouble(trouble: Any) -> None:
    made = Made([trouble, trouble, tokens(1)])
    made.clock.advance(HOUR * 0.92)
    bearer = made.bearer()
    assert [made.access(bearer) for _ in range(5)] == ["a0"] * 5
    assert len(made.server.requests) == 1
    made.clock.advance(30)
    assert made.access(bearer) == "a0"
    made.clock.advance(30)
    assert made.access(bearer) == "a1"


def test_a_wrong_secret_of_the_app_ends_no_grant() -> None:
    made = Made(reply(400, {"success": False, "error": "invalid_client"}))
    made.clock.advance(HOUR)
    with pytest.raises(AppRefused, match="CLIENT_SECRET"):
        made.access()
    assert Grant.objects.exists()


def test_who_was_overtaken_takes_what_the_other_has_stored() -> None:
    made = Made(None)
    seen, now = grants.look(made.grant.pk), made.clock.now()
    newer = Held(Tokens("a1", "r1", HOUR, frozenset(), ""), now, SERVER)
    late = Held(Tokens("a2", "r2", HOUR, frozenset(), ""), now, SERVER)
    assert grants.renew(seen, newer) == newer
    assert grants.renew(seen, late) == newer
    assert grants.refused(seen) == newer
    assert made.stored["refresh_token"] == "r1"


def test_nothing_shows_a_token() -> None:
    made = Made(OVER)
    made.clock.advance(HOUR)
    seen = grants.look(made.grant.pk)
    with pytest.raises(Disconnected) as caught:
        made.access()
    shown = f"{seen!r} {seen.held!r} {seen.held.tokens!r} {caught.value!r} {made.grant!r}"
    assert "a0" not in shown
    assert "r0" not in shown
    with database.cursor() as cursor:
        made.grant.pk = None
        made.grant.save()
        cursor.execute("SELECT tokens FROM chargepipe_store_grant")
        assert all("refresh_token" not in row[0] for row in cursor.fetchall())
