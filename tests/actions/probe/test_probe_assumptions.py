"""Each assumption holds in the sandbox as it comes; each option makes its own one differ."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import pytest
from assumptions_page import PROBE, rows
from probed import differing, left_behind, prepared, probing, sells, states

from chargepipe.sandbox import Options
from world import World

pytestmark = pytest.mark.django_db(transaction=True)

OPTIONS: list[tuple[str, Any]] = [
    ("deleted", "400"),
    ("deleted", "200"),
    ("lists_deleted", True),
    ("failed_costs", False),
    ("unknown_params", "ignore"),
    ("inactive_currency", "accept"),
    ("same_field_name", "refuse"),
    ("null_emails", "clear"),
    ("null_links", "clear"),
    ("longest_name", 100),
    ("longest_name", 1000),
    ("escapes_html", True),
    ("merge_joins", "all"),
    ("value_blanks", True),
    ("restores", True),
    ("after_is_strict", False),
    ("tombstone_days", 30),
    ("event_days", 365),
    ("custom_dates", "seconds"),
    ("mrr_moves", True),
]


def numbers_of(option: str) -> set[int]:
    return {row.number for row in rows() if option in row.options and row.how.startswith(PROBE)}


def test_every_assumption_holds_as_the_sandbox_comes() -> None:
    world = prepared()
    report = probing(world)
    assert {number for number, state in states(report).items() if state != "holds"} == set()
    assert report.state == "holds"
    assert left_behind(world) == []


def test_a_second_probe_finds_the_same() -> None:
    world = prepared()
    first = probing(world)
    second = probing(world)
    assert [f.state for f in first.findings] == [f.state for f in second.findings]


@pytest.mark.parametrize(("option", "value"), OPTIONS)
def test_an_option_makes_exactly_its_own_assumptions_differ(option: str, value: Any) -> None:
    world = prepared(Options(**{option: value}))
    report = probing(world)
    assert differing(report) == numbers_of(option)
    assert report.state == "differs"
    assert all(f.todo for f in report.findings if f.state == "differs")
    assert left_behind(world) == []


def test_every_option_with_a_check_is_tried() -> None:
    checked = {option.name for option in fields(Options) if numbers_of(option.name)}
    assert {name for name, _ in OPTIONS} == checked


def no_access(world: World) -> None:
    del world.crm.me["access"]


def no_decimal_points(world: World) -> None:
    del world.crm.currencies[0]["decimal_points"]


def no_limits(world: World) -> None:
    world.sandbox.company.shows_limits = False


def late_lists(world: World) -> None:
    world.sandbox.site.list_lag = 600.0
    newest = max(subscriptions(world), key=lambda row: row["updated_at"])
    world.billing.edit_subscription(newest["id"], po_number="7")


def subscriptions(world: World, **status: Any) -> list[dict[str, Any]]:
    wanted = [row for row in world.billing.subscriptions() if not row["deleted"]]
    return [row for row in wanted if status.items() <= row.items()]


def no_mrr(world: World) -> None:
    for row in list(world.billing.subscriptions()):
        if sells(row):
            world.billing.edit_mrr(row["id"], None)


def mrr_of_ended(world: World) -> None:
    world.billing.edit_mrr(subscriptions(world, status="cancelled")[0]["id"], 5)


def rates_turned_round(world: World) -> None:
    for row in subscriptions(world):
        world.billing.edit_subscription(row["id"], exchange_rate=1 / row["exchange_rate"])


def yen_with_cents(world: World) -> None:
    for row in subscriptions(world, currency_code="JPY"):
        priced = [item for item in row["subscription_items"] if "unit_price" in item]
        items = [item | {"unit_price": 100 * item["unit_price"]} for item in priced]
        world.billing.edit_subscription(row["id"], subscription_items=items)


TERMS: list[tuple[Callable[[World], None], int]] = [
    (no_access, 34),
    (no_decimal_points, 19),
    (no_limits, 32),
    (late_lists, 51),
    (no_mrr, 61),
    (mrr_of_ended, 63),
    (rates_turned_round, 64),
    (yen_with_cents, 65),
]


@pytest.mark.parametrize(
    ("change", "number"), TERMS, ids=lambda value: getattr(value, "__name__", "")
)
def test_what_is_otherwise_in_the_account_is_found(
    change: Callable[[World], None], number: int
) -> None:
    world = prepared()
    change(world)
    assert differing(probing(world)) == {number}
    assert left_behind(world) == []


@pytest.mark.parametrize(("late", "number"), [({"settle": 300.0}, 1), ({"search_lag": 90.0}, 31)])
def test_late_lists_and_a_late_search_are_found(late: dict[str, Any], number: int) -> None:
    world = prepared(**late)
    report = probing(world)
    assert differing(report) == {number}
    world.clock.advance(600)
    assert left_behind(world) == []


def test_lists_that_are_late_but_in_time_are_no_difference() -> None:
    world = prepared(settle=20.0)
    report = probing(world)
    assert differing(report) == set()
    assert next(f for f in report.findings if f.number == 1).seen.endswith(("30 s.", "31 s."))


def test_a_quiet_site_is_unclear_and_no_difference() -> None:
    world = World(customers=60)
    world.connect()
    report = probing(world)
    found = states(report)
    assert differing(report) == set()
    assert {found[number] for number in (51, 60, 62)} == {"unclear"}
    assert found[18] == "not checked"
    assert report.state == "holds"
