"""Journeys: in steps, within bounds, with the webhooks on the way."""

import asyncio
from collections.abc import Awaitable
from itertools import count
from typing import Any

import httpx2
import pytest

from chargepipe.sandbox import Sandbox, journeys
from chargepipe.sandbox.clock import Clock
from chargepipe.sandbox.outbox import Post
from sandbox.books import DAY, NOW
from sandbox.receiver import HERE
from sandbox.test_sandbox_server import served
from served import HANGS


def fixed(customers: int = 60) -> Sandbox:
    return Sandbox(customers=customers, now=lambda: NOW)


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine is no failure."""
    monkeypatch.setattr(journeys, "PATIENCE", HANGS)


def travel(sandbox: Sandbox, seconds: float) -> None:
    asyncio.run(sandbox.journeys.travel(seconds))


def test_a_journey_in_steps_comes_to_the_same_as_one_at_once() -> None:
    one, other = fixed(), fixed()
    one.travel(100 * DAY)
    travel(other, 100 * DAY)
    assert one.clock.now() == other.clock.now() == NOW + 100 * DAY
    told = [list(each.billing.events()) for each in (one, other)]
    assert len(told[0]) > 100
    assert told[0] == told[1]
    assert list(one.billing.subscriptions()) == list(other.billing.subscriptions())


def test_time_moves_step_by_step_to_what_is_due() -> None:
    clock, seen = Clock(lambda: NOW), list[float]()
    for wait in (10, 20.25, 20.5):
        clock.later(wait, lambda: seen.append(clock.now() - NOW))
    stops = [clock.now() - NOW for _ in clock.journey(60)]
    assert stops == [0, 10, 20.25, 21.25, 60]
    assert seen == [10, 20.25, 20.5]


def test_others_have_their_turn_on_a_journey(monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox, turns, steps = fixed(), 0, len(list(fixed().journey(20 * DAY)))
    monkeypatch.setattr(journeys, "monotonic", count(step=0.01).__next__)

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async def main() -> None:
        task = asyncio.ensure_future(others())
        await sandbox.journeys.travel(20 * DAY)
        task.cancel()

    asyncio.run(main())
    assert turns >= steps // 6 >= 3


def test_two_journeys_at_once_are_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journeys, "SLICE", 0.0)
    sandbox = fixed()

    async def main() -> list[Any]:
        both: list[Awaitable[None]] = [sandbox.journeys.travel(90 * DAY) for _ in range(2)]
        return await asyncio.gather(*both, return_exceptions=True)

    first, second = asyncio.run(main())
    assert first is None
    assert "wait until it has arrived" in str(second)
    assert sandbox.clock.now() == NOW + 90 * DAY


def test_a_journey_that_takes_too_long_stops_and_goes_on_next_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sandbox, whole = fixed(), fixed()
    whole.travel(30 * DAY)
    monkeypatch.setattr(journeys, "PATIENCE", 0.0)
    with pytest.raises(ValueError, match="travel again for the rest"):
        travel(sandbox, 30 * DAY)
    assert sandbox.clock.now() == NOW
    monkeypatch.setattr(journeys, "PATIENCE", HANGS)
    travel(sandbox, 30 * DAY)
    assert sandbox.billing_moves
    assert len(list(sandbox.billing.events())) == len(list(whole.billing.events()))


def test_time_ends_in_words() -> None:
    sandbox = Sandbox(customers=1, now=lambda: NOW)
    for _ in range(7):
        sandbox.travel(3650 * DAY)
    with pytest.raises(ValueError, match="ends with the year 2099"):
        sandbox.travel(3650 * DAY)
    with pytest.raises(ValueError, match="only moves forward"):
        sandbox.travel(-1)


class Receiver(httpx2.AsyncBaseTransport):
    """Answers 500 to the first message and keeps the sandbox's time of each."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self.got: list[tuple[int, Any]] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.got.append((self._sandbox.clock.seconds() - NOW, request.content))
        return httpx2.Response(200 if len(self.got) > 1 else 500)


def test_webhooks_go_out_on_the_way_with_their_retries() -> None:
    sandbox = fixed(0)
    receiver = Receiver(sandbox)
    sandbox.journeys.deliver = lambda: sandbox.outbox.deliver(receiver)

    def again(status: int | None) -> None:
        if status != 200:
            sandbox.clock.later(60, lambda: sandbox.outbox.put(Post(HERE, {"n": 2})))

    for hours in (1, 5):
        post = Post(HERE, {"n": hours}, done=again)
        sandbox.clock.later(3600 * hours, lambda post=post: sandbox.outbox.put(post))
    travel(sandbox, DAY)
    assert [moment for moment, _ in receiver.got] == [3600, 3660, 18_000]


def test_a_receiver_that_hangs_holds_a_journey_no_longer_than_its_patience(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Hangs(httpx2.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            await asyncio.sleep(30)
            raise AssertionError

    sandbox = fixed(0)
    sandbox.journeys.deliver = lambda: sandbox.outbox.deliver(Hangs())
    sandbox.clock.later(60, lambda: sandbox.outbox.put(Post(HERE, {})))
    monkeypatch.setattr(journeys, "PATIENCE", 0.05)
    with pytest.raises(ValueError, match="travel again"):
        travel(sandbox, DAY)
    assert sandbox.clock.now() < NOW + DAY


def test_a_served_sandbox_delivers_on_a_journey_and_answers_meanwhile() -> None:
    got: list[bytes] = []

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        got.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    async def main() -> None:
        sandbox = Sandbox(customers=40)
        receiver = await asyncio.start_server(hear, "127.0.0.1", 0)
        port = receiver.sockets[0].getsockname()[1]
        async with receiver, served(sandbox) as (client, billing, _):
            form = {"name": "ours", "url": f"http://127.0.0.1:{port}/"}
            key = (sandbox.chargebee_full_key, "")
            made = await client.post(f"{billing}/api/v2/webhook_endpoints", data=form, auth=key)
            assert made.status_code == 200
            call = {"target": "clock", "method": "travel", "args": {"seconds": 20 * DAY}}
            answer = await client.post(f"{billing}/_sandbox/call", json=call, timeout=HANGS)
            assert answer.json() == {"result": None}
            events = sandbox.billing.shelves["event"].table.last
            assert events > 5
            assert sandbox.outbox.sent >= events - 1
            assert len(got) >= events - 1
        assert sandbox.journeys.deliver is None

    asyncio.run(asyncio.wait_for(main(), HANGS))
