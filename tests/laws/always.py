"""Laws that hold at every moment, whatever was done and however it went."""

from collections import Counter

from laws.memory import Memory, Told
from laws.oracle import name_key
from laws.picture import ENTITIES, MARK, Picture, marks
from world import World


def only_reads_billing(world: World) -> None:
    """Nothing but GET goes to Chargebee."""
    methods = {method for service, method, *_ in world.sandbox.requests if service == "chargebee"}
    assert methods <= {"GET"}, methods


def no_write(world: World) -> None:
    """Since the requests were last forgotten, nothing was written anywhere."""
    only_reads_billing(world)
    sent = [(m, p) for s, m, p, *_ in world.sandbox.requests if s == "pipedrive" and m != "GET"]
    assert not sent, sent


def no_duplicates(memory: Memory, now: Picture) -> None:
    """Nobody and nothing of ours stands twice."""
    people = Counter(row[MARK] for row in now.of("person").values() if row.get(MARK))
    assert set(people.values()) <= {1}, f"two people with one mark: {people}"
    deals = Counter(key for row in now.of("deal").values() for key in marks(row))
    assert set(deals.values()) <= {1}, f"two deals for one record: {deals}"
    for entity in ENTITIES:
        names = Counter(name for name, _ in memory.names.living(memory.world, entity))
        assert set(names.values()) <= {1}, f"two fields of one name: {names}"
    companies = Counter(
        key for pid, key in memory.made.items() if ("organization", pid) in now.records
    )
    assert set(companies.values()) <= {1}, f"two organizations for one company: {companies}"


def note_made(memory: Memory, before: Picture, after: Picture) -> None:
    """Remember the organizations that a run made, by the company that they were made for."""
    for pid, row in after.of("organization").items():
        if ("organization", pid) not in before.records:
            memory.made[pid] = name_key(row["name"])


def only_deals_are_made(told: Told) -> None:
    """A backfill makes deals, and touches nothing that is there."""
    assert told.before.records.items() <= told.after.records.items(), "a backfill changed a record"
    new = {kind for kind, _ in told.after.records.keys() - told.before.records.keys()}
    assert new <= {"deal"}, f"a backfill made {new}"
