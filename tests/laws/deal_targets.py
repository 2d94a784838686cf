"""What the deal of a subscription or invoice should hold, as `picture` shows it.

The rules are those of the deals' own oracle (`deal_oracle`), told by product.md alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

from deal_held import account
from deal_oracle import Anything, title, wanted
from deal_terms import NONE, Terms
from laws.memory import Memory
from laws.oracle import ZERO_DECIMAL, Books, Row, company_key
from laws.picture import DEAL_MARKS
from laws.rules import Rules
from world import World

FIRST, LASTS = "stage", ("expected_close_date", "person_id", "org_id")
"""Where billing names none of `LASTS`, what is there stays, or is taken off while it is ours."""


@dataclass(frozen=True, slots=True)
class DealTarget:
    """What billing wants a deal to hold."""

    values: Mapping[str, Any] = field(hash=False)
    """By the names of `picture`: all that it says. A time or reason of None is Pipedrive's own."""
    moves: bool
    """Whether the settings name a stage; else a deal only begins in the first one."""
    makes: bool
    """Whether a record without a deal gets one."""
    cleared: bool


@dataclass(frozen=True, slots=True)
class Joined:
    """People by customer and organizations by company, as they are linked after a run."""

    people: Mapping[str, int]
    organizations: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Teller:
    """A record that a run may have written to its deal."""

    key: str
    targets: list[DealTarget]
    must: bool
    """Whether what it says had to be written."""
    may: bool
    """Whether it may have been; where neither is so, what the deal held stands."""
    joins: bool
    """Whether only whom the deal joins is another one: all else may stand."""
    last: list[DealTarget]
    """What it said when its deal was last settled, as far as that is known."""


def deal_targets(memory: Memory, books: Books, kind: str, row: Row) -> list[DealTarget | None]:
    """What a record may want of its deal; None where it wants nothing."""
    terms = _terms(memory.world, memory.rules)
    found: list[DealTarget | None] = []
    for record, customer in memory.deal_versions(books, kind, row):
        for people in _people(_living(memory), customer):
            joined = Joined(people, memory.organizations())
            target = _target(kind, record, customer, memory, terms, joined)
            if target not in found:
                found.append(target)
    return found


def _living(memory: Memory) -> dict[str, int]:
    """People by customer, as they are linked; a deal names nobody who is gone."""
    there = {row["id"] for row in memory.world.crm.persons()}
    return {customer: pid for customer, pid in memory.links().items() if pid in there}


def _people(links: dict[str, int], customer: Row) -> Iterator[dict[str, int]]:
    """People by customer; of one that a transfer left behind perhaps that of the live copy."""
    yield links
    heir = links.get(customer.get("active_id", ""))
    if heir is not None and customer["id"] not in links:
        yield links | {customer["id"]: heir}


@cache
def _terms(world: World, rules: Rules) -> Terms:
    return Terms.read(rules.toml(), **account(world))


def _target(
    kind: Any, record: Row, customer: Row, memory: Memory, terms: Terms, joined: Joined
) -> DealTarget | None:
    chosen = terms.subscription if kind == "subscription" else terms.invoice
    cleared = customer.get("pii_cleared") == "cleared"
    want = wanted(kind, dict(record), dict(customer), terms)
    if not chosen.enabled or (want is None and not cleared):
        return None
    values = dict(_values(memory.world, want or {}))
    tells = want is not None and "status" in want
    if tells:
        values |= _joins(customer, memory.rules, joined)
        values |= _additional(kind, record, customer, memory.rules)
    if cleared:
        values["title"] = title(chosen.title, kind, dict(record), dict(customer))
        values |= {e.name: None for e in memory.rules.more("deal") if e.record == "customer"}
    rule = chosen.status.get(record["status"], NONE)
    return DealTarget(values, rule.get("stage") is not None, tells, cleared)


def _values(world: World, want: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield from want.get("fields", {}).items() if "status" not in want else _fields(want)
    if "status" not in want:
        return
    pipelines = {row["name"]: row["id"] for row in world.crm.pipelines}
    pipeline = pipelines[want["pipeline"]]
    stages = {(row["pipeline_id"], row["name"]): row["id"] for row in world.crm.stages}
    yield "title", want["title"]
    yield "value", (want["currency"], _minor(want["value"], want["currency"]))
    yield "stage", (pipeline, stages[pipeline, want["stage"]])
    time = want["won_time"] if want["status"] == "won" else want["lost_time"]
    yield "status", (want["status"], _time(time), want["lost_reason"])
    yield "expected_close_date", want["expected_close"]


def _fields(want: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in want["fields"].items():
        yield name, (value[1], _minor(*value)) if isinstance(value, tuple) else value


def _minor(amount: Any, currency: str) -> int:
    return round(amount * (1 if currency in ZERO_DECIMAL else 100))


def _time(seconds: Any) -> str | None:
    if seconds is None or isinstance(seconds, Anything):
        return None
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _joins(customer: Row, rules: Rules, joined: Joined) -> dict[str, Any]:
    company = company_key(customer) if rules.organizations else ""
    return {
        "person_id": joined.people.get(customer["id"]),
        "org_id": joined.organizations.get(company),
    }


def _additional(kind: str, record: Row, customer: Row, rules: Rules) -> dict[str, Any]:
    sources = {kind: record, "customer": customer}
    found: dict[str, Any] = {}
    for each in rules.more("deal"):
        row: Any = sources.get(each.record)
        if row is None:
            continue
        for part in each.attribute.split("."):
            row = (row or {}).get(part)
        found[each.name] = row
    return found


def key_names(kind: str) -> str:
    """The mark of a kind of record."""
    return next(name for name, of in DEAL_MARKS.items() if of == kind)
