"""A small world whose test site shows everything that the probe can look at."""

from typing import Any

from chargepipe.actions.probe import Report, probe
from chargepipe.sandbox import Options
from world import World

DAY = 86_400
PREFIX = "chargepipe probe"


def prepared(options: Options | None = None, **sandbox: Any) -> World:
    """Connected; events of 100, 85 and no days ago, a tombstone, a currency switched off."""
    world = World(options=options or Options(), **sandbox)
    world.connect()
    billing = world.billing
    billing.add_customer(id="before-2016", created_at=1_400_000_000)
    billing.edit_customer("before-2016", updated_at=None)
    world.clock.advance(15 * DAY)
    billing.delete_customer(world.billing.cases["no_subscription"][0])
    active = next(row for row in billing.subscriptions() if sells(row))
    billing.edit_customer(active["customer_id"], last_name="Lee")
    world.clock.advance(85 * DAY)
    world.sandbox.subscriptions.change(active["id"], quantity=77)
    world.clock.advance(40)
    world.crm.currencies[-1]["active_flag"] = False
    return world


def sells(row: dict[str, Any]) -> bool:
    return row["status"] == "active" and not row["deleted"] and "mrr" in row


def probing(world: World) -> Report:
    return probe("acme", world.env)


def states(report: Report) -> dict[int, str]:
    return {finding.number: finding.state for finding in report.findings}


def differing(report: Report) -> set[int]:
    return {number for number, state in states(report).items() if state == "differs"}


def left_behind(world: World) -> list[str]:
    """What is left in the CRM that has a probe's name."""
    crm: Any = world.crm
    names = [row["name"] for row in (*crm.persons(), *crm.organizations())]
    names += [row["title"] for row in crm.deals()]
    fields = [row for kind in ("person", "organization", "deal") for row in crm.fields(kind)]
    names += [row["field_name"] for row in fields]
    return [name for name in names if PREFIX in name]
