"""The laws of deals: what billing says is written on them, a person's move in the pipeline wins.

`writing` says how fields are held against the values that they may have; so it is here.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chargepipe.store.models import Record
from laws.deal_targets import LASTS, DealTarget, deal_targets
from laws.memory import Memory, SettledDeal, Told
from laws.picture import Picture, changed, marks
from laws.picture import Record as Row

SYNCED = ("created", "updated", "unchanged")
CARED = ("stage", "status")


@dataclass(frozen=True, slots=True)
class Teller:
    """A record that a run may have written to its deal."""

    key: str
    targets: list[DealTarget]
    must: bool
    """Whether what it says had to be written."""
    may: bool
    """Whether it may have been; where neither is so, what the deal held stands."""
    last: list[DealTarget]
    """What it said when its deal was last settled, as far as that is known."""


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
            _field_holds(memory, pid, name, old, row, few)
        if old is not None:
            _nobody_is_overruled(memory, told, pid, old, row)
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
            same = known and any(target in was.targets for target in targets) if was else False
            news = key not in memory.unsure and not same and len(targets) == len(wants)
            must = sure and (news or told.run.repair)
            only = known and was is not None and was.targets == targets and len(targets) == 1
            may = not only or told.run.repair or key in memory.loose | memory.unsure
            last = was.targets if was and known and key not in memory.unsure else []
            if targets:
                found[pid or 0].append(Teller(key, targets, must, may, last))
    return found


def _field_holds(
    memory: Memory, pid: int, name: str, old: Row | None, row: Row, few: Sequence[Teller]
) -> None:
    was = old.get(name) if old else None
    must = len(few) == 1 and few[0].must and all(name in t.values for t in few[0].targets)
    may = [] if must else [was]
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
        return _place(memory, pid, old, target, each)
    if name == "status":
        return _standing(memory, pid, old, target, each)
    if name == "value" and old["products"]:
        return [was]
    if name in LASTS and value is None:
        return [was]
    if name in ("title", "value", *LASTS):
        free = memory.rules.overwrite == "always" or target.cleared
        return [value] if free else _if_ours(memory, pid, name, was, value, each)
    own = {each.name: each.own or memory.rules.overwrite for each in memory.rules.more("deal")}
    kept = own.get(name, "always") != "always" and was is not None and not target.cleared
    return [was] if kept else [value]


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


def _place(memory: Memory, pid: int, old: Row, target: DealTarget, each: Teller) -> list[Any]:
    was, value = old["stage"], target.values["stage"]
    if not target.moves:
        return [was]
    if not memory.rules.deal_care:
        return [value]
    ours = memory.ours.get(pid, {})
    stages, statuses = ours.get("stage", set()), ours.get("status", set())
    news = bool(each.last) and all(t.values.get("stage", value) != value for t in each.last)
    status = old["status"][0]
    if old["is_archived"] or was not in stages or status not in statuses:
        return [was]  # whose status a person set keeps its place, too
    sure = stages == {was} and statuses == {status}
    return [value] if news and sure else [was, value]


def _standing(memory: Memory, pid: int, old: Row, target: DealTarget, each: Teller) -> list[Any]:
    was, value = old["status"], target.values["status"]
    if not memory.rules.deal_care:
        same = value[0] == was[0]
        return [tuple(v or w for v, w in zip(value, was, strict=True))] if same else [value]
    ours = memory.ours.get(pid, {}).get("status", set())
    if old["is_archived"]:
        return [was]
    said = [t.values["status"][0] for t in each.last if "status" in t.values]
    news = len(said) == len(each.last) > 0 and value[0] not in said
    if news and ours == {was[0]} and value[0] != was[0]:
        return [value]
    return [was, value]


def _nobody_is_overruled(memory: Memory, told: Told, pid: int, old: Row, row: Row) -> None:
    """What a person moved, won, lost, reopened or archived is not moved (rule 18, setting 13)."""
    if not memory.rules.deal_care:
        return
    links = memory.deal_links()
    adopted = any(at == pid and told.deals.get(key) != pid for key, at in links.items())
    was_ours = memory.ours.get(pid, {})
    said = f"deal {pid} was moved though a person had put it there: {old} -> {row}; {was_ours}"
    for name in CARED:
        one, other = _aspect(name, old), _aspect(name, row)
        if one == other:
            continue
        assert not old["is_archived"], said
        closes = (adopted or name not in was_ours) and name == "status" and one == "open"
        assert one in was_ours.get(name, set()) or closes, said


def _aspect(name: str, row: Row) -> Any:
    return row["status"][0] if name == "status" else row[name]


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
    note_places(memory, told.before, told.after, links, told.deals)
    for pid, few in tellers.items():
        row = told.after.of("deal").get(pid)
        if row is not None:
            _note_agreed(memory, pid, row, few)
        for each in few:
            if each.key in synced:
                memory.deals[each.key] = SettledDeal(pid, each.targets)
    memory.looked_at(synced)
    for key in synced:
        memory.held.pop(key, None)
    if not sure:
        memory.unsure |= {key for _, key, _ in memory.books().deal_records()}


def _note_agreed(memory: Memory, pid: int, row: Row, few: Iterable[Teller]) -> None:
    """Where billing says what a person said already, the deal counts as ours again."""
    for name in CARED:
        said = [t.values[name] for each in few for t in each.targets if name in t.values]
        agreed = {value[0] if name == "status" else value for value in said}
        if _aspect(name, row) in agreed:
            memory.ours.setdefault(pid, {}).setdefault(name, set()).add(_aspect(name, row))


def note_places(
    memory: Memory,
    before: Picture,
    after: Picture,
    links: Mapping[str, int],
    were: Mapping[str, int],
) -> None:
    """Keep where runs have put deals, what they wrote on them, and which they made or adopted."""
    adopted = {pid for key, pid in links.items() if were.get(key) != pid}
    for pid, row in after.of("deal").items():
        old = before.of("deal").get(pid)
        ours, put = memory.ours.setdefault(pid, {}), memory.put.setdefault(pid, {})
        for name in CARED:
            if old is None or _aspect(name, old) != _aspect(name, row):
                ours[name] = {_aspect(name, row)}
            elif pid in adopted:
                ours.setdefault(name, set()).add(_aspect(name, row))
        for name in changed(old or {}, row):
            put.setdefault(name, []).append(row.get(name))
        if not ours:
            del memory.ours[pid]
        for key in marks(row) if old is None else ():
            memory.made_for.setdefault(key, set()).add(pid)


def note_undone(memory: Memory, undone: Told) -> None:
    """What an undo put back is ours, and so may be what stood there before it."""
    links, before, after = memory.deal_links(), undone.before, undone.after
    were = {pid: {name: set(few) for name, few in of.items()} for pid, of in memory.ours.items()}
    note_places(memory, before, after, links, undone.deals)
    for pid, of in were.items():
        for name, few in of.items():
            memory.ours.setdefault(pid, {}).setdefault(name, set()).update(few)
