"""The law of deal care: a person's move in the pipeline wins (rule 18, setting 13)."""

from collections.abc import Iterable, Mapping
from typing import Any

from laws.deal_targets import DealTarget, Teller
from laws.memory import Memory, Told
from laws.picture import Picture, changed, marks
from laws.picture import Record as Row

CARED = ("stage", "status")
PERHAPS = "perhaps a person's"
"""Among what is ours: a run may have seen it elsewhere, and left it for good."""


def stage(memory: Memory, pid: int, old: Row, target: DealTarget, each: Teller) -> list[Any]:
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
    # Where the status stays though billing says another one, the place does, too.
    said = target.values.get("status", old["status"])
    sure = sure and (said[0] == status or standing(memory, pid, old, target, each) == [said])
    return [value] if news and sure else [was, value]


def standing(memory: Memory, pid: int, old: Row, target: DealTarget, each: Teller) -> list[Any]:
    was, value = old["status"], target.values["status"]
    if not memory.rules.deal_care:
        # Of another time of the same status the reason may be gone with the old time.
        merged = tuple(v or w for v, w in zip(value, was, strict=True))
        return [merged, value] if value[0] == was[0] else [value]
    ours = memory.ours.get(pid, {})
    if old["is_archived"]:
        return [was]
    moved = ours.get("stage", set()) != {old["stage"]}
    if value[0] == "open" and moved:
        return [was, value]  # one that a person moved is not reopened
    said = [t.values["status"][0] for t in each.last if "status" in t.values]
    news = len(said) == len(each.last) > 0 and value[0] not in said
    if news and ours.get("status") == {was[0]} and value[0] != was[0]:
        return [value]
    return [was, value]


def nobody_is_overruled(memory: Memory, told: Told, pid: int, old: Row, row: Row) -> None:
    """What a person moved, won, lost, reopened or archived is not moved (rule 18, setting 13)."""
    if not memory.rules.deal_care:
        return
    links = memory.deal_links()
    adopted = any(at == pid and told.deals.get(key) != pid for key, at in links.items())
    was_ours = memory.ours.get(pid, {})
    said = f"deal {pid} was moved though a person had put it there: {old} -> {row}; {was_ours}"
    for name in CARED:
        one, other = aspect(name, old), aspect(name, row)
        if one == other:
            continue
        assert not old["is_archived"], said
        closes = (adopted or name not in was_ours) and name == "status" and one == "open"
        # Both must be ours to move a deal or to reopen it; to close it the status alone.
        free = CARED if name == "stage" or other == "open" else ("status",)
        mine = all(aspect(each, old) in was_ours.get(each, set()) for each in free)
        assert mine or closes, said


def aspect(name: str, row: Row) -> Any:
    return row["status"][0] if name == "status" else row[name]


def note_agreed(memory: Memory, pid: int, row: Row, few: Iterable[Teller]) -> None:
    """Where billing says what a person said already, the deal counts as ours again."""
    for name in CARED:
        said = [t.values[name] for each in few for t in each.targets if name in t.values]
        agreed = {value[0] if name == "status" else value for value in said}
        if aspect(name, row) in agreed:
            memory.ours.setdefault(pid, {}).setdefault(name, set()).add(aspect(name, row))


def note(
    memory: Memory,
    before: Picture,
    after: Picture,
    links: Mapping[str, int],
    were: Mapping[str, int],
    *,
    clean: bool,
) -> None:
    """Keep where runs have put deals, what they wrote on them, and which they made or adopted."""
    adopted = {pid for key, pid in links.items() if were.get(key) != pid}
    for pid, row in after.of("deal").items():
        old = before.of("deal").get(pid)
        ours, put = memory.ours.setdefault(pid, {}), memory.put.setdefault(pid, {})
        for name in CARED:
            _note_place(ours, name, old, row, pid in adopted, clean)
        for name in changed(old or {}, row):
            put.setdefault(name, []).append(row.get(name))
        if not ours:
            del memory.ours[pid]
        for key in marks(row) if old is None else ():
            memory.made_for.setdefault(key, set()).add(pid)


def _note_place(
    ours: dict[str, set[Any]], name: str, old: Row | None, row: Row, adopted: bool, clean: bool
) -> None:
    stands = aspect(name, row)
    if old is None or aspect(name, old) != stands:
        ours[name] = {stands}
    elif adopted:
        ours.setdefault(name, set()).add(stands)
    elif name in ours and stands not in ours[name]:
        # Who writes something else on it has looked, and leaves it to the person who moved it.
        ours[name] = set() if clean and changed(old, row) else {*ours[name], PERHAPS}


def note_undone(memory: Memory, undone: Told) -> None:
    """What an undo put back is ours, and so may be what stood there before it."""
    links, before, after = memory.deal_links(), undone.before, undone.after
    were = {pid: {name: set(few) for name, few in of.items()} for pid, of in memory.ours.items()}
    note(memory, before, after, links, undone.deals, clean=False)
    for pid, of in were.items():
        for name, few in of.items():
            memory.ours.setdefault(pid, {}).setdefault(name, set()).update(few)
