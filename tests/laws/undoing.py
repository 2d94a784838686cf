"""The laws of taking back (rule 12)."""

from collections.abc import Mapping
from typing import Any

from chargepipe.store.models import Change, Run
from laws.memory import Memory, Told
from laws.oracle import company_key
from laws.picture import Entity, Key, Picture, Record, changed, full

LASTS = ("expected_close_date", "person_id", "org_id")
"""Pipedrive takes no empty value for these on a deal."""
JOINS: Mapping[Entity, str] = {"organization": "org_id", "person": "person_id"}
CONTACTS = ("emails", "phones")
KINDS = ("person", "organization", "deal")
FOLLOWS = frozenset({"first_name", "last_name"})


def right_after(memory: Memory, told: Told, undone: Told) -> None:
    """An undo right after a run brings every record back field for field."""
    erased = _erased(memory, told)
    before = {key: row for key, row in told.before.records.items() if key not in erased}
    now = {key: row for key, row in undone.after.records.items() if key not in erased}
    for key in before.keys() & now.keys():
        differ = changed(before[key], now[key]) - {"org_id", "person_id"} - _lasting(before[key])
        assert not differ, f"{key}: {differ} did not come back: {before[key]} -> {now[key]}"
    gone = [_content(before[key], told.before) for key in before.keys() - now.keys()]
    made = now.keys() - before.keys() - _stay(told.before, undone.after, erased)
    new = [_content(now[key], undone.after) for key in made]
    assert sorted(map(repr, gone)) == sorted(map(repr, new)), f"gone {gone}, and there {new}"
    for key in before.keys() & now.keys():
        was, is_ = _content(before[key], told.before), _content(now[key], undone.after)
        for kind, name in JOINS.items():
            if name in _lasting(before[key]) or _away(told.before, kind, before[key].get(name)):
                continue
            same = before[key].get(name) == now[key].get(name)  # its own name may be erased
            assert same or was[name] == is_[name], f"{key} is in {is_}, was in {was}"


def _away(before: Picture, kind: Entity, pid: int | None) -> bool:
    """Whether nobody can be put back into a record: it is gone, or hidden from us."""
    return bool(pid) and ((kind, pid) not in before.records or (kind, pid) in before.hidden)


def _stay(before: Picture, after: Picture, erased: set[Key]) -> set[Key]:
    """What the run made and an undo cannot take away: somebody cannot go back from it.

    What they joined before is away, or is forgotten with their personal data (rule 16), or
    Pipedrive does not let the field be emptied.
    """
    stays = set(erased)
    for key, row in after.records.items():
        was = before.records.get(key, {})
        for kind, name in JOINS.items():
            if was and (_away(before, kind, was.get(name)) or name in _lasting(was)):
                stays.add((kind, row.get(name) or 0))
    people = [after.records.get(key, {}) for key in stays if key[0] == "person"]
    stays.update(("organization", row.get("org_id") or 0) for row in people)
    return stays


def _lasting(row: Record) -> set[str]:
    """The fields of a deal that Pipedrive does not let be emptied again."""
    return {name for name in LASTS if row.get(name) is None} if "stage" in row else set()


def _content(row: Record, picture: Picture) -> dict[str, Any]:
    """A record without its id, the organization and the person by their names."""
    organization = picture.of("organization").get(row.get("org_id") or 0, {})
    person = picture.of("person").get(row.get("person_id") or 0, {})
    held = {name: full(value) for name, value in row.items() if full(value) is not None}
    joined = {"org_id": organization.get("name"), "person_id": person.get("name")}
    return dict(sorted(held.items())) | joined


def _erased(memory: Memory, told: Told) -> set[Key]:
    """People of customers whose personal data were cleared: those do not come back."""
    customers = memory.books().customers.values()
    cleared = {row["id"] for row in customers if row.get("pii_cleared") == "cleared"}
    keys = {key for _, key, row in memory.books().deal_records() if row["customer_id"] in cleared}
    links = told.links | memory.links()
    pids = {pid for customer, pid in links.items() if customer in cleared}
    pids |= {pid for customer, pid in told.links.items() if customer in cleared}
    rows = Change.objects.filter(kind="person", source_key__in=cleared)
    pids |= {pid for pid in rows.values_list("pipedrive_id", flat=True) if pid}
    deals = {pid for key, pid in (told.deals | memory.deal_links()).items() if key in keys}
    rows = Change.objects.filter(kind="deal", source_key__in=keys)
    deals |= {pid for pid in rows.values_list("pipedrive_id", flat=True) if pid}
    return {*(("person", pid) for pid in pids), *(("deal", pid) for pid in deals)}


def takes_back_only_ours(memory: Memory, told: Told, undone: Told) -> None:
    """An undo changes only what still holds what the run wrote, and back to what was before.

    `told` is the run that is undone, `undone` the undo. What it makes again stands under a new id.
    """
    before, after = undone.before.records, undone.after.records
    was, wrote = (_by_ids_of_today(memory, each) for each in (told.before, told.after))
    for key in before.keys() & after.keys() - _erased(memory, told):
        rows = wrote.get(key), was.get(key), before[key], after[key]
        _field_by_field(key, *rows, dropped=memory.dropped)
    for key in before.keys() - after.keys():
        made = key in wrote and key not in was
        assert made, f"{key} was deleted by an undo though its run did not make it"
        _nobody_worked_on(key, told, wrote[key], before[key], memory)
    lost = told.before.records.keys() - told.after.records.keys()
    new = after.keys() - before.keys()
    assert len(new) <= len(lost), f"{new} were made by an undo, only {lost} were deleted"


def _by_ids_of_today(memory: Memory, picture: Picture) -> dict[Key, Record]:
    """Records of a picture; what an undo has made again since stands under its new id."""
    found: dict[Key, Record] = {}
    for key, row in picture.records.items():
        now = key
        while now in memory.again:
            now = memory.again[now]
        found[now] = row
    return found


def _field_by_field(
    key: Key,
    wrote: Record | None,
    was: Record | None,
    now: Record,
    then: Record,
    *,
    dropped: set[str],
) -> None:
    differ = changed(now, then) - FOLLOWS - dropped
    if differ and differ <= {"org_id", "person_id"} and not any(then.get(n) for n in differ):
        return  # its organization was made by the run, and is gone
    assert not differ or (wrote is not None and was is not None), f"{key} was changed by an undo"
    for name in differ:
        assert wrote is not None
        assert was is not None
        if name in CONTACTS:
            _contacts_stay(key, name, wrote, was, now, then)
            continue
        kept = full(now.get(name)) == full(wrote.get(name))
        assert kept, f"{key}: {name} was changed since, and is lost: {now} -> {then}"
        back = name in ("org_id", "person_id") or full(then.get(name)) == full(was.get(name))
        assert back, f"{key}: {name} is {then.get(name)}, and was {was.get(name)} before the run"


def _contacts_stay(
    key: Key, name: str, wrote: Record, was: Record, now: Record, then: Record
) -> None:
    """Emails and phones that the run did not put there stay."""
    put = {each[0] for each in wrote[name]} - {each[0] for each in was[name]}
    there = {each[0] for each in then[name]}
    lost = {each[0] for each in now[name]} - put - there
    assert not lost, f"{key}: {lost} are lost by an undo: {now[name]} -> {then[name]}"


def _nobody_worked_on(key: Key, told: Told, wrote: Record, row: Record, memory: Memory) -> None:
    """What was made is deleted only while it holds nothing but what runs wrote."""
    later = [each for each in memory.runs if each.run.pk > told.run.pk]
    known: Mapping[str, Any] = wrote
    for name in changed(wrote, row) - FOLLOWS - memory.dropped - {"org_id", "person_id"}:
        ours = [each.after.records.get(key, known).get(name) for each in later]
        assert row.get(name) in ours, f"{key}: {name} was changed since it was made, and is lost"


def remember(memory: Memory, told: Told, undone: Told) -> None:
    """What was undone is held until it is modified; what the product may remember is open."""
    books = memory.books()
    customers, companies, deals = (_keys(undone.run, kind) for kind in KINDS)
    keys = deals | companies
    keys |= {company_key(books.customers[c]) for c in customers if c in books.customers}
    memory.loose |= customers | keys
    memory.unsure |= customers | keys
    _hold(memory, undone)
    for change in undone.run.changes.filter(action="create", state="written"):
        if change.reverts and change.reverts.action == "delete":
            old, new = change.reverts.pipedrive_id or 0, change.pipedrive_id or 0
            memory.again[change.kind, old] = (change.kind, new)
    # What a run knew of them already is settled with the undo; none has to look at them again.
    memory.touched -= customers
    memory.fresh -= deals
    memory.dead -= deals  # its making was taken back: it may begin anew
    for each in customers:
        memory.settled.pop(each, None)
    for each in deals:
        memory.deals.pop(each, None)


def _keys(run: Run, kind: str, *states: str) -> set[str]:
    """The source keys of the changes of a run."""
    rows = run.changes.filter(kind=kind)
    rows = rows.filter(state__in=states) if states else rows
    return set(rows.values_list("source_key", flat=True))


def _hold(memory: Memory, undone: Told) -> None:
    """An undo holds what it took back; the undo of an undo lets go of it."""
    customers, companies, deals = (_keys(undone.run, kind, "written") for kind in KINDS)
    again = _restores(undone.run)
    for key in customers | deals:
        memory.held.pop(key, None)
        if not again:
            memory.held[key] = memory.is_known(key)
    for key in companies:
        memory.companies.pop(key, None)
        memory.held_companies.pop(key, None)
        if not again and key in memory.organizations():
            memory.held_companies[key] = memory.newest(key)
            memory.unsure.discard(key)


def _restores(run: Run | None) -> bool:
    """Whether a run writes what billing says: a sync does, and the undo of an undo."""
    return run is None or run.kind != "undo" or not _restores(run.about)
