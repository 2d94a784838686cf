"""Webhooks v2 of the simulated account: how they are made and what they say (fact sheet 8)."""

import base64
from typing import Any

import pytest

from sandbox import app
from sandbox.line import Json, Line
from sandbox.receiver import HERE, Receiver, deliver

HOOKS = "/api/v1/webhooks"
EVERY = {"subscription_url": HERE, "event_action": "*", "event_object": "*", "name": "All"}


@pytest.fixture
def line() -> Line:
    return Line(customers=5)


def make(line: Line, **more: Any) -> Any:
    return line.send("pipedrive", "POST", HOOKS, json=EVERY | more)


def listed(line: Line) -> list[Json]:
    return line.send("pipedrive", "GET", HOOKS).json()["data"]


def told(line: Line) -> list[tuple[str, str, str]]:
    bodies = deliver(line, Receiver())
    return [tuple(body["meta"][k] for k in ("action", "entity", "entity_id")) for body in bodies]


def test_a_webhook_is_made_listed_and_deleted(line: Line) -> None:
    answer = make(line, http_auth_user="u", http_auth_password="p")
    assert answer.status_code == 201
    body = answer.json()
    assert (body["status"], body["success"]) == ("ok", True)
    row = body["data"]
    assert row["is_active"] == 1
    assert (row["type"], row["version"]) == ("general", "2.0")
    assert row["user_id"] == row["owner_id"] == line.sandbox.crm.me["id"]
    assert row["add_time"] == "2026-11-02T09:00:00.000Z"
    assert row["last_http_status"] is row["last_delivery_time"] is row["remove_reason"] is None
    assert listed(line) == [row]
    assert line.sandbox.hooks.all() == [row | {"http_auth_password": None}]
    gone = line.send("pipedrive", "DELETE", f"{HOOKS}/{row['id']}")
    assert (gone.status_code, gone.json()) == (200, {"status": "ok", "success": True})
    assert listed(line) == []
    again = line.send("pipedrive", "DELETE", f"{HOOKS}/{row['id']}")
    assert again.status_code == 404
    assert again.json()["errors"] == {"id": ["not found"]}


def test_webhooks_cost_their_tokens(line: Line) -> None:
    make(line)
    listed(line)
    line.send("pipedrive", "DELETE", f"{HOOKS}/1")
    assert [entry[4] for entry in line.sandbox.requests] == [10, 10, 6]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("subscription_url", "https://example.com/hook"),
        ("subscription_url", None),
        ("event_action", "added"),
        ("event_object", "people"),
        ("name", ""),
        ("name", "x" * 256),
        ("name", None),
        ("version", "1.0"),
        ("user_id", 999),
        ("http_auth_user", 1),
    ],
)
def test_a_wrong_webhook_is_refused_by_the_name_of_what_is_wrong(
    line: Line, name: str, value: object
) -> None:
    answer = make(line, **{name: value})
    assert answer.status_code == 400
    body = answer.json()
    assert (body["status"], body["success"]) == ("error", False)
    assert list(body["errors"]) == [name]
    assert listed(line) == []


def test_an_address_beyond_this_machine_counts_as_unreachable(line: Line) -> None:
    errors = make(line, subscription_url="http://10.0.0.1/").json()["errors"]
    assert errors == {"subscription_url": ["invalid or non-reachable URL"]}


def test_a_body_that_is_no_object_is_refused(line: Line) -> None:
    for body in (b"[]", b"{"):
        assert line.send("pipedrive", "POST", HOOKS, content=body).status_code == 400


def test_a_user_has_forty_webhooks_at_most(line: Line) -> None:
    for number in range(40):
        line.clock.advance(1)
        assert make(line).status_code == 201, number
    assert make(line).status_code == 422
    assert make(line, user_id=line.sandbox.crm.users[1]["id"]).status_code == 201
    line.clock.advance(2)
    line.send("pipedrive", "DELETE", f"{HOOKS}/1")
    assert make(line).status_code == 201


def test_a_new_person_is_told_with_everything(line: Line) -> None:
    make(line, event_object="person", http_auth_user="u", http_auth_password="p")
    person = line.crm("POST", "/persons", {"name": "Ada Lovelace"}).json()["data"]
    receiver = Receiver()
    [body] = deliver(line, receiver)
    assert set(body) == {"meta", "data", "previous"}
    assert body["data"] == person
    assert body["previous"] is None
    meta = body["meta"]
    assert (meta.pop("id"), meta.pop("correlation_id")) != (None, None)
    me = str(line.sandbox.crm.me["id"])
    assert meta == {
        "action": "create",
        "entity": "person",
        "entity_id": str(person["id"]),
        "company_id": "7001",
        "user_id": me,
        "webhook_id": "1",
        "webhook_owner_id": me,
        "attempt": 1,
        "timestamp": "2026-11-02T09:00:00.000Z",
        "change_source": "api",
        "is_bulk_edit": False,
        "host": "sandbox.pipedrive.com",
        "permitted_user_ids": [str(user["id"]) for user in line.sandbox.crm.users],
        "type": "general",
        "version": "2.0",
    }
    request = receiver.requests[0]
    assert (request.method, str(request.url)) == ("POST", HERE)
    assert request.headers["authorization"] == f"Basic {base64.b64encode(b'u:p').decode()}"


def test_a_change_tells_what_it_was_and_who_made_it(line: Line) -> None:
    crm = line.sandbox.crm
    person = crm.add_person(name="Ada")
    make(line, event_action="change")
    line.clock.advance(60)
    crm.edit_person(person["id"], name="Ada Lovelace")
    [body] = deliver(line, Receiver())
    assert body["meta"]["change_source"] == "app"
    assert body["data"]["name"] == "Ada Lovelace"
    assert body["previous"] == {
        "name": "Ada",
        "last_name": None,
        "update_time": person["update_time"],
    }


def test_custom_fields_come_with_their_type(line: Line) -> None:
    crm = line.sandbox.crm
    text = crm.add_field("person", field_name="Plan", field_type="varchar")["field_code"]
    money = crm.add_field("person", field_name="MRR", field_type="monetary")["field_code"]
    empty = crm.add_field("person", field_name="Note", field_type="text")["field_code"]
    custom = {text: "team", money: {"value": 12.5, "currency": "EUR"}}
    person = crm.add_person(name="Ada", custom_fields=custom)
    make(line, event_object="person")
    crm.edit_person(person["id"], custom_fields={text: "solo"})
    [body] = deliver(line, Receiver())
    assert body["data"]["custom_fields"] == {
        text: {"type": "varchar", "value": "solo"},
        money: {"type": "monetary", "value": 12.5, "currency": "EUR"},
        empty: None,
    }
    assert body["previous"]["custom_fields"] == {text: {"type": "varchar", "value": "team"}}


def test_a_deletion_tells_the_last_state(line: Line) -> None:
    person = line.sandbox.crm.add_person(name="Ada")
    make(line)
    line.sandbox.crm.delete_person(person["id"])
    [body] = deliver(line, Receiver())
    assert body["meta"]["action"] == "delete"
    assert body["data"] is None
    assert body["previous"]["name"] == "Ada"


def test_a_merge_is_two_messages(line: Line) -> None:
    crm = line.sandbox.crm
    loser, winner = crm.add_person(name="Ada")["id"], crm.add_person(name="Ada")["id"]
    make(line)
    crm.merge_persons(loser, winner)
    gone, kept = deliver(line, Receiver())
    assert (gone["meta"]["action"], gone["meta"]["entity_id"]) == ("delete", str(loser))
    assert gone["meta"]["merged_to_id"] == str(winner)
    assert "merged_from_id" not in gone["meta"]
    assert (kept["meta"]["action"], kept["meta"]["entity_id"]) == ("change", str(winner))
    assert kept["meta"]["merged_from_id"] == str(loser)


def test_a_webhook_is_told_what_it_asked_for_alone(line: Line) -> None:
    crm = line.sandbox.crm
    make(line, event_action="delete", event_object="organization")
    person = crm.add_person(name="Ada")["id"]
    crm.delete_person(person)
    organization = crm.add_organization(name="Acme")["id"]
    crm.delete_organization(organization)
    assert told(line) == [("delete", "organization", str(organization))]


def test_fields_are_told_of_too(line: Line) -> None:
    make(line)
    code = line.sandbox.crm.add_field("deal", field_name="Plan", field_type="text")["field_code"]
    assert told(line) == [("create", "dealField", code)]


def test_nobody_is_told_of_what_its_user_may_not_see(line: Line) -> None:
    crm = line.sandbox.crm
    person = crm.add_person(name="Ada")["id"]
    make(line, event_object="person")
    make(line, event_object="person", user_id=crm.users[1]["id"])
    crm.hide("person", person)
    [body] = deliver(line, Receiver())
    assert body["meta"]["webhook_id"] == "2"
    assert body["meta"]["permitted_user_ids"] == [str(crm.users[1]["id"])]


def test_an_app_needs_the_admin_scope_and_has_webhooks_of_its_own(line: Line) -> None:
    make(line)
    poor = app.install(line, "contacts:full")
    assert app.call(line, poor, "POST", HOOKS, json=EVERY).status_code == 403
    tokens = app.install(line, "admin", "contacts:full")
    made = app.call(line, tokens, "POST", HOOKS, json=EVERY).json()["data"]
    assert made["type"] == "application"
    assert [row["id"] for row in app.call(line, tokens, "GET", HOOKS).json()["data"]] == [2]
    assert [row["id"] for row in listed(line)] == [1]
    foreign = app.call(line, tokens, "DELETE", f"{HOOKS}/1")
    assert foreign.status_code == 403
    assert foreign.json() == {"success": False, "message": "Forbidden"}
    app.call(line, tokens, "POST", "/api/v2/persons", json={"name": "Ada"})
    kinds = {body["meta"]["webhook_id"]: body["meta"]["type"] for body in deliver(line, Receiver())}
    assert kinds == {"1": "general", "2": "application"}


def test_the_webhooks_of_an_app_vanish_with_it(line: Line) -> None:
    make(line)
    tokens = app.install(line, "admin")
    app.call(line, tokens, "POST", HOOKS, json=EVERY)
    line.sandbox.apps.uninstall()
    assert [row["id"] for row in line.sandbox.hooks.all()] == [1]


def test_what_only_the_group_of_a_colleague_sees_is_told_to_the_colleague_alone(line: Line) -> None:
    crm = line.sandbox.crm
    colleague = crm.users[1]["id"]
    for user in (crm.me["id"], colleague):
        make(line, user_id=user)
    id = crm.add_person(name="Ada", owner_id=colleague)["id"]
    deliver(line, Receiver())
    crm.overwrite("person", id, {"visible_to": 5})
    [body] = deliver(line, Receiver())
    assert body["meta"]["permitted_user_ids"] == [str(colleague)]
