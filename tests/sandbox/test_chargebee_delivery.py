"""Delivery of Chargebee's webhooks: to whom, how often, and what the event says of it."""

from base64 import b64decode

import pytest

from sandbox.hook_line import HERE, HookLine
from sandbox.line import Line

MINUTE, HOUR, DAY = 60, 3600, 86_400
WAITS = (2 * MINUTE, 6 * MINUTE, 30 * MINUTE, HOUR, 5 * HOUR, DAY, 2 * DAY)


def change(line: Line) -> None:
    line.sandbox.billing.edit_customer("cust_000001", company="Changed")


def statuses(line: HookLine) -> tuple[str, list[str]]:
    """Of the newest event: the whole, and that of each endpoint in order of its id."""
    event = line.event()
    rows = sorted(event.get("webhooks", []), key=lambda row: row["id"])
    return event["webhook_status"], [row["webhook_status"] for row in rows]


def test_an_event_is_sent_to_an_endpoint_and_says_so() -> None:
    line = HookLine()
    line.add_hook()
    change(line)
    assert statuses(line) == ("scheduled", ["scheduled"])
    assert line.deliver() == 1
    sent = line.receiver.events[0]
    assert sent["event_type"] == "customer_changed"
    assert sent["content"]["customer"]["company"] == "Changed"
    assert sent["webhook_status"] == "scheduled"
    assert statuses(line) == ("succeeded", ["succeeded"])
    assert line.event()["webhooks"][0]["object"] == "webhook"
    line.clock.advance(10 * DAY)
    assert line.deliver() == 0


def test_an_event_without_endpoints_is_sent_to_nobody() -> None:
    line = HookLine()
    change(line)
    assert line.deliver() == 0
    assert statuses(line) == ("not_configured", [])


def test_requests_carry_basic_auth_and_the_agent_of_chargebee() -> None:
    line = HookLine()
    line.add_hook(basic_auth_username="ada", basic_auth_password="pw", url=HERE + "?secret=1")
    change(line)
    line.deliver()
    request = line.receiver.requests[0]
    scheme, _, value = request.headers["authorization"].partition(" ")
    assert (scheme, b64decode(value)) == ("Basic", b"ada:pw")
    assert "ChargeBee" in request.headers["user-agent"]
    assert request.headers["content-type"].startswith("application/json")
    assert request.method == "POST"
    assert str(request.url) == HERE + "?secret=1"


def test_a_changed_password_holds_from_then_on_and_an_empty_user_ends_it() -> None:
    line = HookLine()
    hook = line.add_hook(basic_auth_username="ada", basic_auth_password="old")
    for form in ({"basic_auth_password": "new"}, {"basic_auth_username": ""}):
        line.post(f"/webhook_endpoints/{hook['id']}", **form)
        change(line)
        line.deliver()
    first, second = line.receiver.requests
    assert b64decode(first.headers["authorization"].split()[1]) == b"ada:new"
    assert "authorization" not in second.headers


def test_only_the_events_that_are_asked_for_are_sent() -> None:
    line = HookLine()
    line.add_hook(enabled_events=["customer_created"])
    change(line)
    assert line.deliver() == 0
    assert statuses(line) == ("not_applicable", [])
    line.sandbox.billing.add_customer(first_name="Ada")
    assert line.deliver() == 1


def test_an_endpoint_that_is_switched_off_is_sent_nothing() -> None:
    line = HookLine()
    hook = line.add_hook(disabled=True)
    change(line)
    assert line.deliver() == 0
    assert statuses(line) == ("disabled", ["disabled"])
    line.post(f"/webhook_endpoints/{hook['id']}", disabled=False)
    change(line)
    assert line.deliver() == 1


@pytest.mark.parametrize("status", [500, 404, 302, None])
def test_a_refused_event_comes_again_seven_times_and_has_failed_then(status: int | None) -> None:
    line = HookLine(status)
    line.add_hook()
    change(line)
    assert line.deliver() == 1
    for wait in WAITS:
        assert statuses(line) == ("re_scheduled", ["re_scheduled"])
        line.clock.advance(wait - 1)
        assert line.deliver() == 0
        line.clock.advance(1)
        assert line.deliver() == 1
    assert statuses(line) == ("failed", ["failed"])
    assert line.event()["webhook_failure_reason"]
    line.clock.advance(30 * DAY)
    assert line.deliver() == 0
    assert len({event["id"] for event in line.receiver.events}) == 1


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_any_2xx_ends_the_attempts(status: int) -> None:
    line = HookLine(500, status)
    line.add_hook()
    change(line)
    line.deliver()
    assert "500" in line.event()["webhook_failure_reason"]
    line.clock.advance(2 * MINUTE)
    line.deliver()
    assert line.receiver.events[1]["webhook_status"] == "re_scheduled"
    assert statuses(line) == ("succeeded", ["succeeded"])
    assert "webhook_failure_reason" not in line.event()
    line.clock.advance(10 * DAY)
    assert line.deliver() == 0


def test_each_endpoint_has_its_own_attempts() -> None:
    line = HookLine(200, 500)
    line.add_hook()
    line.add_hook()
    change(line)
    assert line.deliver() == 2
    assert statuses(line) == ("re_scheduled", ["succeeded", "re_scheduled"])
    line.clock.advance(2 * MINUTE)
    assert line.deliver() == 1


def test_attempts_end_with_the_endpoint() -> None:
    line = HookLine(500)
    hook = line.add_hook()
    change(line)
    line.deliver()
    line.post(f"/webhook_endpoints/{hook['id']}/delete")
    line.clock.advance(2 * MINUTE)
    assert line.deliver() == 0
    assert statuses(line) == ("skipped", ["skipped"])


def test_events_may_come_twice_and_out_of_order() -> None:
    line = HookLine()
    line.add_hook()
    line.sandbox.outbox.twice = line.sandbox.outbox.turned_round = True
    change(line)
    line.sandbox.billing.delete_customer("cust_000001")
    line.deliver()
    kinds = [event["event_type"] for event in line.receiver.events]
    assert kinds == ["customer_deleted"] * 2 + ["customer_changed"] * 2
    assert statuses(line) == ("succeeded", ["succeeded"])


def test_the_body_says_the_api_version_of_the_endpoint() -> None:
    line = HookLine()
    line.add_hook(api_version="v1")
    change(line)
    line.deliver()
    assert line.receiver.events[0]["api_version"] == "v1"
    assert line.event()["api_version"] == "v2"


@pytest.mark.parametrize(
    ("form", "old", "new"),
    [("items", False, True), ("plans_addons", True, False), ("compat", True, True)],
)
def test_a_site_in_coexistence_sends_the_form_of_the_endpoint(
    form: str, old: bool, new: bool
) -> None:
    line = HookLine()
    line.sandbox.site.catalog = "coexistence"
    line.add_hook(chargebee_response_schema_type=form)
    line.sandbox.billing.add_subscription("cust_000001")
    line.deliver()
    subscription = line.receiver.events[0]["content"]["subscription"]
    assert ("plan_id" in subscription, "subscription_items" in subscription) == (old, new)


def test_time_travel_brings_the_next_attempt_at_once() -> None:
    line = HookLine(500)
    line.add_hook()
    change(line)
    line.deliver()
    line.sandbox.travel(2 * MINUTE)
    assert line.deliver() == 1
