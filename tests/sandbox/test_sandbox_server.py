import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Callable, Coroutine

import httpx2
import pytest

from chargepipe.sandbox import Sandbox, serve
from served import free_port, free_ports

Told = Callable[[httpx2.AsyncClient], Coroutine[None, None, None]]


@contextlib.asynccontextmanager
async def served(sandbox: Sandbox) -> AsyncIterator[tuple[httpx2.AsyncClient, str, str]]:
    billing, crm = free_ports(2)
    serving = asyncio.create_task(serve(sandbox, billing, crm))
    addresses = [f"http://127.0.0.1:{port}" for port in (billing, crm)]
    headers = {"x-api-token": sandbox.pipedrive_token}
    try:
        async with httpx2.AsyncClient(headers=headers) as client:
            for address in addresses:
                await answering(client, address)
            yield client, addresses[0], addresses[1]
    finally:
        serving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await serving


async def answering(client: httpx2.AsyncClient, address: str) -> None:
    while True:
        with contextlib.suppress(httpx2.ConnectError):
            await client.get(f"{address}/_sandbox/state")
            return
        await asyncio.sleep(0.002)


def test_both_services_answer_over_http() -> None:
    async def main() -> None:
        sandbox = Sandbox(customers=20)
        async with served(sandbox) as (client, billing, crm):
            auth = (sandbox.chargebee_key, "")
            customers = await client.get(f"{billing}/api/v2/customers", auth=auth)
            assert len(customers.json()["list"]) == 10
            odd = await client.get(f"{billing}/api/v2/customers/eu%2Fcust_000004", auth=auth)
            assert odd.json()["customer"]["id"] == "eu/cust_000004"
            assert len(odd.headers.get_list("date")) == 1
            me = await client.get(f"{crm}/api/v1/users/me")
            assert me.json()["data"]["company_domain"] == "sandbox"

    asyncio.run(main())


def test_a_dropped_connection_is_a_real_one_and_makes_no_noise(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def main() -> None:
        async with served(Sandbox(customers=5)) as (client, _, crm):
            call = {"target": "faults", "method": "add", "args": {"kind": "drop_after"}}
            assert (await client.post(f"{crm}/_sandbox/call", json=call)).status_code == 200
            with pytest.raises(httpx2.TransportError):
                await client.post(f"{crm}/api/v2/persons", json={"name": "Ada"})
            found = await client.get(f"{crm}/api/v2/persons?sort_direction=desc&limit=1")
            assert found.json()["data"][0]["name"] == "Ada"

    with caplog.at_level(logging.WARNING):
        asyncio.run(main())
    assert not caplog.records


def test_the_control_path_tells_and_edits() -> None:
    async def main() -> None:
        async with served(Sandbox(customers=5)) as (client, billing, crm):
            call = {
                "target": "billing",
                "method": "edit_customer",
                "args": {"id": "cust_000001", "company": "New"},
            }
            answer = await client.post(f"{crm}/_sandbox/call", json=call)
            assert answer.json()["result"]["company"] == "New"
            state = (await client.get(f"{billing}/_sandbox/state")).json()
            assert state["rows"]["customer"] == 5
            assert state["rows"]["event"] == 1
            assert state["tokens_used"] == 0

    asyncio.run(main())


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ({"target": "billing", "method": "_add"}, "no billing._add"),
        ({"target": "sandbox", "method": "state"}, "no sandbox.state"),
        ({"target": "crm", "method": "add_person", "args": {"nme": 1}}, "nme"),
        ({"target": "billing", "method": "customer", "args": {"id": "nobody"}}, "nobody"),
        ([], "target"),
    ],
)
def test_the_control_path_refuses_what_is_not_on_its_list(call: object, words: str) -> None:
    async def main() -> None:
        async with served(Sandbox(customers=5)) as (client, billing, _):
            answer = await client.post(f"{billing}/_sandbox/call", json=call)
            assert answer.status_code == 400
            assert words in answer.json()["error"]

    asyncio.run(main())


def test_the_control_path_answers_this_machine_alone() -> None:
    async def main() -> None:
        async with served(Sandbox(customers=5)) as (client, billing, _):
            away = await client.get(f"{billing}/_sandbox/state", headers={"host": "evil.example"})
            assert away.status_code == 403
            form = await client.post(f"{billing}/_sandbox/call", content="{}")
            assert form.status_code == 415

    asyncio.run(main())


def test_only_a_loopback_host_is_served() -> None:
    with pytest.raises(ValueError, match="this machine alone"):
        asyncio.run(serve(Sandbox(customers=5), 1, 2, host="0.0.0.0"))


def test_a_taken_port_is_an_error() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError, match="in use"):
            asyncio.run(serve(Sandbox(customers=5), taken.getsockname()[1], free_port()))
