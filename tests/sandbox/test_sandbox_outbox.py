"""What the services send by themselves: when, how often, in which order, and where never."""

import json
from typing import Any

import httpx2
import pytest

from chargepipe.sandbox.clock import Clock
from chargepipe.sandbox.outbox import Outbox, Post
from virtual_time import VirtualClock

HERE = "http://127.0.0.1:9/hook"


class Receiver(httpx2.AsyncBaseTransport):
    """Answers every message with a status, or not at all, and keeps what it was sent."""

    def __init__(self, status: int | None = 200) -> None:
        self.status = status
        self.got: list[Any] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.got.append(json.loads(request.content))
        if self.status is None:
            raise httpx2.ReadTimeout("too slow", request=request)
        return httpx2.Response(self.status)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def outbox(clock: VirtualClock) -> Outbox:
    return Outbox(Clock(clock.timestamp))


def deliver(clock: VirtualClock, outbox: Outbox, receiver: Receiver) -> list[Any]:
    receiver.got.clear()
    clock.run(outbox.deliver(receiver))
    return receiver.got


def test_a_message_goes_out_when_it_is_due(clock: VirtualClock, outbox: Outbox) -> None:
    outbox.put(Post(HERE, {"n": 2}), wait=60)
    outbox.put(Post(HERE, {"n": 1}))
    assert deliver(clock, outbox, Receiver()) == [{"n": 1}]
    clock.advance(59)
    assert deliver(clock, outbox, Receiver()) == []
    clock.advance(1)
    assert deliver(clock, outbox, Receiver()) == [{"n": 2}]


@pytest.mark.parametrize("status", [200, 500, 301, None])
def test_the_sender_learns_what_became_of_it(
    clock: VirtualClock, outbox: Outbox, status: int | None
) -> None:
    told: list[int | None] = []
    outbox.put(Post(HERE, {}, done=told.append))
    deliver(clock, outbox, Receiver(status))
    assert told == [status]


def test_delivery_can_be_doubled_and_turned_round(clock: VirtualClock, outbox: Outbox) -> None:
    told: list[int | None] = []
    outbox.twice = outbox.turned_round = True
    for number in (1, 2):
        outbox.put(Post(HERE, {"n": number}, done=told.append))
    assert deliver(clock, outbox, Receiver()) == [{"n": 2}, {"n": 2}, {"n": 1}, {"n": 1}]
    assert told == [200, 200]


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1/", "https://example.com/", "ftp://localhost/", "http://[::2]/", "x"]
)
def test_nothing_is_sent_beyond_this_machine(outbox: Outbox, url: str) -> None:
    with pytest.raises(ValueError, match="this machine alone"):
        outbox.put(Post(url, {}))


def test_time_travels_forward_and_late_work_is_done_on_the_way(clock: VirtualClock) -> None:
    simulated = Clock(clock.timestamp)
    start, seen = simulated.now(), list[float]()
    simulated.later(20, lambda: seen.append(simulated.now()))
    simulated.later(10, lambda: simulated.later(5, lambda: seen.append(simulated.now())))
    simulated.travel(30 * 86_400)
    assert [moment - start for moment in seen] == [15, 20]
    assert simulated.now() - start == 30 * 86_400
    with pytest.raises(ValueError, match="forward"):
        simulated.travel(-1)


def test_a_redirect_is_an_answer_and_is_not_followed(clock: VirtualClock, outbox: Outbox) -> None:
    class Redirecting(Receiver):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            self.got.append(str(request.url))
            return httpx2.Response(307, headers={"location": f"{HERE}/elsewhere"})

    told: list[int | None] = []
    outbox.put(Post(HERE, {}, done=told.append))
    assert deliver(clock, outbox, Redirecting()) == [HERE]
    assert told == [307]
