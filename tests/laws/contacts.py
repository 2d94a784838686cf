"""The law of emails and phones: what a person already has stays, ours is added (product.md 4)."""

from collections.abc import Mapping, Sequence
from typing import Any

from laws.memory import Memory
from laws.oracle import email_key

Contacts = Sequence[tuple[str, str, bool]]


def contacts_hold(
    memory: Memory, pid: int, old: Mapping[str, Any], row: Mapping[str, Any], few: Sequence[Any]
) -> None:
    """Hold the law for one person and the customers that were written to it, in their turn."""
    mine = memory.wrote.get(pid, set())
    for name in ("emails", "phones"):
        wanted = [getattr(t, name[:-1]) for each in few for t in each.targets]
        _nothing_lost(pid, old.get(name) or (), row[name], mine)
        _nothing_strange(pid, old.get(name) or (), row[name], wanted)
        last = few[-1]
        if len(few) == 1 and last.must and not last.targets[-1].cleared:
            values = [getattr(target, name[:-1]) for target in last.targets]
            _ours_holds(memory, pid, old.get(name) or (), row[name], values)


def _nothing_lost(pid: int, old: Contacts, new: Contacts, mine: set[str]) -> None:
    """Only what we put there ourselves is ever taken away."""
    there = {each[:2] for each in new}
    lost = [each for each in old if each[0] not in mine and each[:2] not in there]
    assert not lost, f"person {pid} lost {lost}: {old} -> {new}"


def _nothing_strange(pid: int, old: Contacts, new: Contacts, wanted: Sequence[str | None]) -> None:
    known = {each[0] for each in old} | {value.strip() for value in wanted if value}
    strange = [each for each in new if each[0] not in known]
    assert not strange, f"person {pid} got {strange}: {old} -> {new}"


def _ours_holds(
    memory: Memory, pid: int, old: Contacts, new: Contacts, values: Sequence[str | None]
) -> None:
    """Where one customer was written: its value is there as the policy says."""
    policy = memory.rules.overwrite
    mine = memory.wrote.get(pid, set())
    said = f"person {pid} under {policy}, wanted {values}: {old} -> {new}"
    if policy == "fill_empty" and old:
        assert list(new) == list(old), said
        return
    had = {email_key(each[0]) for each in old}
    keys = {email_key(each[0]) for each in new}
    assert any(value is None or email_key(value) in keys for value in values), said
    value = values[-1]
    if len(values) > 1 or value is None:
        return
    if email_key(value) in had:
        assert _less_ours(old, new, mine, value), said
    elif policy == "always":
        assert next(each for each in new if each[2])[0] == value.strip(), said
    elif old:
        primary = next(each for each in old if each[2])
        assert primary in new or primary[0] in mine, said


def _less_ours(old: Contacts, new: Contacts, mine: set[str], value: str) -> bool:
    """Whether one that is equal stands for ours: at most what we wrote before went, one value.

    Where that was the primary one, one that is equal is it now.
    """
    there = {each[:2] for each in new}
    gone = [each for each in old if each[:2] not in there]
    if not gone:
        return list(new) == list(old)
    primary = next(each for each in new if each[2])
    stays = not gone[0][2] or email_key(primary[0]) == email_key(value)
    flags = gone[0][2] or set(new) <= set(old)
    return len(gone) == 1 and gone[0][0] in mine and stays and flags
