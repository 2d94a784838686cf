"""Move the match key of a connection that has synced (setting 6): see what it means, then do it.

Linked people stay linked (rule 1) and nothing is written to them; the new key holds for customers
that are not linked yet.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Coroutine, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, TypeVar, get_args

from chargepipe.accounts.discover import read_fields
from chargepipe.accounts.environment import Environment
from chargepipe.accounts.services import open_source, open_target, way_in
from chargepipe.actions.connections import as_json, find, stored_file
from chargepipe.actions.refusal import Refused
from chargepipe.chargebee import Chargebee
from chargepipe.domain.account_fields import key_field, type_of
from chargepipe.domain.keys import customer_keys, held_keys
from chargepipe.domain.records import Customer
from chargepipe.domain.settings import ConnectionFile, MatchKey, SettingsError, check
from chargepipe.pipedrive import Pipedrive
from chargepipe.store.models import Connection, IndexKey, Link, Record, Run

Side = Literal["agree", "differ", "no_customer_value", "no_person_value", "unlinked", "no_key"]
COUNTED = (*get_args(Side), "several", "shared")
Keys = Mapping[Any, frozenset[str]]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class KeyMove:
    """What another match key would mean. Numbers are of customers that live."""

    name: str
    old: MatchKey
    new: MatchKey
    agree: int
    """Linked, and the person has the customer's new key."""
    differ: int
    """Linked, and the person has another one."""
    no_customer_value: int
    """Linked, and the customer has no value in its field."""
    no_person_value: int
    """Linked, and only the person has none."""
    unlinked: int
    """Not linked yet, with a value: matched by the new key from now on."""
    no_key: int
    """Not linked yet, without a value: an error as long as that is so."""
    several: int
    """Not linked yet, and several people have its value: an error until one is picked."""
    shared: int
    """Linked or not, and another customer has the same value (setting shared_keys)."""

    def lines(self) -> Iterator[str]:
        """The preview for people."""
        yield f"Match key: {_words(self.old)} -> {_words(self.new)}"
        yield "Linked customers stay linked, and nothing is written to their people:"
        yield f"  {self.agree} agree with their person in the new key"
        yield f"  {self.differ} differ from it"
        yield f"  {self.no_customer_value} have no value in Chargebee"
        yield f"  {self.no_person_value} have none in Pipedrive"
        yield "Customers that are not linked yet are matched by the new key:"
        yield f"  {self.unlinked} have a value, {self.no_key} have none"
        yield f"  {self.several} match several people: an error until one is picked"
        yield f"{self.shared} customers have the same value as another one (see shared_keys)"

    def in_file(self) -> str:
        """What the user's own connection file must say from now on."""
        return (
            f'Put match_key = {{ chargebee = "{self.new.chargebee}", pipedrive = '
            f'"{self.new.pipedrive}" }} into your connection file too.'
        )


def preview(name: str, chargebee: str, pipedrive: str, env: Environment | None = None) -> KeyMove:
    """Count what the new key would mean; only reads.

    Email, phone and id are looked up here, of people as the last run saw them; custom fields are
    read from the services: Chargebee's customers page by page, Pipedrive's people at 10 tokens for
    each 500. Raises Refused.
    """
    connection = find(name)
    new = _checked(connection, chargebee, pipedrive)
    env = env or Environment()
    counts = _counts(connection, new, env)
    old = stored_file(connection).settings.match_key
    return KeyMove(name, old, new, **{each: counts[each] for each in COUNTED})


def move(planned: KeyMove) -> Connection:
    """Make the new key the connection's. Raises Refused where it has changed or runs meanwhile."""
    connection = find(planned.name)
    file = stored_file(connection)
    _may_move(connection)
    if file.settings.match_key != planned.old:
        raise Refused(f"The match key of {planned.name} has changed meanwhile: look again.")
    connection.file = as_json(_with_key(file, planned.new))
    connection.save(update_fields=["file"])
    return connection


def _checked(connection: Connection, chargebee: str, pipedrive: str) -> MatchKey:
    _may_move(connection)
    try:
        new = check(MatchKey, {"chargebee": chargebee, "pipedrive": pipedrive})
    except SettingsError as error:
        raise Refused(f"The match key is refused: {error.problems[0]}.") from None
    if new == stored_file(connection).settings.match_key:
        raise Refused(f"This is the match key of {connection.name} already.")
    return new


def _may_move(connection: Connection) -> None:
    name = connection.name
    if connection.account_id is None:
        raise Refused(f"{name} is unlinked. Apply its connection file again to link it.")
    if connection.full_done_at is None:
        raise Refused(
            f"{name} has had no full sync yet: change match_key in its file and apply it."
        )
    if connection.runs.filter(state__in=Run.UNFINISHED).exists():
        raise Refused(f"A run of {name} is under way; wait for it or cancel it, then move the key.")


def _with_key(file: ConnectionFile, new: MatchKey) -> ConnectionFile:
    settings = file.settings.model_copy(update={"match_key": new})
    return check(ConnectionFile, as_json(file.model_copy(update={"settings": settings})))


def _counts(connection: Connection, new: MatchKey, env: Environment) -> Counter[str]:
    links = Link.objects.filter(connection=connection, kind="person")
    linked = dict(links.values_list("source_key", "pipedrive_id"))
    people = _people_keys(connection, new, env)
    holders = _holders(people)
    counts, owners = Counter[str](), Counter[str]()
    for customer_id, keys in _customers_keys(connection, new, env):
        person = linked.get(customer_id)
        theirs = people.get(person, frozenset()) if person is not None else frozenset()
        counts[_side(keys, theirs, linked=person is not None)] += 1
        found = {each for key in keys for each in holders.get(key, ())}
        counts["several"] += person is None and len(found) > 1
        owners.update(sorted(keys)[:1])
    counts["shared"] = sum(number for number in owners.values() if number > 1)
    return counts


def _holders(people: Keys) -> Mapping[str, set[Any]]:
    """Who has each key."""
    found: defaultdict[str, set[Any]] = defaultdict(set)
    for person, keys in people.items():
        for key in keys:
            found[key].add(person)
    return found


def _side(keys: frozenset[str], theirs: frozenset[str], *, linked: bool) -> Side:
    if not linked:
        return "unlinked" if keys else "no_key"
    if not keys:
        return "no_customer_value"
    if not theirs:
        return "no_person_value"
    return "agree" if keys & theirs else "differ"


def _customers_keys(
    connection: Connection, new: MatchKey, env: Environment
) -> Iterator[tuple[str, frozenset[str]]]:
    if new.chargebee.startswith("cf_"):
        source = open_source(stored_file(connection), connection.secrets.chargebee_key, env)
        rows = _asked(env, _read_customers(source))
    else:
        held = Record.objects.filter(connection=connection, kind="customer", deleted=False)
        rows = held.values_list("attributes", flat=True).iterator()
    for customer in map(Customer.parse, rows):
        if customer.live:
            yield customer.id, customer_keys(customer, new)


def _asked(env: Environment, work: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner(loop_factory=env.clock.loop_factory) as runner:
        return runner.run(work)


async def _read_customers(source: Chargebee) -> list[dict[str, Any]]:
    async with source:
        return [row async for page in source.pages("customer") for row in page.rows]


def _people_keys(connection: Connection, new: MatchKey, env: Environment) -> Keys:
    if new.pipedrive not in ("email", "phone"):
        assert connection.account is not None
        file, key = stored_file(connection), way_in(connection)
        target = open_target(file, key, env, domain=connection.account.domain)
        return _asked(env, _read_people(target, new))
    found: defaultdict[int, set[str]] = defaultdict(set)
    rows = IndexKey.objects.filter(account=connection.account, entity="person", field=new.pipedrive)
    for person, value in rows.values_list("pipedrive_id", "value").iterator():
        found[person].add(value)
    return {person: frozenset(values) for person, values in found.items()}


async def _read_people(target: Pipedrive, new: MatchKey) -> Keys:
    async with target:
        fields = await read_fields(target, ["person"])
        code = _code(new, fields["person"])
        pages = target.pages("person", custom_fields=[code])
        keys = partial(held_keys, match_key=new)
        return {
            row["id"]: keys([str((row.get("custom_fields") or {}).get(code) or "")])
            async for page in pages
            for row in page.rows
        }


def _code(new: MatchKey, rows: list[dict[str, Any]]) -> str:
    row = key_field(rows, new.pipedrive)
    if row is None or not type_of(row["type"]).key:
        raise Refused(
            f'People in Pipedrive have no text field "{new.pipedrive}". Make it there first, or '
            "choose another one."
        )
    return row["code"]


def _words(key: MatchKey) -> str:
    return f"customer {key.chargebee} = person {key.pipedrive}"
