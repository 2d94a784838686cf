"""The law of writing: a run makes of each record what the mapping says, and touches no other.

Each field is held against the values that it may have: what it held before, where nothing new was
to be written; what the oracle says, where it was; both, where the product may know more than the
test (after a failure, say).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from chargepipe.store.models import Record
from laws.companies import (
    companies_hold,
    companies_of,
    company_targets,
    deleted_ones_say_so,
)
from laws.contacts import contacts_hold
from laws.deletions import deletions_hold
from laws.memory import Memory, Settled, Told
from laws.oracle import (
    PersonTarget,
    Unconvertible,
    company_key,
    email_key,
    person_target,
)
from laws.picture import Picture, changed, full

SYNCED = ("created", "updated", "unchanged")
PERSON_FIELDS = frozenset({"name", "first_name", "last_name", "emails", "phones", "org_id"})
"""Built-in ones that are written, or that follow from one that is."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """A customer that a run may have written to a person. `targets`: what it may have wanted."""

    customer: str
    updated_at: int
    targets: list[PersonTarget]
    must: bool
    """Whether its values had to be written."""
    may: bool
    """Whether they may have been; where neither is so, what the person held stands."""


def outcomes(told: Told) -> dict[str, str]:
    """What the run made of each customer that it looked at."""
    rows = Record.objects.filter(kind="customer", outcome_run=told.run.pk)
    return dict(rows.values_list("source_id", "outcome"))


def person_targets(memory: Memory, customer: str) -> list[PersonTarget]:
    """What a customer may want of its person; empty where its amounts cannot be added."""
    found: list[PersonTarget] = []
    for books in memory.possible():
        try:
            target = person_target(books, books.customers[customer], memory.rules)
        except Unconvertible:
            continue
        if target not in found:
            found.append(target)
    return found


def hold(memory: Memory, told: Told) -> None:
    """Hold the law for a run that syncs, then remember what it settled."""
    made = outcomes(told)
    done = told.run.state == "done"
    synced = [c for c, outcome in made.items() if outcome in SYNCED and done]
    _held_stays(memory, told, synced)
    _people(memory, told, synced)
    companies_hold(memory, told, made, synced)
    passed = made.keys() - set(synced)
    if done and told.clean and told.run.kind in ("full", "sync") and memory.rules.organizations:
        deleted_ones_say_so(memory, told, passed)
    deletions_hold(memory, told)
    remember(memory, told, synced)
    _remember_passed(memory, told, passed)


def _held_stays(memory: Memory, told: Told, synced: Iterable[str]) -> None:
    """What was undone is touched by no run until it is modified, or a person names it (rule 12)."""
    customers = memory.books().customers
    for customer in synced:
        free = told.run.only or customers[customer].get("pii_cleared") == "cleared"
        assert free or not memory.held.get(customer), f"{customer} was written after its undo"


def speakers(memory: Memory, told: Told, synced: Iterable[str]) -> dict[int, list[Speaker]]:
    """By person, the customers that were, or may have been, written to it, in their turn."""
    books, links, organizations = memory.books(), memory.links(), memory.organizations()
    found: dict[int, list[Speaker]] = defaultdict(list)
    sure = set(synced)
    for customer, row in books.customers.items():
        if customer in sure or _may_have_written(memory, told, customer):
            people = {links.get(customer)} | (set() if told.clean else {told.links.get(customer)})
            targets = person_targets(memory, customer)
            must = customer in sure and _must(memory, told, customer, links, targets)
            may = customer not in sure or _may(memory, customer, targets, organizations)
            for pid in people - {None}:
                found[pid or 0].append(Speaker(customer, row["updated_at"], targets, must, may))
    return {pid: _in_order(few) for pid, few in found.items()}


def _in_order(few: list[Speaker]) -> list[Speaker]:
    """The customers of one person in their turn.

    Who comes after one that writes may have a turn though nothing is new of it; and where one is
    cleared, the others speak again.
    """
    cleared = any(target.cleared for each in few for target in each.targets)
    turn = sorted(few, key=lambda each: (each.updated_at, each.customer))
    writes = [n for n, each in enumerate(turn) if each.must or each.may]
    first = 0 if cleared else min(writes, default=len(turn))
    return [replace(each, may=each.may or n >= first) for n, each in enumerate(turn)]


def _may_have_written(memory: Memory, told: Told, customer: str) -> bool:
    return told.run.state != "done" or not told.clean


def _must(
    memory: Memory,
    told: Told,
    customer: str,
    links: Mapping[str, int],
    targets: list[PersonTarget],
) -> bool:
    if told.run.repair:
        return True
    was = memory.settled.get(customer)
    if customer in memory.unsure:
        return False
    if was is None or was.person != links.get(customer) or told.links.get(customer) is None:
        return True
    return not any(target in was.targets for target in targets)


def _may(
    memory: Memory, customer: str, targets: list[PersonTarget], organizations: Mapping[str, int]
) -> bool:
    was = memory.settled.get(customer)
    if was is None or len(targets) != 1 or was.targets != targets:
        return True
    moved = was.organization != organizations.get(targets[0].company)
    return moved or customer in memory.loose | memory.unsure


def _people(memory: Memory, told: Told, synced: list[str]) -> None:
    before, after = told.before.of("person"), told.after.of("person")
    writing = speakers(memory, told, synced)
    organizations = memory.organizations()
    for pid, row in after.items():
        few = writing.get(pid, [])
        old = before.get(pid)
        if old is None:
            assert few, f"person {pid} was made for nobody: {row}"
            _made_for_a_reason(memory, told, pid, few)
        if not few:
            assert not changed(old or {}, row), f"person {pid} was changed: {old} -> {row}"
            continue
        _fields_hold(memory, pid, old or {}, row, few)
        _organization_holds(memory, pid, old or {}, row, few, organizations)
        if old is None or changed(old, row) & {"emails", "phones"} or any(s.must for s in few):
            contacts_hold(memory, pid, old or {}, row, few)


def _fields_hold(
    memory: Memory, pid: int, old: Mapping[str, Any], row: Mapping[str, Any], few: list[Speaker]
) -> None:
    ours = {name for each in few for target in each.targets for name in target.fields}
    for name in sorted(ours):
        may = _possible(old.get(name), few, lambda t, was, n=name: _field(memory, t, n, was))
        if name in memory.dropped:  # its values went with it once: it is filled again
            may += [target.fields.get(name) for each in few for target in each.targets]
        assert row.get(name) in may, f"person {pid}: {name} is {row.get(name)}, not {may}; {few}"
    may = _possible(old.get("name"), few, lambda t, was: _name(memory, t, was))
    assert row["name"] in may, f"person {pid}: its name is {row['name']}, not one of {may}"
    if old:
        others = changed(old, row) - ours - PERSON_FIELDS
        assert not others, f"person {pid}: fields of others changed: {others}; {old} -> {row}"


def _possible(old: Any, few: list[Speaker], wants: Any) -> list[Any]:
    """The values that a field may have after all speakers, in their turn."""
    cleared = [each for each in few if any(target.cleared for target in each.targets)]
    # Whoever is to be cleared goes before the others (rule 16); who was cleared once, in its turn.
    turns = [few, [*cleared, *(each for each in few if each not in cleared)]] if cleared else [few]
    return [value for turn in turns for value in _in_turn(old, turn, wants)]


def _in_turn(old: Any, few: list[Speaker], wants: Any) -> list[Any]:
    may = [old]
    for each in few:
        new = [value for target in each.targets for was in may for value in wants(target, was)]
        may = new if each.must else [*may, *(new if each.may else [])]
    return may


def _field(memory: Memory, target: PersonTarget, name: str, was: Any) -> list[Any]:
    if name not in target.fields:
        return [was]
    own = {each.name: each.own or memory.rules.overwrite for each in memory.rules.more("person")}
    value = target.fields[name]
    if own.get(name, "always") == "always" or was is None:
        return [value]
    return [was, value] if target.cleared else [was]


def _name(memory: Memory, target: PersonTarget, was: Any) -> list[Any]:
    if was is None:
        return [target.name]
    if memory.rules.overwrite != "always":
        return [was, target.name] if target.cleared else [was]
    return [target.name] if target.named and not target.cleared else [was, target.name]


def _organization_holds(
    memory: Memory,
    pid: int,
    old: Mapping[str, Any],
    row: Mapping[str, Any],
    few: list[Speaker],
    organizations: Mapping[str, int],
) -> None:
    there = memory.picture().of("organization")
    living = {key for key, at in organizations.items() if at in there}

    def wants(target: PersonTarget, was: Any) -> list[Any]:
        kept = not target.company or (memory.rules.overwrite != "always" and was is not None)
        # For somebody deleted no organization is made, nor linked, nor sought where it is gone.
        kept |= _is_deleted(target) and target.company not in living
        return [was] if kept else [organizations.get(target.company)]

    may = _possible(old.get("org_id"), few, wants)
    assert row["org_id"] in may, f"person {pid}: organization {row['org_id']}, not {may}; {few}"


def _is_deleted(target: PersonTarget) -> bool:
    return target.fields.get("CB Customer Status") == "Deleted"


def _made_for_a_reason(memory: Memory, told: Told, pid: int, few: list[Speaker]) -> None:
    """Nobody is made where somebody with the mark or the key was there all the time.

    That a person was merged into one that is hidden nobody can know.
    """
    books = memory.books()
    for each in few:
        there = told.before.with_mark(each.customer) & told.after.with_mark(each.customer)
        linked = told.links.get(each.customer)
        there = {at for at in there if at == linked or ("person", at) not in told.before.hidden}
        assert not there, f"{each.customer} was made though {there} had its mark"
    makers = [s.customer for s in few if s.customer not in memory.new]
    if makers and len(makers) == len(few) and not memory.quiet["customer"]:
        email = books.customers[makers[0]].get("email")
        there = told.before.with_email(email) & told.after.with_email(email)
        assert not there, f"{makers} was made though {there} had the email {email_key(email)}"


def remember(memory: Memory, told: Told, synced: Collection[str]) -> None:
    """Keep what this run settled, and what it put on people."""
    links, books, people = memory.links(), memory.books(), told.after.of("person")
    organizations = memory.organizations()
    for customer in synced:
        if customer in links:
            targets = person_targets(memory, customer)
            company = targets[-1].company if targets else ""
            memory.had.setdefault(customer, set()).update(target.company for target in targets)
            joined = people.get(links[customer], {}).get("org_id")
            # Where it was made anew in this run, the next one may be the first to join it.
            now = organizations.get(company)
            known = now if now in (joined, told.organizations.get(company)) else None
            memory.settled[customer] = Settled(links[customer], targets, known)
        memory.held.pop(customer, None)
    were = told.organizations
    memory.late |= {key for key, pid in organizations.items() if were.get(key, pid) != pid}
    companies = companies_of(memory, synced)
    unseen = {key for key in companies if ("organization", were.get(key)) in told.before.hidden}
    memory.loose |= unseen
    companies = {key for key in companies - unseen if not memory.holds(key, told.run)}
    for key in companies:
        memory.companies[key] = company_targets(memory, key)
        memory.held_companies.pop(key, None)
    rows = told.run.changes.filter(kind="organization", state="written")
    for key in rows.values_list("source_key", flat=True):
        memory.held_companies.pop(key, None)  # written for one who did not sync: held no longer
    memory.looked_at({*synced, *companies})
    note_written(memory, told.before, told.after)
    if told.run.state != "done" or not told.clean:
        memory.unsure |= {*books.customers, *map(company_key, books.customers.values())}


def _remember_passed(memory: Memory, told: Told, passed: Iterable[str]) -> None:
    """Of customers that did not sync their organizations may show all that they say, or not."""
    for key in companies_of(memory, passed) & memory.companies.keys():
        known = memory.companies[key]
        memory.companies[key] = [
            *known,
            *(t for t in company_targets(memory, key) if t not in known),
        ]


def note_written(memory: Memory, before: Picture, after: Picture) -> None:
    """Keep every email and phone that a run has put on a person."""
    for pid, row in after.of("person").items():
        old = before.of("person").get(pid, {})
        for contacts in ("emails", "phones"):
            had = {each[0] for each in full(old.get(contacts)) or ()}
            new = {each[0] for each in row[contacts]} - had
            memory.wrote.setdefault(pid, set()).update(new)
