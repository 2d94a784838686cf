import asyncio
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from chargepipe.chargebee import Chargebee, Kind, Site, WriteRefused, open_chargebee
from chargepipe.http import (
    BadAnswer,
    Call,
    Gone,
    NeedsAdmin,
    Operation,
    Page,
    Reconnect,
    ServiceError,
    Throttle,
    Transient,
    UnknownSite,
    Wire,
    open_http,
)
from scripted import Scripted, reply
from virtual_time import START, VirtualClock

URL = "https://acme-test.chargebee.com"
HTML = "<html>nginx</html>"


def chargebee(transport: httpx2.AsyncBaseTransport, **options: Any) -> Chargebee:
    return open_chargebee(URL, "test_key", transport=transport, **options)


def run(main: Any) -> Any:
    return VirtualClock().run(main)


async def all_pages(client: Chargebee, kind: Kind = "customer", **options: Any) -> list[Page]:
    return [page async for page in client.pages(kind, **options)]


def listed(kind: str, *ids: str, next: str | None = None, **headers: str) -> httpx2.Response:
    rows = [{kind: {"id": id}, "card": {}} for id in ids]
    return reply(200, {"list": rows} | ({"next_offset": next} if next else {}), **headers)


def refusal(code: str, message: str = "no") -> dict[str, Any]:
    return {"message": message, "api_error_code": code, "http_status_code": 400}


@pytest.mark.parametrize("catalog", ["v1", "v2"])
def test_the_configuration_tells_site_and_catalog(catalog: str) -> None:
    body = {"configurations": [{"domain": "acme-test", "product_catalog_version": catalog}]}
    server = Scripted(reply(200, body))
    assert run(chargebee(server).configuration()) == Site("acme-test", catalog)  # pyright: ignore
    assert server.requests[0].url == f"{URL}/api/v2/configurations"


def test_the_key_goes_as_basic_user_without_password() -> None:
    server = Scripted(reply(200, {"configurations": [{}]}))
    run(chargebee(server).configuration())
    expected = httpx2.BasicAuth("test_key", "")._auth_header  # pyright: ignore
    assert server.requests[0].headers["authorization"] == expected


def test_a_walk_follows_the_offsets_and_hands_out_the_bare_records() -> None:
    offset = '["1630848839000","42903379"]'
    date = "Mon, 02 Nov 2026 09:00:00 GMT"
    server = Scripted(
        [
            listed("customer", "a", "b", next=offset, date=date),
            listed("customer", "c", date=date),
        ]
    )
    pages = run(all_pages(chargebee(server)))
    assert pages == [
        Page(({"id": "a"}, {"id": "b"}), offset, START),
        Page(({"id": "c"},), None, START),
    ]
    first, second = (dict(request.url.params) for request in server.requests)
    assert first == {"limit": "100", "include_deleted": "true", "sort_by[asc]": "created_at"}
    assert second == first | {"offset": offset}
    assert b"offset=%5B%221630848839000%22%2C%2242903379%22%5D" in server.requests[1].url.query


def test_a_walk_goes_on_where_an_earlier_one_stopped() -> None:
    server = Scripted(listed("customer", "c"))
    run(all_pages(chargebee(server), offset="here"))
    assert server.requests[0].url.params["offset"] == "here"


@pytest.mark.parametrize(
    ("kind", "birth"),
    [("customer", "created_at"), ("subscription", "created_at"), ("invoice", "date")],
)
def test_each_list_is_sorted_by_what_never_moves_or_by_the_filtered_update(
    kind: Kind, birth: str
) -> None:
    server = Scripted(listed(kind, "a"))
    client = chargebee(server)
    run(all_pages(client, kind))
    run(all_pages(client, kind, updated_after=1_700_000_000, include_deleted=False))
    whole, changed = (dict(request.url.params) for request in server.requests)
    only = {"recurring[is]": "false"} if kind == "invoice" else {}
    assert whole == {"limit": "100", "include_deleted": "true", "sort_by[asc]": birth, **only}
    assert changed == {
        **only,
        "limit": "100",
        "include_deleted": "false",
        "sort_by[asc]": "updated_at",
        "updated_at[after]": "1700000000",
    }
    assert server.requests[0].url.path == f"/api/v2/{kind}s"


def test_only_the_record_of_the_list_is_taken_from_a_row() -> None:
    row = {"subscription": {"id": "s"}, "customer": {"id": "c"}}
    pages = run(all_pages(chargebee(Scripted(reply(200, {"list": [row]}))), "subscription"))
    assert pages[0].rows == ({"id": "s"},)


@pytest.mark.parametrize("rows", [None, {}, "x", [1], [{"invoice": {}}], [{"customer": None}]])
def test_a_list_of_another_shape_is_a_bad_answer(rows: Any) -> None:
    with pytest.raises(BadAnswer):
        run(all_pages(chargebee(Scripted(reply(200, {"list": rows})))))


def test_a_page_that_points_at_itself_ends_the_walk() -> None:
    server = Scripted([listed("customer", "a", next="x"), listed("customer", "b", next="x")])
    with pytest.raises(BadAnswer):
        run(all_pages(chargebee(server)))
    assert len(server.requests) == 2


def test_without_a_date_header_our_own_clock_is_taken() -> None:
    page = run(all_pages(chargebee(Scripted(listed("customer", "a")))))[0]
    assert page.server_time.tzinfo is not None


@pytest.mark.parametrize(
    ("id", "path"),
    [
        ("plain", b"/api/v2/customers/plain"),
        ("a/b", b"/api/v2/customers/a%2Fb"),
        ("a b?c#d%2Fé", b"/api/v2/customers/a%20b%3Fc%23d%252F%C3%A9"),
        ("{id}", b"/api/v2/customers/%7Bid%7D"),
    ],
)
def test_an_id_may_hold_any_sign(id: str, path: bytes) -> None:
    server = Scripted(reply(200, {"customer": {"id": id}}))
    assert run(chargebee(server).get("customer", id)) == {"id": id}
    assert server.requests[0].url.raw_path == path


@pytest.mark.parametrize("id", ["", ".", ".."])
def test_an_id_that_would_name_another_path_is_not_asked_for(id: str) -> None:
    server = Scripted(listed("customer", "a"))
    with pytest.raises(Gone):
        run(chargebee(server).get("customer", id))
    assert server.requests == []


def test_a_deleted_record_is_gone() -> None:
    for answer in (
        reply(404, refusal("resource_not_found")),
        reply(200, {"customer": {"id": "a", "deleted": True}}),
    ):
        with pytest.raises(Gone):
            run(chargebee(Scripted(answer)).get("customer", "a"))


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (reply(401, refusal("api_authentication_failed")), Reconnect, "connect Chargebee again"),
        (reply(404, refusal("site_not_found")), UnknownSite, "check the site name"),
        (reply(403, refusal("api_authorization_failed")), NeedsAdmin, "'Read-only: All'"),
        (reply(403, refusal("request_blocked")), NeedsAdmin, "an admin must act"),
        (reply(404, HTML), BadAnswer, "check the address"),
        (reply(200, HTML), BadAnswer, "check the address"),
        (reply(200, {}), BadAnswer, "Check the address"),
        (reply(301, HTML, location="https://chargebee.com/"), BadAnswer, "check the address"),
        (reply(502, HTML), Transient, "try again later"),
        (reply(503, refusal("site_not_ready")), Transient, "try again later"),
        (reply(429, refusal("api_request_limit_exceeded")), Transient, "try again later"),
    ],
)
def test_each_refusal_says_what_to_do(
    answer: httpx2.Response, error: type[ServiceError], words: str
) -> None:
    with pytest.raises(ServiceError) as caught:
        run(chargebee(Scripted(answer)).configuration())
    assert type(caught.value) is error
    assert words in str(caught.value)
    assert "/api/v2/configurations" in str(caught.value)
    assert caught.value.service == "Chargebee"


def test_a_429_waits_as_long_as_it_asks_up_to_a_minute() -> None:
    busy = reply(429, refusal("api_request_limit_exceeded"), retry_after="45")
    forever = reply(429, refusal("api_request_limit_exceeded"), retry_after="9999")
    server = Scripted([busy, forever, reply(200, {"configurations": [{}]})])
    run(chargebee(server).configuration())
    assert server.times == pytest.approx([0.0, 45.0, 105.0])


def test_nothing_but_get_leaves() -> None:
    server, calls = Scripted(reply(200, {})), list[Call]()
    client = chargebee(server, calls=calls.append)
    below: Wire = client._wire  # pyright: ignore[reportPrivateUsage]
    for method in ("POST", "PATCH", "DELETE"):
        with pytest.raises(WriteRefused):
            run(below.write(Operation(method, "/api/v2/customers"), {}))
    assert (server.requests, calls) == ([], [])


def test_every_public_method_sends_only_get() -> None:
    server = Scripted(
        reply(200, {"list": [], "customer": {}, "configurations": [{"domain": "acme"}]})
    )
    client = chargebee(server)
    uses: list[Callable[[], Any]] = [
        client.configuration,
        lambda: client.get("customer", "a"),
        lambda: all_pages(client),
    ]
    for use in uses:
        run(use())
    assert {request.method for request in server.requests} == {"GET"}


def test_calls_are_reported_without_tokens() -> None:
    calls: list[Call] = []
    run(all_pages(chargebee(Scripted(listed("customer", "a")), calls=calls.append)))
    assert calls == [Call("Chargebee", "GET", "/api/v2/customers", 200, 0, 0.0)]


def test_a_client_may_be_given_to_the_class_itself() -> None:
    server = Scripted(reply(200, {"configurations": [{"domain": "acme"}]}))
    http = open_http(
        "Chargebee", URL, throttle=Throttle.chargebee(), read_timeout=60.0, transport=server
    )

    async def main() -> Site:
        async with Chargebee(http) as client:
            return await client.configuration()

    assert asyncio.run(main()) == Site("acme", "v2")
    assert server.closed


def test_an_answer_can_be_had_as_it_came_but_only_by_get() -> None:
    refused = {"message": "no", "api_error_code": "param_wrong_value"}
    server = Scripted(reply(400, refused))
    heard = run(chargebee(server).ask(Operation("GET", "/api/v2/events"), {"limit": 1}))
    assert (heard.status, heard.code, heard.ok) == (400, "param_wrong_value", False)
    with pytest.raises(WriteRefused):
        run(chargebee(server).ask(Operation("POST", "/api/v2/customers")))
    assert [request.method for request in server.requests] == ["GET"]
