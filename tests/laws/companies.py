"""The law of organizations: what their companies say is written on them, and nothing else."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from laws.memory import Memory, Told
from laws.oracle import (
    Unconvertible,
    company_key,
    organization_fields,
    organization_names,
)
from laws.picture import Record, changed

DEAL_KINDS = ("subscription", "invoice")
MISSING = "PLN"
"""The currency that Pipedrive does not have."""


def companies_hold(memory: Memory, told: Told, made: Iterable[str], synced: Iterable[str]) -> None:
    """Hold the law after a run that looked at the customers `made` and synced those of `synced`."""
    linked: dict[int, list[str]] = defaultdict(list)
    for key, pid in memory.organizations().items():
        linked[pid].append(key)
    must, may = _touched(memory, told, made, synced)
    for pid, row in told.after.of("organization").items():
        old = told.before.of("organization").get(pid, {})
        keys = linked.get(pid, [])
        if not old:
            _made_for_a_reason(memory, told, pid, row, keys)
        if not may.intersection(keys):
            assert not changed(old, row), f"organization {pid} changed: {old} -> {row}"
            continue
        # After a merge two companies share it, and each writes it.
        few = [_company(memory, told, pid, key, key in must and len(keys) == 1) for key in keys]
        _fields_hold(memory, pid, old, row, few)


def _touched(
    memory: Memory, told: Told, made: Iterable[str], synced: Iterable[str]
) -> tuple[set[str], set[str]]:
    """The companies that had to be looked at, and those that may have been."""
    must = companies_of(memory, synced, sure=True)
    may = companies_of(memory, [*synced, *made])
    may |= {key for customer in made for key in memory.had.get(customer, ())}
    if told.run.state != "done" or not told.clean:
        may |= memory.organizations().keys()
    if told.run.kind == "apply":
        # A plan has the changes of companies whose customers need none themselves.
        rows = told.run.changes.filter(kind="organization", state="written")
        may |= set(rows.values_list("source_key", flat=True))
    return must, may


def deleted_ones_say_so(memory: Memory, told: Told, passed: Iterable[str]) -> None:
    """An organization all of whose customers are deleted says so, though the last was `passed`.

    Such a customer did not sync: its person could not be, or was gone.
    """
    rules = memory.rules
    if rules.deleted_customers == "leave" or rules.subscription_data == "organization":
        return  # amounts that nobody can add are in the way of all that the company says
    now = memory.organizations()
    looked = set(passed) - memory.held.keys() - memory.ignored.keys()
    named = [{company_key(b.customers[each]) for b in memory.possible()} for each in looked]
    for key in {key for keys in named if len(keys) == 1 for key in keys}:
        pid = now.get(key, 0)
        alone = list(now.values()).count(pid) == 1 and told.organizations.get(key) == pid
        seen = ("organization", pid) not in told.before.hidden and not memory.holds(key, told.run)
        row = told.after.of("organization").get(pid)
        if row and alone and seen and _dead(memory, key):
            assert row.get("CB Status") == "Deleted", f"{key} is {row.get('CB Status')}"


def _dead(memory: Memory, key: str) -> bool:
    """Whether all customers of a company are deleted, however much of it was seen."""
    few = [books.of_company(key) for books in memory.possible()]
    return all(rows and all(row["deleted"] for row in rows) for rows in few)


def companies_of(memory: Memory, customers: Iterable[str], *, sure: bool = False) -> set[str]:
    """The companies that these customers may have, and those that they had when last settled.

    With `sure` the latter only where one alone is possible.
    """
    customers = list(customers)
    found = {company_key(b.customers[each]) for b in memory.possible() for each in customers}
    for customer in customers:
        was = memory.settled.get(customer)
        had = {target.company for target in was.targets} if was else set[str]()
        found |= set() if sure and len(had) > 1 else had
    return found - {""}


def company_targets(memory: Memory, key: str) -> list[dict[str, Any]]:
    """What a company may want of its organization; nothing in a currency that Pipedrive lacks."""
    found: list[dict[str, Any]] = []
    for books in memory.possible():
        if books.of_company(key):
            try:
                target = organization_fields(books, key, memory.rules)
            except Unconvertible:
                continue
            if not any(isinstance(v, tuple) and v[0] == MISSING for v in target.values()):
                found.append(target)
    return found


def _made_for_a_reason(
    memory: Memory, told: Told, pid: int, row: Record, keys: Sequence[str]
) -> None:
    """An organization is made for a company, under its name, where none of that name was."""
    assert keys, f"organization {pid} was made for nobody: {row}"
    names = {n for b in memory.possible() for key in keys for n in organization_names(b, key)}
    assert row["name"] in names, f"organization {pid} was made as {row['name']}, not one of {names}"
    for key in keys:
        there = told.before.named(key) & told.after.named(key)
        assert not there, f"{key} was made though {there} had its name"
    members = [each for b in memory.possible() for key in keys for each in b.of_company(key)]
    alive = any(not each["deleted"] for each in members) or told.run.kind == "apply"
    assert alive, f"{keys} was made, and nobody of it lives"
    rules = memory.rules
    kept = rules.overwrite != "always" and not any(map(rules.makes_deals, DEAL_KINDS))
    new = told.clean and not told.organizations.keys() & set(keys)
    joined = any(each["org_id"] == pid for each in told.after.of("person").values())
    assert joined or not (kept and new), f"{keys} was made, and nobody joined it"


@dataclass(frozen=True, slots=True)
class _Company:
    """What a company wants, and whether it had to be written, or what was there may stand."""

    targets: list[dict[str, Any]]
    may_stand: bool
    may_write: bool


def _company(memory: Memory, told: Told, pid: int, key: str, must: bool) -> _Company:
    targets, was = company_targets(memory, key), memory.companies.get(key)
    was_there = ("organization", pid) in told.before.records  # one that is made says all
    merged = told.organizations.get(key, pid) != pid  # then the values are compared (rule 4)
    held = memory.holds(key, told.run) and not merged
    quiet = held or ("organization", pid) in told.before.hidden
    if was_there and quiet:
        return _Company(targets, may_stand=True, may_write=False)
    new = told.organizations.get(key) != pid or was is None or told.run.repair
    known = not new and any(target in (was or ()) for target in targets)
    sure = known and len(targets) == 1 and was == targets
    return _Company(
        targets,
        may_stand=known or not must or key in memory.unsure,
        # Who is made again by a reconcile takes its company along.
        may_write=not sure or told.run.kind == "reconcile" or key in memory.loose | memory.unsure,
    )


def _fields_hold(
    memory: Memory, pid: int, old: Record, row: Record, few: Sequence[_Company]
) -> None:
    more = memory.rules.more("organization")
    own: Mapping[str, str] = {each.name: each.own or memory.rules.overwrite for each in more}
    names = {name for each in few for target in each.targets for name in target}
    for name in sorted(names):
        held = old.get(name)
        kept = own.get(name, "always") != "always" and held is not None
        may = [held] if kept or any(each.may_stand for each in few) else []
        for each in few:
            if not kept and (each.may_write or not each.may_stand):
                may += [target.get(name) for target in each.targets]
        assert row.get(name) in may, f"organization {pid}: {name} is {row.get(name)}, not {may}"
    others = changed(old, row) - names if old else set()
    assert not others, f"organization {pid}: fields of others changed: {others}"
