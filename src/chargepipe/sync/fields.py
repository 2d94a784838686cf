"""Custom fields: which are there, which must be made, and the map from our names to their codes."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any, TypeAlias

from chargepipe.accounts.discover import ENTITIES, read_fields
from chargepipe.domain import account_fields, names
from chargepipe.domain.account_fields import Row
from chargepipe.domain.fields import FieldSpec, suffixed, wanted
from chargepipe.domain.held import FieldMap
from chargepipe.pipedrive import Entity
from chargepipe.store.models import Change, Connection, IndexState
from chargepipe.sync.index import SHELVES
from chargepipe.sync.remembered import forget_values
from chargepipe.sync.session import Session
from chargepipe.sync.trouble import FieldMismatch

# Fields are looked at again after a day, and at once when a call is refused for one.
TRUSTED_FOR = timedelta(days=1)

PERSON_MARK = names.CUSTOMER_ID
ORGANIZATION_MARK = names.ORGANIZATION_STATUS
MARKS: Mapping[str, str] = {
    "person": PERSON_MARK,
    "organization": ORGANIZATION_MARK,
    "subscription": names.SUBSCRIPTION_ID,
    "invoice": names.INVOICE_ID,
}
"""The mark of what is made for a person, a company, a subscription and an invoice."""
_ENTITIES: Mapping[str, Entity] = {
    "person": "person",
    "organization": "organization",
    "subscription": "deal",
    "invoice": "deal",
}

Labels: TypeAlias = Mapping[tuple[str, str], Collection[str]]
"""The labels that planned changes write, by entity and field name."""


def discover(session: Session) -> None:
    """Read the account's custom fields where what we know is old (10 tokens an entity)."""
    known_at, known = session.account.fields_at, session.account.fields
    fresh = known_at and session.env.clock.now() - known_at < TRUSTED_FOR
    if fresh and all(part in known for part in (*ENTITIES, "labels")):
        with session.commit():
            _keep_codes(session)  # the settings may have changed since
        return
    read_again(session)
    with session.commit():
        session.account.fields_at = session.env.clock.now()
        session.account.save(update_fields=["fields_at"])


def read_again(session: Session, only: Collection[Entity] = ENTITIES) -> None:
    """Read the fields of these entities, whatever their age (10 tokens each)."""
    found = session.call(read_fields(session.pipedrive, only))
    with session.commit():
        session.account.fields = {**session.account.fields, **found}
        session.account.save(update_fields=["fields"])
        _keep_codes(session)
        _clean_index(session, only)
    session.refreshed |= {f"{entity}_fields" for entity in only}


def _keep_codes(session: Session) -> None:
    """Note which fields are ours. Values of those that were deleted count as not written."""
    connection, specs = session.connection, _specs_and_key(session)
    old: Mapping[str, Any] = connection.field_codes
    rows = session.account.fields
    new = account_fields.keep(specs, rows, old, connection.field_suffix)
    if new == old:
        return
    for entity in ENTITIES:
        own = [spec for spec in specs if spec.entity == entity]
        forget_values(connection, entity, account_fields.lost(own, old, new))
    connection.field_codes = new
    connection.save(update_fields=["field_codes"])


def _clean_index(session: Session, only: Collection[Entity]) -> None:
    """No walk may ask for a field that is gone: Pipedrive refuses it."""
    for entity in only:
        living = {row["code"] for row in session.account.fields[entity]}
        shelves = list(SHELVES[entity])
        for state in IndexState.objects.filter(account=session.account, entity__in=shelves):
            if not set(state.codes) <= living:
                state.codes, state.cursor = sorted(living & set(state.codes)), ""
                state.save(update_fields=["codes", "cursor"])


def specs(session: Session) -> list[FieldSpec]:
    """The fields that this connection needs, under our names."""
    return list(wanted(session.settings))


def _specs_and_key(session: Session) -> list[FieldSpec]:
    key = account_fields.match_key_spec(session.settings)
    return [*specs(session), *([key] if key else [])]


def find(session: Session, spec: FieldSpec) -> Row | None:
    """The account's field that is this field of ours; None while it is not there."""
    connection = session.connection
    codes = connection.field_codes
    return account_fields.find(spec, session.account.fields, codes, connection.field_suffix)


def field_map(session: Session, entity: Entity) -> FieldMap:
    """Our field names (without the suffix of further connections) to what Pipedrive calls them.

    Fields of settings that are off now are among them where they were ours once: a change that is
    taken back may need them. Made once for each reading of the fields.
    """
    facts = session.account.fields, session.connection.field_codes
    held = session.field_maps.get(entity)
    if held is None or not (held[0] is facts[0] and held[1] is facts[1]):
        held = session.field_maps[entity] = (*facts, _field_map(session, entity))
    return held[2]


def _field_map(session: Session, entity: Entity) -> FieldMap:
    codes = session.connection.field_codes
    fields = {
        spec.name: account_fields.known(spec, row, codes)
        for spec, row in _once_ours(session, entity)
    }
    for spec in specs(session):
        if spec.entity == entity and (row := find(session, spec)):
            fields[spec.name] = account_fields.known(spec, row, codes)
    return FieldMap(fields, frozenset(session.settings.zero_decimal))


def _once_ours(session: Session, entity: Entity) -> Iterator[tuple[FieldSpec, Row]]:
    rows = {row["code"]: row for row in session.account.fields.get(entity, ())}
    for key, code in session.connection.field_codes.items():
        if key.startswith(f"{entity}/") and code in rows:
            yield FieldSpec(entity, key.removeprefix(f"{entity}/"), "varchar"), rows[code]


def code_of(session: Session, entity: Entity, name: str) -> str | None:
    """The code of one of our fields, None while it is not there."""
    known = field_map(session, entity).fields.get(name)
    return known.code if known else None


def mark_code_of(session: Session, what: str, connection: Connection) -> str | None:
    """The code of the field that marks what a connection of this account makes (`MARKS`)."""
    spec = FieldSpec(_ENTITIES[what], MARKS[what], "varchar")
    rows, codes = session.account.fields, connection.field_codes
    row = account_fields.find(spec, rows, codes, connection.field_suffix)
    return row["code"] if row else None


def key_code(session: Session) -> str | None:
    """The code of the custom field that is the match key; None for email and phone."""
    spec = account_fields.match_key_spec(session.settings)
    row = find(session, spec) if spec else None
    return row["code"] if row else None


def index_codes(session: Session, entity: Entity) -> list[str]:
    """The custom fields whose values the index must hold: the mark, and the key where it is one."""
    marks = (MARKS[what] for what, own in _ENTITIES.items() if own == entity)
    codes = [code_of(session, entity, mark) for mark in marks]
    if entity == "person":
        codes.append(key_code(session))
    return [code for code in codes if code]


def check_fields(session: Session) -> None:
    """Raise FieldMismatch, with every reason, where a field of the account cannot be ours.

    What is remembered of the fields is read anew first: somebody may have mended them.
    """
    if not _problems(session):
        return
    if not {f"{entity}_fields" for entity in ENTITIES} <= session.refreshed:
        read_again(session)
    if words := " ".join(_problems(session)):
        raise FieldMismatch(words)


def _problems(session: Session) -> list[str]:
    connection = session.connection
    found = account_fields.problems(
        session.settings,
        specs(session),
        session.account.fields,
        connection.field_codes,
        connection.field_suffix,
    )
    return list(found)


def labels_in(session: Session, changes: Iterable[Change]) -> dict[tuple[str, str], set[str]]:
    """The options that these changes write, by entity and field."""
    enums = {(spec.entity, spec.name) for spec in specs(session) if spec.type == "enum"}
    found: dict[tuple[str, str], set[str]] = {}
    for change in changes:
        for name, value in change.after.items():
            if isinstance(value, str) and (change.kind, name) in enums:
                found.setdefault((change.kind, name), set()).add(value)
    return found


def planned_fields(session: Session, labels: Labels) -> list[Change]:
    """The changes that make what is missing, options for these `labels` included.

    Raises FieldMismatch. A single option whose values are not known yet is not made yet.
    """
    check_fields(session)
    deals = session.run.changes.filter(kind="deal", state__in=Change.UNFINISHED).exists()
    made = (
        _change(session, spec, labels.get((spec.entity, spec.name), ()))
        for spec in specs(session)
        if spec.entity != "deal" or deals
    )
    return [change for change in made if change is not None]


def _change(session: Session, spec: FieldSpec, labels: Collection[str]) -> Change | None:
    row = find(session, spec)
    named = suffixed(spec, session.connection.field_suffix)
    if row is None:
        options = list(dict.fromkeys([*spec.options, *sorted(labels)]))
        if spec.type == "enum" and not options:
            return None
        after = {"name": named.name, "type": spec.type, "options": options}
        return _field_change(session, named, "create", after)
    if spec.type != "enum":
        return None
    known = account_fields.known(spec, row, session.connection.field_codes)
    missing = account_fields.missing_labels(spec, known, labels)
    if not missing:
        return None
    return _field_change(session, named, "update", {"options": missing}, row["code"])


def _field_change(
    session: Session, spec: FieldSpec, action: str, after: dict[str, Any], code: str = ""
) -> Change:
    """A planned change of a field definition; `target` names the field that stands already."""
    return Change(
        run=session.run,
        connection=session.connection,
        account=session.account,
        action=action,
        kind=f"{spec.entity}_field",
        source_key=spec.name,
        after=after,
        target={"code": code} if code else {},
    )


def row_of(session: Session, change: Change) -> dict[str, Any] | None:
    """The account's field that a change of a field definition is about."""
    rows = session.account.fields.get(change.kind.removesuffix("_field"), ())
    code = change.target.get("code")
    if code:
        return next((row for row in rows if row["code"] == code), None)
    found: Any = account_fields.by_name(rows, change.source_key)
    return found


def remember(session: Session, entity: Entity, rows: Iterable[dict[str, Any]]) -> None:
    """Put fields into what is known of the account; inside a commit."""
    fresh = {row["code"]: row for row in rows}
    held = [row for row in session.account.fields.get(entity, ()) if row["code"] not in fresh]
    session.account.fields = {**session.account.fields, entity: [*held, *fresh.values()]}
    session.account.save(update_fields=["fields"])
    _keep_codes(session)
