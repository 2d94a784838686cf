"""A lost right, a bad key, a closed account, blocked traffic: one notice, and no storm."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet

import granted
from chargepipe.actions import connections
from chargepipe.actions.glance import glances
from chargepipe.sandbox import Fault
from chargepipe.store import encrypted
from chargepipe.store.models import Connection, Link, Run, SyncError
from people import open_errors, people
from ticking import automatic, hours, the_time
from world import World

pytestmark = pytest.mark.django_db(transaction=True)
JSON = "application/json"
HOURS = 3
STATUSES = {401: "key is not valid", 402: "not open", 403: "lacks a right"}
PLACES = {
    "at the guard": {"path": "/users/me"},
    "at the walk": {"path": "/persons", "method": "GET"},
    "at apply": {"path": "/persons", "method": "POST"},
    "at an update": {"path": "/persons/", "method": "PATCH"},
}


@pytest.fixture
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """Five customers in sync, and two new ones and three changed ones that wait."""
    world = World(customers=0, people_before=0.0)
    ids = [ada(world, number) for number in range(5)]
    with granted.configured():
        connection = granted.connect(world, "") if request.param == "OAuth" else world.connect("")
        assert world.run(connection, "full").state == "done"
        world.clock.advance(3600)
        for id in ids[:3]:
            world.billing.edit_customer(id, first_name="Adelaide")
        ada(world, 8)
        ada(world, 9)
        yield world


def ada(world: World, number: int) -> str:
    return world.billing.add_customer(first_name="Ada", email=f"ada{number}@x.co")["id"]


def refuse(world: World, status: int, place: str = "at the guard", **more: Any) -> None:
    body = json.dumps({"success": False, "error": "no", "errorCode": status})
    where = {**PLACES[place], "status": status, "body": body, "content_type": JSON}
    world.faults.add(Fault(times=None, **{**where, **more}))


def asked(world: World, service: str = "pipedrive") -> int:
    return sum(
        s == service and not p.startswith("/oauth/") for s, _, p, *_ in world.sandbox.requests
    )


def now() -> Connection:
    return Connection.objects.get()


@pytest.mark.parametrize(
    ("world", "place"),
    [*(("token", place) for place in PLACES), ("OAuth", "at the guard"), ("OAuth", "at apply")],
    indirect=["world"],
)
@pytest.mark.parametrize("status", STATUSES)
def test_the_run_fails_once_nothing_storms_and_it_goes_on_by_itself_once_it_is_mended(
    status: int, place: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    automatic(world, monkeypatch)
    runs, there = Run.objects.count(), len(people(world))
    refuse(world, status, place)
    world.sandbox.requests.clear()
    hours(world, HOURS, monkeypatch)

    (run,) = Run.objects.order_by("pk")[runs:]
    assert (run.state, run.automatic) == ("failed", True)
    assert STATUSES[status] in run.message
    barred = now().barred
    assert barred.startswith(run.message)
    assert "once an hour" in barred
    assert glances()[0].state.more == barred
    assert open_errors() == []
    refused = sum(_hit(m, p, PLACES[place]) for _, m, p, *_ in world.sandbox.requests)
    once = 2 if status == 401 and now().grant else 1  # access is renewed after a first 401
    tries = HOURS + (2 if place == "at an update" and status == 403 else 0)
    assert refused <= tries * once + (2 if "apply" in place or "update" in place else 0)
    assert asked(world) <= HOURS * 10

    world.faults.clear()
    hours(world, 1, monkeypatch)
    run.refresh_from_db()
    assert (run.state, run.message) == ("done", "")
    assert (now().barred, now().barred_since) == ("", None)
    assert len(people(world)) == there + 2
    assert not SyncError.objects.filter(state="open").exists()


def _hit(method: str, path: str, place: dict[str, str]) -> bool:
    return place["path"] in path and method == place.get("method", "GET")


@pytest.fixture
def small() -> World:
    """Two customers in sync by a token, and a third that waits."""
    world = World(customers=0, people_before=0.0)
    for number in range(2):
        ada(world, number)
    connection = world.connect("")
    assert world.run(connection, "full").state == "done"
    world.clock.advance(3600)
    ada(world, 2)
    return world


BILLING = {
    401: ("api_authentication_failed", "connect Chargebee again"),
    403: ("api_authorization_failed", "Read-only: All"),
    404: ("site_not_found", "no site of this name"),
}


@pytest.mark.parametrize("status", BILLING)
def test_chargebee_may_let_nothing_through_either(
    status: int, small: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, words = BILLING[status]
    automatic(small, monkeypatch)
    small.faults.add(
        Fault(service="chargebee", status=status, code=code, times=None, path="/customers")
    )
    small.sandbox.requests.clear()
    hours(small, HOURS, monkeypatch)
    run = Run.objects.latest("pk")
    assert (run.state, words in run.message, words in now().barred) == ("failed", True, True)
    assert asked(small, "chargebee") <= HOURS + 1
    small.faults.clear()
    hours(small, 1, monkeypatch)
    run.refresh_from_db()
    assert (run.state, now().barred, len(people(small))) == ("done", "", 3)


@pytest.mark.parametrize(
    ("method", "service"), [("GET", "pipedrive"), ("POST", "pipedrive"), ("GET", "chargebee")]
)
def test_blocked_traffic_pauses_the_run_which_goes_on_by_itself(
    method: str, service: Any, small: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    automatic(small, monkeypatch)
    begun = small.clock.now()
    small.faults.add(Fault(service=service, method=method, kind="html", status=403, times=None))
    small.sandbox.requests.clear()
    hours(small, HOURS, monkeypatch)
    run = Run.objects.latest("pk")
    assert (run.state, run.due_at is not None) == ("paused", True)
    assert "blocks our traffic" in run.message
    assert now().barred.startswith(run.message)
    assert glances()[0].state.more == now().barred
    refused = sum(s == service and m == method for s, m, *_ in small.sandbox.requests)
    assert refused <= HOURS + 2
    assert run.due_at is not None
    assert run.due_at > begun + timedelta(hours=HOURS)
    small.faults.clear()
    hours(small, 1, monkeypatch)
    run.refresh_from_db()
    assert (run.state, now().barred, len(people(small))) == ("done", "", 3)


def test_the_first_try_after_blocked_traffic_comes_after_a_quarter_of_an_hour(small: World) -> None:
    small.faults.add(Fault(kind="html", status=403, times=2))
    run = small.run(now(), "sync")
    assert run.due_at == small.clock.now() + timedelta(minutes=15)
    run = small.go_on(run)
    assert run.due_at == small.clock.now() + timedelta(hours=1)
    assert small.go_on(run).state == "done"


def test_another_connection_of_the_account_waits_without_a_call_and_there_is_one_notice(
    small: World,
) -> None:
    text = small.text("", "other").replace("acme-test", "other-test")
    other, _ = connections.apply(connections.propose(text), small.env)
    small.faults.add(Fault(service="pipedrive", kind="html", status=403, times=2))
    blocked = small.run(Connection.objects.get(name="acme"), "sync")
    small.sandbox.requests.clear()
    waiting = small.run(other, "full")
    assert (waiting.state, len(small.sandbox.requests)) == ("paused", 0)
    assert "blocks our traffic" in waiting.message
    assert "acme asks first" in waiting.message
    assert [c.name for c in Connection.objects.exclude(barred="")] == ["acme"]
    assert waiting.due_at is not None
    assert blocked.due_at is not None
    assert waiting.due_at > blocked.due_at

    small.clock.advance((waiting.due_at - small.clock.now()).total_seconds())
    assert small.go_on(blocked).state == "paused", "it is blocked still"
    assert small.go_on(waiting).state == "paused"
    small.clock.advance(2 * 3600)
    assert small.go_on(blocked).state == "done"
    assert small.go_on(waiting).state == "done"
    assert not Connection.objects.exclude(barred="").exists()


def test_blocked_traffic_to_chargebee_holds_no_other_connection(small: World) -> None:
    text = small.text("", "other").replace("acme-test", "other-test")
    other, _ = connections.apply(connections.propose(text), small.env)
    small.faults.add(Fault(service="chargebee", kind="html", status=403, times=1))
    assert small.run(Connection.objects.get(name="acme"), "sync").state == "paused"
    assert small.run(other, "full").state == "done"


def test_a_user_who_is_no_admin_any_more_is_asked_once_an_hour_and_no_more(
    small: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    automatic(small, monkeypatch)
    small.crm.me["is_admin"] = 0
    for access in small.crm.me.get("access", ()):
        access["admin"] = False
    small.sandbox.requests.clear()
    hours(small, HOURS, monkeypatch)
    run = Run.objects.latest("pk")
    assert (run.state, "no admin" in now().barred) == ("failed", True)
    assert asked(small) <= HOURS + 1
    assert {p.partition("?")[0] for _, _, p, *_ in small.sandbox.requests} == {"/api/v1/users/me"}


def test_applying_the_file_again_lets_it_go_on_at_once(
    small: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    automatic(small, monkeypatch)
    refuse(small, 401)
    hours(small, 1, monkeypatch)
    assert now().barred
    small.faults.clear()
    small.connect("")
    assert (now().barred, now().next_sync_at) == ("", small.clock.now())


def test_applying_the_file_again_lets_a_paused_run_go_on_at_once(
    small: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    the_time(small, monkeypatch)
    small.faults.add(Fault(kind="html", status=403, times=1))
    run = small.run(now(), "sync")
    small.connect("")
    run.refresh_from_db()
    assert run.due_at == small.clock.now()
    assert now().barred == ""


def test_who_started_a_run_by_hand_is_told_to_start_it_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World(customers=0, people_before=0.0)
    ada(world, 0)
    connection = world.connect("")
    refuse(world, 402, "at apply")
    failed = world.run(connection, "full")
    assert (failed.state, now().next_sync_at) == ("failed", None)
    assert "start the run again" in now().barred
    hours(world, HOURS, monkeypatch)
    assert Run.objects.count() == 1
    world.faults.clear()
    assert world.run(connection, "full").state == "done"
    assert (now().barred, len(people(world))) == ("", 1)


def test_a_single_record_that_may_not_be_changed_is_an_error_of_that_record(small: World) -> None:
    first = people(small)[0]
    for link in ("Ada", "Bea"):
        small.billing.add_customer(first_name=link, email=f"{link}@y.co")
    customer = Link.objects.get(kind="person", pipedrive_id=first).source_key
    small.billing.edit_customer(customer, first_name="Bo")
    refuse(small, 403, "at an update")
    run = small.run(now(), "sync")
    assert (run.state, now().barred) == ("done", "")
    assert [code for code, _ in open_errors()] == ["refused"]


def test_a_limit_of_the_plan_bars_one_thing_and_not_the_connection(small: World) -> None:
    body = json.dumps({"success": False, "error": "limit", "code": "feature_capping_persons_limit"})
    small.faults.add(
        Fault(path="/persons", method="POST", status=403, body=body, content_type=JSON, times=None)
    )
    run = small.run(now(), "sync")
    assert (run.state, now().barred) == ("failed", "")


def test_keys_that_do_not_open_the_secrets_are_one_notice_and_no_call(
    small: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    automatic(small, monkeypatch)
    other = encrypted.MultiFernet([Fernet(Fernet.generate_key())])
    monkeypatch.setattr(encrypted, "_box", lambda: other)
    runs = Run.objects.count()
    small.sandbox.requests.clear()
    hours(small, HOURS, monkeypatch)
    assert (Run.objects.count(), len(small.sandbox.requests)) == (runs + 1, 0)
    assert "cannot be decrypted" in now().barred
