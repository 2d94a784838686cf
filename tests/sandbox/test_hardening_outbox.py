"""Odd addresses: refused where they are given, survived where they are sent to."""

import asyncio
from typing import Any

import httpx2
import pytest

from chargepipe.sandbox import Sandbox
from chargepipe.sandbox.clock import Clock
from chargepipe.sandbox.outbox import Outbox, Post, is_local
from sandbox.line import Line
from sandbox.receiver import HERE
from sandbox.test_sandbox_server import served
from served import HANGS
from virtual_time import VirtualClock

IMPROPER = [
    "http://localhost:99999/",
    "http://localhost:0/",
    "http://localhost:80abc/",
    "http://localhost:-1/",
    "http://localhost:٣/",
    "http://[::1",
    "http://[::1]x:80/",
    "http://[::1%25lo]/",
    "http://evil.example\\@127.0.0.1/",
    "http://127.0.0.1\\@evil.example/",
    "http://user:secret@127.0.0.1/",
    "http://127.0.0.1@evil.example/",
    "http://127.0.0.1#@evil.example/",
    "http://127.0.0.1.evil.example/",
    "http:127.0.0.1",
    "//127.0.0.1/",
    " http://127.0.0.1/",
    "http://127.0.0.1/a b",
    "http://127.0.0.1/\n",
    "http://127.0.0.1/\r\nx-evil: 1",
    "http://127.0.0.1/\x00",
    "http://127.0.0.1/\ud800",
    "http://127.0.0.1/ü",
    "",
]


@pytest.mark.parametrize("url", IMPROPER)
def test_what_is_no_proper_address_is_not_local(url: str) -> None:
    assert not is_local(url)


@pytest.mark.parametrize(
    "url",
    [
        *("http://localhost", "HTTP://LOCALHOST:8000/x?y=1", "https://127.0.0.1:1/"),
        *("http://[::1]:65535/hooks/a%20b", "http://127.0.0.1?x", HERE),
    ],
)
def test_an_address_on_this_machine_is_local(url: str) -> None:
    assert is_local(url)


@pytest.mark.parametrize("url", IMPROPER[:14])
def test_neither_service_takes_such_a_webhook(url: str) -> None:
    line = Line(customers=3)
    key = (line.sandbox.chargebee_full_key, "")
    form = {"name": "ours", "url": url}
    given = line.send("chargebee", "POST", "/api/v2/webhook_endpoints", data=form, auth=key)
    assert (given.status_code, given.json()["param"]) == (400, "url")
    body = {"name": "x", "subscription_url": url, "event_action": "*", "event_object": "deal"}
    given = line.send("pipedrive", "POST", "/api/v1/webhooks", json=body)
    assert given.status_code == 400
    assert given.json()["errors"] == {"subscription_url": ["invalid or non-reachable URL"]}


class Raises(httpx2.AsyncBaseTransport):
    """Fails as a client can that is given what it does not expect."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        raise self._error


@pytest.mark.parametrize(
    "error",
    [
        httpx2.InvalidURL("no port"),
        UnicodeError("no text"),
        ValueError("no value"),
        OSError("no line"),
        OverflowError("too large"),
    ],
)
def test_whatever_happens_on_the_way_counts_as_no_answer(error: Exception) -> None:
    clock, told = VirtualClock(), list[int | None]()
    outbox = Outbox(Clock(clock.timestamp))
    outbox.put(Post(HERE, {"half": "\ud800"}, done=told.append))
    outbox.put(Post(HERE, {}, done=told.append))
    assert clock.run(outbox.deliver(Raises(error))) == 2
    assert told == [None, None]


def test_messages_go_out_one_after_another_even_if_two_deliver() -> None:
    clock, got = VirtualClock(), list[Any]()
    outbox = Outbox(Clock(clock.timestamp))

    class Slow(httpx2.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            await asyncio.sleep(1)
            got.append(request.content)
            return httpx2.Response(200)

    async def main() -> list[int]:
        outbox.put(Post(HERE, {"n": 1}))
        first = asyncio.ensure_future(outbox.deliver(Slow()))
        await asyncio.sleep(0.5)
        outbox.put(Post(HERE, {"n": 2}))
        return [await outbox.deliver(Slow()), await first, await outbox.deliver(Slow())]

    assert clock.run(main()) == [0, 1, 1]
    assert got == [b'{"n": 1}', b'{"n": 2}']


def test_trouble_in_the_outbox_does_not_end_the_served_sandbox() -> None:
    def broken(_: int | None) -> None:
        raise RuntimeError("a sender that breaks")

    async def main() -> None:
        sandbox = Sandbox(customers=3)
        async with served(sandbox) as (client, billing, _):
            sandbox.outbox.put(Post("http://127.0.0.1:1/hook", {}, done=broken))
            while sandbox.outbox.waiting:
                await asyncio.sleep(0.01)
            sandbox.outbox.put(Post("http://127.0.0.1:1/hook", {}))
            while sandbox.outbox.sent < 1:
                await asyncio.sleep(0.01)
            assert (await client.get(f"{billing}/_sandbox/state")).status_code == 200

    asyncio.run(asyncio.wait_for(main(), HANGS))
