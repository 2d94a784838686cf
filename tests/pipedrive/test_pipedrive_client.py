import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import httpx2
import pytest

from chargepipe.http import BadAnswer, Gone, Page, Throttle, Uncertain
from chargepipe.pipedrive import Currency, Entity, Field, Me, Pipedrive, cost, open_pipedrive
from scripted import Scripted, reply
from virtual_time import START, VirtualClock

DATE = "Mon, 02 Nov 2026 09:00:00 GMT"
ENTITIES: list[Entity] = ["person", "organization", "deal"]
USER: dict[str, Any] = {
    "id": 7,
    "name": "Sam",
    "email": "sam@acme.test",
    "company_id": 42,
    "company_name": "Acme",
    "company_domain": "acme",
    "default_currency": "EUR",
    "timezone_name": "Europe/Berlin",
}


def pipedrive(transport: httpx2.AsyncBaseTransport) -> Pipedrive:
    return open_pipedrive(
        "https://acme.pipedrive.com", "token", throttle=Throttle.pipedrive(), transport=transport
    )


def data(value: Any, next: str | None = None, **headers: str) -> httpx2.Response:
    body = {"success": True, "data": value, "additional_data": {"next_cursor": next}}
    return reply(200, body, **headers)


def run(main: Any) -> Any:
    return VirtualClock().run(main)


async def all_pages(client: Pipedrive, entity: Entity = "person", **options: Any) -> list[Page]:
    return [page async for page in client.pages(entity, **options)]


def sent(server: Scripted, index: int = 0) -> tuple[str, str, Any]:
    request = server.requests[index]
    return request.method, request.url.path, json.loads(request.content or "null")


def test_me_is_the_user_with_company_currency_and_time_zone() -> None:
    access = [{"app": "sales", "admin": True, "permission_set_id": "x"}]
    server = Scripted(data(USER | {"access": access}))
    assert run(pipedrive(server).me()) == Me(
        7, "Sam", "sam@acme.test", 42, "Acme", "acme", "EUR", "Europe/Berlin", True
    )
    assert sent(server) == ("GET", "/api/v1/users/me", None)
    assert server.requests[0].headers["x-api-token"] == "token"
    assert not server.requests[0].url.query


@pytest.mark.parametrize(
    ("told", "admin"),
    [
        ({"access": [{"app": "sales", "admin": True}]}, True),
        ({"access": [{"app": "nova", "admin": True}, {"app": "global", "admin": True}]}, True),
        ({"access": [{"app": "account_settings", "admin": True}]}, True),
        (
            {"access": [{"app": "sales", "admin": False}, {"app": "campaigns", "admin": True}]},
            False,
        ),
        ({"access": []}, False),
        ({"access": [{"app": "sales"}]}, False),
        ({"access": [], "is_admin": 1}, False),
        ({}, None),
        ({"access": None}, None),
        ({"access": "all"}, None),
        ({"is_admin": 1}, True),
        ({"is_admin": 0}, False),
        ({"is_admin": True}, True),
        ({"is_admin": "1"}, None),
    ],
)
def test_the_admin_right_is_read_from_access_then_from_the_older_flag(
    told: dict[str, Any], admin: bool | None
) -> None:
    assert run(pipedrive(Scripted(data(USER | told))).me()).admin is admin


@pytest.mark.parametrize("odd", [None, [], "x", {}, {"id": 7}, {"id": "7", "company_id": 42}])
def test_a_user_without_its_ids_is_a_bad_answer(odd: Any) -> None:
    with pytest.raises(BadAnswer):
        run(pipedrive(Scripted(data(odd))).me())


def test_currencies_are_read_leniently() -> None:
    rows = [
        {"code": "EUR", "decimal_points": 2, "active_flag": True},
        {"code": "JPY", "decimal_points": 0, "active_flag": False},
        {"code": "XXX", "is_custom_flag": True},
    ]
    server = Scripted(data(rows))
    assert run(pipedrive(server).currencies()) == (
        Currency("EUR", 2, True),
        Currency("JPY", 0, False),
        Currency("XXX", 2, True),
    )
    assert sent(server)[1] == "/api/v1/currencies"


@pytest.mark.parametrize("entity", ENTITIES)
def test_all_pages_of_fields_are_read(entity: Entity) -> None:
    built_in = {
        "field_code": "name",
        "field_name": "Name",
        "field_type": "varchar",
        "options": None,
    }
    custom = {
        "field_code": "a" * 40,
        "field_name": "CB Status",
        "field_type": "a type of tomorrow",
        "is_custom_field": True,
        "options": [{"id": 3, "label": "Active"}, {"id": 4, "label": "Active"}, {"label": "x"}],
    }
    server = Scripted([data([built_in, {}], next="more"), data([custom])])
    assert run(pipedrive(server).fields(entity)) == (
        Field("name", "Name", "varchar", False, {}),
        Field("a" * 40, "CB Status", "a type of tomorrow", True, {"Active": 3}),
    )
    assert [dict(request.url.params) for request in server.requests] == [
        {"limit": "500"},
        {"limit": "500", "cursor": "more"},
    ]
    assert sent(server)[1] == f"/api/v2/{entity}Fields"


def test_a_field_is_made_with_its_options() -> None:
    made = {
        "field_code": "b" * 40,
        "field_name": "CB Status",
        "field_type": "enum",
        "is_custom_field": True,
        "options": [{"id": 1, "label": "Active"}, {"id": 2, "label": "Deleted"}],
    }
    server = Scripted(data(made))
    client = pipedrive(server)
    field = run(client.create_field("person", "CB Status", "enum", ["Active", "Deleted"]))
    assert field == Field("b" * 40, "CB Status", "enum", True, {"Active": 1, "Deleted": 2})
    run(client.create_field("deal", "CB Plan", "varchar"))
    assert sent(server)[2] == {
        "field_name": "CB Status",
        "field_type": "enum",
        "options": [{"label": "Active"}, {"label": "Deleted"}],
    }
    assert sent(server, 1) == (
        "POST",
        "/api/v2/dealFields",
        {"field_name": "CB Plan", "field_type": "varchar"},
    )


def test_options_are_added_by_label() -> None:
    server = Scripted(data([{"id": 9, "label": "Paused"}]))
    assert run(pipedrive(server).add_options("person", "c0de", ["Paused"])) == {"Paused": 9}
    assert sent(server) == ("POST", "/api/v2/personFields/c0de/options", [{"label": "Paused"}])


def test_a_write_whose_answer_lacks_what_was_made_is_uncertain() -> None:
    server = Scripted(data(None))
    for call in (
        pipedrive(server).create_field("person", "CB Plan", "varchar"),
        pipedrive(server).add_options("person", "c0de", ["Paused"]),
        pipedrive(server).create("deal", {"title": "T"}),
    ):
        with pytest.raises(Uncertain):
            run(call)


def test_a_walk_goes_by_id_500_a_page_and_sends_its_cursors_back() -> None:
    cursor = "eyJwZXJzb24iOjEyfQ+/="
    server = Scripted([data([{"id": 1}], next=cursor, date=DATE), data([{"id": 2}], date=DATE)])
    assert run(all_pages(pipedrive(server))) == [
        Page(({"id": 1},), cursor, START),
        Page(({"id": 2},), None, START),
    ]
    first, second = (dict(request.url.params) for request in server.requests)
    assert first == {"limit": "500", "sort_by": "id", "sort_direction": "asc"}
    assert second == first | {"cursor": cursor}
    assert b"cursor=eyJwZXJzb24iOjEyfQ%2B%2F%3D" in server.requests[1].url.query


def test_a_walk_since_some_time_asks_for_whole_seconds_of_utc() -> None:
    server = Scripted(data([]))
    since = datetime(2026, 11, 2, 12, 0, 5, 999_999, tzinfo=timezone(timedelta(hours=2)))
    run(all_pages(pipedrive(server), updated_since=since, cursor="x"))
    params = server.requests[0].url.params
    assert (params["updated_since"], params["cursor"]) == ("2026-11-02T10:00:05Z", "x")


@pytest.mark.parametrize(
    ("wanted", "selector"),
    [
        ([], None),
        (["a", "b", "a"], "a,b"),
        ([str(i) for i in range(15)], ",".join(map(str, range(15)))),
        ([str(i) for i in range(16)], None),
    ],
)
def test_up_to_15_custom_fields_are_selected_and_more_means_all(
    wanted: list[str], selector: str | None
) -> None:
    server = Scripted(data([]))
    run(all_pages(pipedrive(server), custom_fields=wanted))
    run(pipedrive(server).by_ids("person", [1], wanted))
    assert [r.url.params.get("custom_fields") for r in server.requests] == [selector, selector]


def test_archived_and_deleted_deals_have_lists_of_their_own() -> None:
    server = Scripted(data([]))
    client = pipedrive(server)
    run(all_pages(client, "deal", which="archived"))
    run(all_pages(client, "deal", which="deleted"))
    assert [(r.url.path, r.url.params.get("status")) for r in server.requests] == [
        ("/api/v2/deals/archived", None),
        ("/api/v2/deals", "deleted"),
    ]
    with pytest.raises(ValueError, match="archived persons"):
        run(all_pages(client, "person", which="archived"))


@pytest.mark.parametrize("additional", [None, {}, [], {"next_cursor": None}, {"next_cursor": ""}])
def test_a_list_without_a_next_cursor_is_at_its_end(additional: Any) -> None:
    server = Scripted(reply(200, {"success": True, "data": [], "additional_data": additional}))
    assert len(run(all_pages(pipedrive(server)))) == 1


@pytest.mark.parametrize("rows", [None, {}, "x", [None]])
def test_a_list_of_another_shape_is_a_bad_answer(rows: Any) -> None:
    with pytest.raises(BadAnswer):
        run(all_pages(pipedrive(Scripted(data(rows)))))


def test_a_cursor_that_points_at_itself_ends_the_walk() -> None:
    with pytest.raises(BadAnswer):
        run(all_pages(pipedrive(Scripted(data([{"id": 1}], next="x")))))


def test_records_are_read_by_id_a_hundred_a_call() -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        return data([{"id": int(id)} for id in request.url.params["ids"].split(",") if id != "5"])

    server = Scripted(answer)
    rows = run(pipedrive(server).by_ids("organization", range(1, 251)))
    assert [row["id"] for row in rows] == [id for id in range(1, 251) if id != 5]
    assert [r.url.params["ids"].count(",") + 1 for r in server.requests] == [100, 100, 50]
    assert {r.url.params["limit"] for r in server.requests} == {"100"}


def test_a_record_that_a_list_of_ids_shows_as_deleted_is_left_out() -> None:
    server = Scripted(
        data([{"id": 1}, {"id": 2, "is_deleted": True}, {"id": 3, "is_deleted": False}])
    )
    rows = run(pipedrive(server).by_ids("person", [1, 2, 3]))
    assert [row["id"] for row in rows] == [1, 3]


def test_no_ids_cost_no_call() -> None:
    server = Scripted(data([]))
    assert run(pipedrive(server).by_ids("person", [])) == []
    assert server.requests == []


@pytest.mark.parametrize("entity", ENTITIES)
def test_a_record_is_made_changed_read_and_deleted(entity: Entity) -> None:
    server = Scripted(data({"id": 5, "name": "Ann"}))
    client = pipedrive(server)
    assert run(client.create(entity, {"name": "Ann"})) == {"id": 5, "name": "Ann"}
    assert run(client.update(entity, 5, {"name": None})) == {"id": 5, "name": "Ann"}
    assert run(client.get(entity, 5)) == {"id": 5, "name": "Ann"}
    assert run(client.delete(entity, 5)) is None
    assert [sent(server, index) for index in range(4)] == [
        ("POST", f"/api/v2/{entity}s", {"name": "Ann"}),
        ("PATCH", f"/api/v2/{entity}s/5", {"name": None}),
        ("GET", f"/api/v2/{entity}s/5", None),
        ("DELETE", f"/api/v2/{entity}s/5", None),
    ]


@pytest.mark.parametrize("flag", ["is_deleted", "deleted"])
def test_a_record_that_is_told_with_its_deletion_is_gone(flag: str) -> None:
    with pytest.raises(Gone):
        run(pipedrive(Scripted(data({"id": 5, flag: True}))).get("person", 5))


def test_deleting_what_is_deleted_already_says_gone() -> None:
    server = Scripted(reply(404, {"success": False, "error": "Person not found"}))
    with pytest.raises(Gone):
        run(pipedrive(server).delete("person", 5))


def test_the_servers_clock_is_kept() -> None:
    client = pipedrive(Scripted(data({"id": 5}, date=DATE)))
    run(client.get("person", 5))
    assert client.server_time == datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def test_the_price_of_what_we_never_send_is_an_error() -> None:
    assert cost("POST", "/api/v2/persons") == 5
    with pytest.raises(KeyError):
        cost("PUT", "/api/v1/persons/{id}/merge")
