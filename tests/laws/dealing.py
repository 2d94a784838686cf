"""The laws of deals: what billing says is written on them; where they stand is in `places`.

`writing` says how fields are held against the values that they may have; so it is here.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from chargepipe.store.models import Record
from laws import places
from laws.deal_targets import LASTS, DealTarget, Teller, deal_targets
from laws.memory import Memory, SettledDeal, Told
from laws.picture import Record as Row
from laws.picture import changed, marks

SYNCED = ("created", "updated", "unchanged")
JOINS = ("person_id", "org_id")


def deal_outcomes(told: Told) -> dict[str, str]:
    """What the run made of each record that it looked at, by source key."""
    rows = Record.objects.filter(kind__in=("subscription", "invoice"), outcome_run=told.run.pk)
    found = rows.values_list("kind", "source_id", "outcome")
    return {f"{kind}:{id}": outcome for kind, id, outcome in found}


def deals_hold(memory: Memory, told: Told) -> None:
    """Hold the laws for a run that syncs, then remember what it settled."""
    made = deal_outcomes(told)
    sure = told.clean and told.run.state == "done"
    synced = {key for key, outcome in made.items() if outcome in SYNCED and sure}
    before, after = told.before.of("deal"), told.after.of("deal")
    for key in synced:
        assert not memory.held.get(key) or told.run.only, f"{key} was written after its undo"
    tellers = _tellers(memory, told, synced, sure)
    for pid, row in after.items():
        few, old = tellers.get(pid, []), before.get(pid)
        if old is None:
            _made_for_a_reason(memory, told, pid, row)
        if not few:
            assert not changed(old or {}, row), f"deal {pid} was changed: {old} -> {row}"
            continue
        for name in sorted({name for each in few for t in each.targets for name in t.values}):
            _field_holds(memory, pid, name, old, row, few, late=_is_late(told, row, few))
        if old is not None:
            places.nobody_is_overruled(memory, told, pid, old, row)
            ours = {name for each in few for t in each.targets for name in t.values}
            others = changed(old, row) - ours
            assert not others, f"deal {pid}: fields of others changed: {others}; {old} -> {row}"
    _remember(memory, told, synced, tellers, sure)
    memory.fresh -= made.keys()
    # What changes while its deals are off is passed by for good.
    off = {kind for kind in ("subscription", "invoice") if not memory.rules.makes_deals(kind)}
    memory.fresh = {key for key in memory.fresh if key.partition(":")[0] not in off}
    memory.on -= off


def _tellers(memory: Memory, told: Told, synced: set[str], sure: bool) -> dict[int, list[Teller]]:
    """By deal, the records that were, or may have been, written to it."""
    books, links = memory.books(), memory.deal_links()
    found: dict[int, list[Teller]] = defaultdict(list)
    for kind, key, row in books.deal_records():
        if sure and key not in synced:
            continue
        wants = deal_targets(memory, books, kind, row)
        targets = [target for target in wants if target is not None]
        was = memory.deals.get(key)
        deals = {links.get(key)} if sure else {links.get(key), *told.after.deals_with(key)}
        for pid in deals - {None}:
            known = was is not None and was.deal == pid and told.deals.get(key) == pid
            held = told.before.of("deal").get(pid or 0, {})
            old = was.targets if was and known else []
            same = any(_alike(new, each, held) for new in targets for each in old)
            joins = bool(targets) and all(any(_joins_alone(t, o) for o in old) for t in targets)
            joins = joins or key in memory.joining
            news = key not in memory.unsure and not same and len(targets) == len(wants)
            must = sure and (news or told.run.repair)
            only = known and was is not None and was.targets == targets and len(targets) == 1
            may = not only or told.run.repair or key in memory.loose | memory.unsure
            last = was.targets if was and known and key not in memory.unsure else []
            if targets:
                found[pid or 0].append(
                    Teller(key, targets, must, may, joins and not told.run.repair, last)
                )
    return found


def _alike(new: DealTarget, old: DealTarget, held: Mapping[str, Any]) -> bool:
    """Whether billing says nothing new: a deal went along with whom it joins when they merged."""
    joins = {n: new.values[n] for n in JOINS if n in new.values and held.get(n) == new.values[n]}
    return replace(old, values={**old.values, **joins}) == new


def _joins_alone(new: DealTarget, old: DealTarget) -> bool:
    """Whether billing says nothing new but whom the deal joins: edits of people stay."""
    joins = {name: new.values[name] for name in JOINS if name in new.values}
    return replace(old, values={**old.values, **joins}) == new


def _is_late(told: Told, row: Row, few: Sequence[Teller]) -> bool:
    """Whether whom a deal joins is gone or none, and was found or made in this run.

    Then the next sync compares the deal anew.
    """
    for kind, name, linked in (
        ("person", "person_id", told.links),
        ("organization", "org_id", told.organizations),
    ):
        wanted = {target.values.get(name) for each in few for target in each.targets}
        gone = not row.get(name) or (kind, row[name]) not in told.before.records
        if gone and not wanted <= set(linked.values()):
            return True
    return False


def _field_holds(
    memory: Memory,
    pid: int,
    name: str,
    old: Row | None,
    row: Row,
    few: Sequence[Teller],
    *,
    late: bool,
) -> None:
    was = old.get(name) if old else None
    must = len(few) == 1 and few[0].must and all(name in t.values for t in few[0].targets)
    must = must and (name in JOINS or not few[0].joins)
    may = [] if must and not late else [was]
    for each in few:
        for target in each.targets:
            if name in target.values and (each.may or each.must or target.cleared):
                may += _values(memory, pid, name, old, target, each)
    held = row.get(name)
    fits = any(_fits(name, value, held) for value in may)
    assert fits, f"deal {pid}: {name} is {held}, not one of {may}; {old} {few}"


def _fits(name: str, value: Any, held: Any) -> bool:
    """A time or reason that billing does not know is Pipedrive's own."""
    if name != "status" or value is None or held is None:
        return value == held
    return all(one in (None, other) for one, other in zip(value, held, strict=True))


def _values(
    memory: Memory, pid: int, name: str, old: Row | None, target: DealTarget, each: Teller
) -> list[Any]:
    """What a field may hold once a record that has this target was written to its deal."""
    value = target.values[name]
    if old is None:
        return [value]
    was = old.get(name)
    if name == "stage":
        return places.stage(memory, pid, old, target, each)
    if name == "status":
        return places.standing(memory, pid, old, target, each)
    if name == "value" and old["products"]:
        return [was]
    if name in LASTS and value is None:
        return _ended(memory, pid, name, was, each)
    if name in ("title", "value", *LASTS):
        free = memory.rules.overwrite == "always" or target.cleared
        return [value] if free else _if_ours(memory, pid, name, was, value, each)
    own = {each.name: each.own or memory.rules.overwrite for each in memory.rules.more("deal")}
    kept = own.get(name, "always") != "always" and was is not None and not target.cleared
    return [was] if kept else [value]


def _ended(memory: Memory, pid: int, name: str, was: Any, teller: Teller) -> list[Any]:
    """What billing names no more is taken off at most while it is ours; nobody is taken off.

    Whom it joins is ours, too, once it was seen to be whom billing names.
    """
    seen = name == "org_id" and (not teller.last or any(t.values[name] == was for t in teller.last))
    ours = name != "person_id" and (seen or was in memory.put.get(pid, {}).get(name, []))
    return [was, None] if ours and memory.world.options.null_links == "clear" else [was]


def _if_ours(
    memory: Memory, pid: int, name: str, was: Any, value: Any, teller: Teller
) -> list[Any]:
    """Under another policy than "always": only what is empty or still ours is written."""
    if was is None or (name == "value" and not was[1]):
        return [value]
    put = memory.put.get(pid, {}).get(name, [])
    if name in ("person_id", "org_id"):
        return [was, value]  # who is joined is ours as soon as it was seen to be so
    if put and put[-1] == was:
        return [was, value] if teller.key in memory.unsure else [value]
    return [was, value] if was in put else [was]


def _made_for_a_reason(memory: Memory, told: Told, pid: int, row: Row) -> None:
    """A deal is made for a record that may have one, has none, and whose deal nobody deleted."""
    keys = marks(row)
    assert len(keys) == 1, f"deal {pid} was made for {keys}: {row}"
    (key,) = keys
    assert key not in memory.dead, f"deal {pid} was made again for {key}, which people deleted"
    there = told.before.deals_with(key) & told.after.deals_with(key)
    assert not there, f"deal {pid} was made for {key}, though {there} had its mark"
    living = memory.made_for.get(key, set()) & told.after.of("deal").keys()
    assert not living, f"deal {pid} was made for {key}, though {living} was made for it"
    assert memory.began is not None, f"deal {pid} was made before the first full sync was done"
    books = memory.books()
    kind = key.partition(":")[0]
    record = next(r for _, k, r in books.deal_records() if k == key)
    wants = deal_targets(memory, books, kind, record)
    assert any(t and t.makes for t in wants), f"deal {pid} was made for {key}, which wants none"
    young = record.get("updated_at", record.get("created_at", 0)) >= memory.began
    kinds = {told.run.kind, told.run.about.of if told.run.about else ""}
    asked = key in memory.swept or kinds & {"full", "backfill"}
    assert young or asked, f"deal {pid} was made for {key}, which is older than the first full sync"


def _remember(
    memory: Memory,
    told: Told,
    synced: set[str],
    tellers: Mapping[int, Sequence[Teller]],
    sure: bool,
) -> None:
    links = memory.deal_links()
    places.note(memory, told.before, told.after, links, told.deals, clean=told.clean)
    for pid, few in tellers.items():
        row = told.after.of("deal").get(pid)
        if row is not None:
            places.note_agreed(memory, pid, row, few)
        for each in few:
            if each.key in synced and row is not None and _is_late(told, row, few):
                memory.deals.pop(each.key, None)
                memory.late.add(each.key)
                memory.joining.add(each.key)
            elif each.key in synced:
                memory.deals[each.key] = SettledDeal(pid, each.targets)
                memory.joining.discard(each.key)
    memory.looked_at(synced)
    for key in synced:
        memory.held.pop(key, None)
    if not sure:
        memory.unsure |= {key for _, key, _ in memory.books().deal_records()}
