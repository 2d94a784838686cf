import asyncio
import contextlib
import gzip
import logging
import socket
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from typing import Any

import httpx2
import pytest
import structlog

from chargepipe.chargebee import open_chargebee
from chargepipe.http import Reconnect, ServiceError, Throttle, Transient, Uncertain
from chargepipe.http.network import Network
from chargepipe.pipedrive import Pipedrive, open_pipedrive
from scripted import Scripted, reply
from virtual_time import VirtualClock

TOKEN = "s3cretT0ken"
KEY = "live_s3cretKey"
BASIC = "bGl2ZV9zM2NyZXRLZXk6"  # base64 of the key with an empty password

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def pipedrive(url: str, **options: Any) -> Pipedrive:
    return open_pipedrive(url, TOKEN, throttle=Throttle.pipedrive(), **options)


def on_a_socket(serve: Serve, use: Callable[[str], Awaitable[None]]) -> None:
    """Run `use` with the address of a small server, and leave nothing of it behind."""
    serving: list[asyncio.Task[Any] | None] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.append(asyncio.current_task())
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            try:
                await serve(reader, writer)
            finally:
                writer.close()
                await asyncio.shield(writer.wait_closed())

    async def main() -> None:
        server = await asyncio.start_server(handle, "127.0.0.1", 0)
        async with server:
            host, port = server.sockets[0].getsockname()[:2]
            await use(f"http://{host}:{port}")
            await asyncio.wait_for(asyncio.gather(*filter(None, serving)), 60)

    asyncio.run(main())


async def one_request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return head + (await reader.readexactly(int(length[0].split(b":")[1])) if length else b"")


def test_over_a_real_connection_answers_are_unpacked_and_the_connection_is_kept() -> None:
    connections: list[int] = []
    requests: list[bytes] = []
    body = gzip.compress(b'{"success":true,"data":{"id":1}}')

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(1)
        while True:
            requests.append(await one_request(reader))
            head = f"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {len(body)}"
            writer.write(head.encode() + b"\r\n\r\n" + body)

    async def use(url: str) -> None:
        async with pipedrive(url) as client:
            assert await client.create("person", {"name": "Ann"}) == {"id": 1}
            assert await client.get("person", 1) == {"id": 1}

    on_a_socket(serve, use)
    assert (len(connections), len(requests)) == (1, 2)
    assert requests[0].startswith(b"POST /api/v2/persons HTTP/1.1\r\n")
    assert b"x-api-token: s3cretT0ken" in requests[0].lower().replace(
        b"s3crett0ken", b"s3cretT0ken"
    )


def test_an_answer_that_trickles_ends_at_the_deadline() -> None:
    requests: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append(await one_request(reader))
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.01)

    async def use(url: str) -> None:
        async with pipedrive(url, read_timeout=2.0) as client:
            with pytest.raises(Uncertain):
                await client.create("person", {"name": "Ann"})

    on_a_socket(serve, use)
    assert len(requests) == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\noops",
        b"",
    ],
    ids=["dies in the answer", "cannot be unpacked", "dies without an answer"],
)
def test_an_answer_that_does_not_come_whole_leaves_a_write_uncertain(answer: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await one_request(reader)
        writer.write(answer)

    async def use(url: str) -> None:
        async with pipedrive(url) as client:
            with pytest.raises(Uncertain):
                await client.create("person", {"name": "Ann"})

    on_a_socket(serve, use)


def test_a_connection_that_was_closed_while_the_loop_stood_still_is_not_used_again() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}"

        def serve() -> None:
            for _ in range(2):
                connection, _peer = server.accept()
                with connection:
                    while not connection.recv(65536).endswith(b"}"):
                        pass
                    body = b'{"success":true,"data":{"id":1}}'
                    head = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(body)
                    connection.sendall(head + body)
                    time.sleep(0.2)  # closes after the client has read it all

        serving = threading.Thread(target=serve, daemon=True)
        serving.start()
        with asyncio.Runner() as runner:
            client = pipedrive(address)
            for _ in range(2):
                made = runner.run(client.create("person", {"name": "Ann"}))
                assert made == {"id": 1}
                time.sleep(0.4)  # planning: the loop does not run, and the server closes
            runner.run(client.aclose())
        serving.join(10)


def test_a_server_that_speaks_no_tls_makes_a_write_certainly_not_made() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async def use(url: str) -> None:
        network = Network()
        request = httpx2.Request("POST", url.replace("http:", "https:"), json={"name": "Ann"})
        with pytest.raises(httpx2.ConnectError):
            await network.handle_async_request(request)
        await network.aclose()

    on_a_socket(serve, use)


def test_a_port_where_nobody_listens_makes_a_write_certainly_not_made() -> None:
    async def use(url: str) -> None:
        closed = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
        port = closed.sockets[0].getsockname()[1]
        closed.close()
        await closed.wait_closed()
        async with pipedrive(f"http://127.0.0.1:{port}") as client:
            with pytest.raises(Transient):
                await client.create("person", {"name": "Ann"})

    on_a_socket(lambda _r, _w: asyncio.sleep(0), use)


def test_a_key_is_never_sent_in_clear_over_a_network() -> None:
    with pytest.raises(ValueError, match="begins with https"):
        pipedrive("http://acme.pipedrive.com")
    with pytest.raises(ValueError, match="begins with https"):
        open_chargebee("http://10.0.0.7:8000", KEY)


@pytest.mark.parametrize("secret", ["", "   ", "two words", "line\nbreak", "schlüssel", "\x00"])
def test_a_key_that_cannot_be_one_is_refused_without_quoting_it(secret: str) -> None:
    for attempt in (
        lambda: open_pipedrive("https://a.example", secret, throttle=Throttle.pipedrive()),
        lambda: open_chargebee("https://a.example", secret),
    ):
        with pytest.raises(Reconnect) as caught:
            attempt()
        assert not secret.strip() or secret not in repr(caught.value)


def test_blanks_around_a_key_are_dropped() -> None:
    server = Scripted(reply(200, {"success": True, "data": {"id": 1}}))
    client = open_pipedrive(
        "https://a.example", f" {TOKEN}\n", throttle=Throttle.pipedrive(), transport=server
    )
    VirtualClock().run(client.get("person", 1))
    assert server.requests[0].headers["x-api-token"] == TOKEN


def test_the_client_says_who_it_is_and_closes_what_it_opened() -> None:
    server = Scripted(reply(200, {"success": True, "data": {"id": 1}}))

    async def main() -> None:
        async with pipedrive("https://a.example", transport=server) as client:
            await client.get("person", 1)

    VirtualClock().run(main())
    assert server.requests[0].headers["user-agent"].startswith("chargepipe/")
    assert server.closed


def test_the_machines_proxy_is_used_but_not_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")[0])
        writer.write(b"HTTP/1.1 403 No\r\ncontent-length: 0\r\n\r\n")

    async def use(url: str) -> None:
        for name in ("https_proxy", "http_proxy"):  # the lower-case ones rule
            monkeypatch.setenv(name, url.removeprefix("http://"))
        async with pipedrive("https://acme.pipedrive.com") as client:
            with pytest.raises(Transient):  # never got beyond the proxy: certain
                await client.create("person", {"name": "Ann"})
        async with pipedrive(url) as client:
            with pytest.raises(ServiceError):
                await client.create("person", {"name": "Ann"})

    on_a_socket(proxy, use)
    assert asked == [b"CONNECT acme.pipedrive.com:443 HTTP/1.1", b"POST /api/v2/persons HTTP/1.1"]


def test_a_proxy_of_another_kind_is_refused_without_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("https_proxy", "socks5://ann:s3cret@proxy.example:1080")
    with pytest.raises(Transient, match=r"is a socks5 proxy\. Name an http or https one") as told:
        pipedrive("https://acme.pipedrive.com")
    assert "s3cret" not in str(told.value)


def echoes(*secrets: str) -> list[httpx2.Response | Exception]:
    said = " ".join(secrets)
    return [
        reply(400, {"success": False, "error": f"bad header {said}"}),
        reply(400, {"message": f"bad key {said}", "api_error_code": "invalid_request"}),
        reply(401, {"success": False, "error": said}),
        reply(403, f"<html>{said}</html>"),
        reply(200, said),
        httpx2.ReadError(said),
    ]


def errors_and_logs(call: Awaitable[Any], caplog: pytest.LogCaptureFixture) -> str:
    with structlog.testing.capture_logs() as events, pytest.raises(ServiceError) as caught:
        VirtualClock().run(call)
    error = caught.value
    assert error.__context__ is None
    assert error.__cause__ is None
    return repr((error, str(error), error.args, error.__dict__, events)) + caplog.text


@pytest.mark.parametrize("echo", echoes(TOKEN))
def test_no_token_gets_into_an_error_or_a_log(
    echo: httpx2.Response | Exception, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client = pipedrive("https://a.example", transport=Scripted(echo))
    told = errors_and_logs(client.create("person", {"name": "Ann"}), caplog)
    assert TOKEN not in told + repr(client)


@pytest.mark.parametrize("echo", echoes(KEY, BASIC))
def test_no_api_key_gets_into_an_error_or_a_log(
    echo: httpx2.Response | Exception, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client = open_chargebee("https://a.example", KEY, transport=Scripted(echo))
    told = errors_and_logs(client.get("customer", "c1"), caplog) + repr(client)
    assert KEY not in told
    assert BASIC not in told


def test_logs_name_the_template_but_neither_ids_nor_queries_nor_bodies(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    customer = {"customer": {"id": "ann@example.com", "first_name": "Ann"}}
    server = Scripted(reply(200, customer))
    billing = open_chargebee("https://a.example", KEY, transport=server)
    with structlog.testing.capture_logs() as events:
        VirtualClock().run(billing.get("customer", "ann@example.com"))
    assert events == [
        {
            "event": "request",
            "log_level": "debug",
            "service": "Chargebee",
            "method": "GET",
            "path": "/api/v2/customers/{id}",
            "status": 200,
            "ms": 0.0,
            "tokens": 0,
        }
    ]
    assert "ann" not in caplog.text.lower()


def test_a_long_sentence_of_a_server_is_cut_and_kept_on_one_line() -> None:
    server = Scripted(reply(400, {"success": False, "error": "a\nb " + "x" * 5000}))
    with pytest.raises(ServiceError) as caught:
        VirtualClock().run(pipedrive("https://a.example", transport=server).create("deal", {}))
    assert '"a b ' + "x" * 193 + '..."' in str(caught.value)


@pytest.mark.parametrize("odd", [{"error": {"a": 1}}, {"error": None, "code": 7}, {"message": []}])
def test_an_error_body_of_another_shape_is_no_problem(odd: dict[str, Any]) -> None:
    server = Scripted(reply(400, odd))
    with pytest.raises(ServiceError) as caught:
        VirtualClock().run(pipedrive("https://a.example", transport=server).create("deal", {}))
    assert caught.value.code is None
