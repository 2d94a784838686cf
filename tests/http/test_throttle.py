import asyncio
import random
from collections.abc import Callable

import httpx2
import pytest

from chargepipe.http import Call, PauseUntilReset, Throttle, Transient
from chargepipe.pipedrive import Pipedrive, open_pipedrive
from scripted import Scripted, reply
from virtual_time import VirtualClock

PERSON = {"success": True, "data": {"id": 1}}


class Window:
    """A service that refuses what goes beyond `limit` calls in a rolling window."""

    def __init__(self, clock: VirtualClock, limit: int, window: float, **headers: str) -> None:
        self.clock, self.limit, self.window, self.headers = clock, limit, window, headers
        self.taken: list[float] = []
        self.refused = 0

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        now = self.clock.seconds
        if len([t for t in self.taken if now - t < self.window]) >= self.limit:
            self.refused += 1
            return reply(429, {"success": False}, **self.headers)
        self.taken.append(now)
        return reply(200, PERSON, **self.headers)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


def pipedrive(
    transport: httpx2.AsyncBaseTransport,
    throttle: Throttle | None = None,
    calls: Callable[[Call], None] | None = None,
) -> Pipedrive:
    return open_pipedrive(
        "https://acme.pipedrive.com",
        "token",
        throttle=throttle or Throttle.pipedrive(),
        transport=transport,
        calls=calls,
    )


async def read(client: Pipedrive, count: int) -> None:
    await asyncio.gather(*(client.get("person", number) for number in range(count)))


def most_in(times: list[float], window: float) -> int:
    return max(sum(1 for t in times if start <= t < start + window) for start in times)


@pytest.mark.parametrize("limit", [20, 80, 200])
def test_a_plans_limit_is_used_to_95_percent_and_never_passed(
    clock: VirtualClock, limit: int
) -> None:
    server = Window(clock, limit, 2.0, x_ratelimit_limit=str(limit))
    clock.run(read(pipedrive(Scripted(server)), 10 * limit))
    assert server.refused == 0
    assert most_in(server.taken, 2.0) <= limit
    steady = [t for t in server.taken if t > 4.0]
    assert len(steady) / (steady[-1] - steady[0]) >= 0.95 * limit / 2.0


def test_before_a_header_tells_the_limit_ten_calls_go_in_two_seconds(clock: VirtualClock) -> None:
    server = Scripted(reply(200, PERSON))
    clock.run(read(pipedrive(server), 40))
    assert most_in(server.times, 2.0) == 10


def test_calls_that_are_late_on_their_way_meet_no_refusal(clock: VirtualClock) -> None:
    server = Window(clock, 20, 2.0, x_ratelimit_limit="20")
    chance = random.Random(7)

    class Jitter(Scripted):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            await asyncio.sleep(chance.uniform(0.0, 0.08))
            return await super().handle_async_request(request)

    clock.run(read(pipedrive(Jitter(server)), 400))
    assert server.refused == 0


def test_a_lower_limit_is_learned_too(clock: VirtualClock) -> None:
    limits = iter(["40"] * 50 + ["4"] * 50)
    server = Scripted(lambda _: reply(200, PERSON, x_ratelimit_limit=next(limits)))
    clock.run(read(pipedrive(server), 80))
    assert most_in(server.times[52:], 2.0) <= 4


@pytest.mark.parametrize("odd", ["", "many", "0", "-5", "99999999", "1.5"])
def test_an_odd_limit_header_changes_nothing(clock: VirtualClock, odd: str) -> None:
    server = Scripted(reply(200, PERSON, x_ratelimit_limit=odd))
    clock.run(read(pipedrive(server), 40))
    assert most_in(server.times, 2.0) == 10


@pytest.mark.parametrize("delay", [0.0, 0.1])  # with a delay the next one is waiting already
def test_a_429_holds_everybody_as_long_as_it_asks(clock: VirtualClock, delay: float) -> None:
    answers = [reply(200, PERSON)] * 3 + [reply(429, {}, retry_after="7"), reply(200, PERSON)]
    server = Scripted(list(answers), delay)
    clock.run(read(pipedrive(server), 12))
    assert len(server.times) == 13
    gaps = [after - before for before, after in zip(server.times, server.times[1:], strict=False)]
    assert gaps[3] == pytest.approx(7.0 + delay)
    assert all(gap < 1.0 for i, gap in enumerate(gaps) if i != 3)


@pytest.mark.parametrize(
    ("headers", "waits"),
    [
        ({"retry_after": "3"}, [3, 3, 3, 3, 3]),
        ({"retry_after": "1"}, [2, 2, 2, 2, 2]),
        ({"retry_after": "1", "x_ratelimit_reset": "4"}, [4, 4, 4, 4, 4]),
        ({"retry_after": "3600"}, [10, 10, 10, 10, 10]),
        ({"retry_after": "Wed, 21 Oct 2026 07:28:00 GMT"}, [2, 4, 8, 10, 10]),
        ({}, [2, 4, 8, 10, 10]),
    ],
)
def test_five_refusals_are_waited_out_and_the_sixth_is_an_error(
    clock: VirtualClock, headers: dict[str, str], waits: list[float]
) -> None:
    server = Scripted(reply(429, {"success": False}, **headers))
    client = pipedrive(server)
    with pytest.raises(Transient) as caught:
        clock.run(client.create("person", {"name": "Ann"}))
    gaps = [after - before for before, after in zip(server.times, server.times[1:], strict=False)]
    assert gaps == pytest.approx(waits)
    assert caught.value.status == 429


def test_a_read_that_is_refused_to_the_end_is_not_begun_anew(clock: VirtualClock) -> None:
    server = Scripted(reply(429, {"success": False}))
    with pytest.raises(Transient):
        clock.run(pipedrive(server).get("person", 1))
    assert len(server.requests) == 6


def test_a_429_is_sent_again_for_a_write_and_counted_at_no_cost(clock: VirtualClock) -> None:
    calls: list[Call] = []
    server = Scripted([reply(429, {}, retry_after="2"), reply(200, PERSON)])
    client = pipedrive(server, calls=calls.append)
    assert clock.run(client.create("person", {"name": "Ann"})) == {"id": 1}
    assert [(call.status, call.cost) for call in calls] == [(429, 0), (200, 5)]
    assert server.requests[0].content == server.requests[1].content == b'{"name":"Ann"}'


@pytest.mark.parametrize(
    "headers",
    [
        {"x_daily_ratelimit_token_remaining": "0", "retry_after": "3"},
        {"x_ratelimit_remaining": "12"},
    ],
)
def test_the_end_of_the_daily_tokens_is_not_waited_for(
    clock: VirtualClock, headers: dict[str, str]
) -> None:
    server = Scripted(reply(429, {"success": False}, **headers))
    with pytest.raises(PauseUntilReset) as caught:
        clock.run(pipedrive(server).create("person", {"name": "Ann"}))
    assert len(server.requests) == 1
    assert caught.value.resets_at is None


def test_a_429_with_tokens_left_is_a_burst(clock: VirtualClock) -> None:
    burst = reply(429, {}, x_daily_ratelimit_token_remaining="9", x_ratelimit_remaining="3")
    server = Scripted([burst, reply(200, PERSON)])
    assert clock.run(pipedrive(server).get("person", 1)) == {"id": 1}


def test_a_long_retry_after_tells_when_the_tokens_come_back(clock: VirtualClock) -> None:
    server = Scripted(
        reply(
            429,
            {},
            x_daily_ratelimit_token_remaining="0",
            retry_after="3600",
            date="Mon, 02 Nov 2026 23:00:00 GMT",
        )
    )
    with pytest.raises(PauseUntilReset) as caught:
        clock.run(pipedrive(server).get("person", 1))
    assert str(caught.value.resets_at) == "2026-11-03 00:00:00+00:00"


def test_searches_keep_to_ten_in_two_seconds_and_slow_nothing_else(clock: VirtualClock) -> None:
    throttle = Throttle.pipedrive()
    left: dict[str, list[float]] = {"/api/v2/persons/search": [], "/api/v2/persons": []}

    async def take(path: str, count: int) -> None:
        for _ in range(count):
            await throttle.turn(path)
            left[path].append(clock.seconds)
            throttle.heard(path, reply(200, {}, x_ratelimit_limit="100"))

    async def both() -> None:
        await asyncio.gather(*(take(path, 50) for path in left))

    clock.run(both())
    assert most_in(left["/api/v2/persons/search"], 2.0) <= 10
    assert left["/api/v2/persons"][-1] < 5.0


def test_searches_count_against_the_limit_of_all_calls_too(clock: VirtualClock) -> None:
    throttle = Throttle.pipedrive()
    left: list[float] = []

    async def take(path: str) -> None:
        for _ in range(20):
            await throttle.turn(path)
            left.append(clock.seconds)

    async def both() -> None:
        await asyncio.gather(take("/api/v2/persons/search"), take("/api/v2/persons"))

    clock.run(both())
    assert most_in(sorted(left), 2.0) <= 10


def test_a_limit_told_by_a_search_is_not_taken_for_the_plans(clock: VirtualClock) -> None:
    throttle = Throttle.pipedrive()
    left: list[float] = []

    async def main() -> None:
        throttle.heard("/api/v2/persons", reply(200, {}, x_ratelimit_limit="100"))
        throttle.heard("/api/v2/itemSearch", reply(200, {}, x_ratelimit_limit="10"))
        for _ in range(50):
            await throttle.turn("/api/v2/persons")
            left.append(clock.seconds)

    clock.run(main())
    assert left[-1] - left[0] < 1.1


def turns(clock: VirtualClock, throttle: Throttle, count: int) -> list[float]:
    left: list[float] = []

    async def one() -> None:
        await throttle.turn("/api/v2/customers")
        left.append(clock.seconds)

    async def main() -> None:
        await asyncio.gather(*(one() for _ in range(count)))

    clock.run(main())
    return left


def test_a_chargebee_site_gets_a_burst_of_25_then_120_calls_a_minute(clock: VirtualClock) -> None:
    left = turns(clock, Throttle.chargebee(), 500)
    assert sum(1 for t in left if t == 0.0) == 25
    assert max(sum(1 for t in left if s <= t <= s + 60.0) for s in left) <= 150
    assert len([t for t in left if 60.0 < t <= 120.0]) == 120


@pytest.mark.parametrize(("per_minute", "share"), [(150, 1.0), (1000, 0.8), (30, 0.9), (2, 1.0)])
def test_burst_and_refill_never_pass_the_sites_limit(
    clock: VirtualClock, per_minute: int, share: float
) -> None:
    left = turns(clock, Throttle.chargebee(per_minute, share), 3 * per_minute)
    assert max(sum(1 for t in left if s <= t < s + 60.0) for s in left) <= per_minute


def test_a_burst_is_saved_again_while_nobody_calls(clock: VirtualClock) -> None:
    throttle = Throttle.chargebee()
    turns(clock, throttle, 25)
    clock.advance(60.0)
    left = turns(clock, throttle, 30)
    assert sum(1 for t in left if t == left[0]) == 25


def test_turns_are_handed_out_in_the_order_of_asking(clock: VirtualClock) -> None:
    throttle = Throttle.pipedrive()
    order: list[int] = []

    async def one(number: int) -> None:
        await throttle.turn("/")
        order.append(number)

    async def main() -> None:
        await asyncio.gather(*(one(number) for number in range(30)))

    clock.run(main())
    assert order == list(range(30))


def test_who_gives_up_waiting_blocks_nobody(clock: VirtualClock) -> None:
    throttle = Throttle.pipedrive()

    async def main() -> None:
        waiting = [asyncio.create_task(throttle.turn("/")) for _ in range(20)]
        await asyncio.sleep(0.3)
        for task in waiting[3:19]:
            task.cancel()
        await waiting[19]

    clock.run(main())
    assert clock.seconds < 1.5


def test_one_throttle_serves_one_loop_after_the_other_and_remembers_a_hold(
    clock: VirtualClock,
) -> None:
    throttle = Throttle.pipedrive()
    turns(clock, throttle, 20)

    async def refused() -> None:
        throttle.hold(reply(429, {}, retry_after="8"), 0)

    clock.run(refused())
    before = clock.seconds
    assert turns(clock, throttle, 3)[0] == pytest.approx(before + 8.0)


def test_a_loop_whose_clock_is_far_behind_does_not_wait_for_ever() -> None:
    throttle = Throttle.pipedrive()
    ahead, behind = VirtualClock(), VirtualClock()
    ahead.advance(1e6)
    turns(ahead, throttle, 2)
    assert turns(behind, throttle, 2)[-1] < 130.0
