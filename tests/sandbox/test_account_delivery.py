"""Webhooks that are not taken: retries, the ban, the end (fact sheet 8)."""

import pytest

from sandbox.line import Json, Line
from sandbox.receiver import HERE, Receiver, deliver

HOOKS = "/api/v1/webhooks"


@pytest.fixture
def line() -> Line:
    line = Line(customers=5)
    hook = {"subscription_url": HERE, "event_action": "*", "event_object": "*", "name": "All"}
    assert line.send("pipedrive", "POST", HOOKS, json=hook).status_code == 201
    return line


def hook(line: Line) -> Json:
    [row] = line.send("pipedrive", "GET", HOOKS).json()["data"]
    return row


def happen(line: Line, receiver: Receiver) -> list[Json]:
    line.sandbox.crm.add_person(name="Ada")
    return deliver(line, receiver)


def attempts(line: Line, receiver: Receiver, *waits: float) -> list[int]:
    found: list[int] = []
    for wait in waits:
        line.clock.advance(wait)
        found += [body["meta"]["attempt"] for body in deliver(line, receiver)]
    return found


@pytest.mark.parametrize("status", [500, 301, 404, None])
def test_a_message_that_is_not_taken_comes_again_after_3_30_and_150_seconds(
    line: Line, status: int | None
) -> None:
    receiver = Receiver(status)
    [first] = happen(line, receiver)
    assert first["meta"]["attempt"] == 1
    for wait, attempt in ((3, 2), (30, 3), (150, 4)):
        assert attempts(line, receiver, wait - 0.5) == []
        assert attempts(line, receiver, 0.5) == [attempt]
    assert attempts(line, receiver, 1000) == []
    assert hook(line)["last_http_status"] == status


def test_a_retry_is_the_same_event_and_ends_with_success(line: Line) -> None:
    [first] = happen(line, Receiver(500))
    line.clock.advance(3)
    receiver = Receiver(204)
    [second] = deliver(line, receiver)
    assert second == first | {"meta": first["meta"] | {"attempt": 2}}
    assert attempts(line, receiver, 30, 150) == []
    row = hook(line)
    assert row["last_http_status"] == 204
    assert row["last_delivery_time"] == "2026-11-02T09:00:03.000Z"


def test_pipedrive_waits_for_ten_seconds(line: Line) -> None:
    receiver = Receiver()
    happen(line, receiver)
    assert receiver.requests[0].extensions["timeout"]["read"] == 10


def test_ten_failed_first_attempts_ban_a_webhook_and_events_are_lost(line: Line) -> None:
    receiver = Receiver(500)
    for _ in range(9):
        happen(line, receiver)
    assert hook(line)["is_active"] == 1
    happen(line, receiver)
    assert hook(line)["is_active"] == 0
    receiver.status = 200
    assert happen(line, receiver) == []
    assert attempts(line, receiver, 3, 30, 150) == []
    line.clock.advance(1800 - 183 - 2)
    assert happen(line, receiver) == []
    line.clock.advance(2)
    assert hook(line)["is_active"] == 1
    assert len(happen(line, receiver)) == 1


def test_failed_retries_do_not_count_towards_a_ban(line: Line) -> None:
    receiver = Receiver(500)
    for _ in range(3):
        happen(line, receiver)
        attempts(line, receiver, 3, 30, 150)
    assert hook(line)["is_active"] == 1


def test_three_days_without_success_delete_a_webhook(line: Line) -> None:
    receiver = Receiver(500)
    happen(line, receiver)
    line.clock.advance(3 * 86_400 - 1)
    happen(line, receiver)
    assert hook(line)["remove_time"] is None
    line.clock.advance(1)
    happen(line, receiver)
    row = hook(line)
    assert row["is_active"] == 0
    assert row["remove_time"] == "2026-11-05T09:00:00.000Z"
    assert "3 consecutive days" in row["remove_reason"]
    receiver.status = 200
    line.clock.advance(3600)
    assert happen(line, receiver) == []


def test_one_success_starts_the_three_days_anew(line: Line) -> None:
    happen(line, Receiver(500))
    line.clock.advance(2 * 86_400)
    happen(line, Receiver(200))
    line.clock.advance(2 * 86_400)
    happen(line, Receiver(500))
    assert hook(line)["remove_time"] is None


def test_a_quiet_webhook_stays(line: Line) -> None:
    line.clock.advance(400 * 86_400)
    assert hook(line)["is_active"] == 1
    assert len(happen(line, Receiver())) == 1


def test_a_deleted_webhook_gets_no_retries(line: Line) -> None:
    receiver = Receiver(500)
    happen(line, receiver)
    line.send("pipedrive", "DELETE", f"{HOOKS}/1")
    assert attempts(line, receiver, 3, 30, 150) == []


def test_delivery_can_be_doubled(line: Line) -> None:
    line.sandbox.outbox.twice = True
    assert [body["meta"]["attempt"] for body in happen(line, Receiver())] == [1, 1]


def test_after_a_ban_the_failures_are_counted_from_nothing(line: Line) -> None:
    receiver = Receiver(500)
    for _ in range(10):
        happen(line, receiver)
    line.clock.advance(1800)
    for _ in range(9):
        happen(line, receiver)
    assert hook(line)["is_active"] == 1
    happen(line, receiver)
    assert hook(line)["is_active"] == 0


def test_a_removed_webhook_makes_room_for_another(line: Line) -> None:
    more = {"subscription_url": HERE, "event_action": "*", "event_object": "deal", "name": "Deals"}
    for _ in range(39):
        line.clock.advance(1)
        assert line.send("pipedrive", "POST", HOOKS, json=more).status_code == 201
    line.clock.advance(2)
    assert line.send("pipedrive", "POST", HOOKS, json=more).status_code == 422
    happen(line, Receiver(500))
    line.clock.advance(3 * 86_400)
    happen(line, Receiver(500))
    assert line.send("pipedrive", "POST", HOOKS, json=more).status_code == 201
