"""Custom fields: which are there, which must be made, and the map from our names to their codes."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from chargepipe.domain import names
from chargepipe.domain.fields import FieldSpec, needed, suffixed
from chargepipe.domain.held import FieldMap, KnownField
from chargepipe.pipedrive import Entity, Field
from chargepipe.store.models import Change
from chargepipe.sync.session import Session

# Fields are looked at again after a day, and at once when a write is refused.
TRUSTED_FOR = timedelta(days=1)


PERSON_MARK = names.CUSTOMER_ID
ORGANIZATION_MARK = names.ORGANIZATION_STATUS


class FieldMismatch(Exception):
    """A field of our name has another type; the run stops before it writes."""


def discover(session: Session) -> None:
    """Read the account's custom fields where what we know is old (10 tokens an entity)."""
    known_at = session.account.fields_at
    if known_at and session.env.clock.now() - known_at < TRUSTED_FOR:
        return
    found = {entity: list_fields(session, entity) for entity in entities(session)}
    with session.commit():
        session.account.fields = {**session.account.fields, **found}
        session.account.fields_at = session.env.clock.now()
        session.account.save(update_fields=["fields", "fields_at"])
    session.refreshed |= {f"{entity}_fields" for entity in found}


def list_fields(session: Session, entity: Entity) -> list[dict[str, Any]]:
    """The custom fields of an entity as the account row keeps them."""
    fields = session.call(session.pipedrive.fields(entity))
    return [as_row(field) for field in fields if field.custom]


def as_row(field: Field) -> dict[str, Any]:
    """One field as JSON."""
    return {
        "code": field.code,
        "name": field.name,
        "type": field.type,
        "options": dict(field.options),
    }


def specs(session: Session) -> list[FieldSpec]:
    """The fields that this connection needs, under our names."""
    wanted = entities(session)
    return [spec for spec in needed(session.settings) if spec.entity in wanted]


def entities(session: Session) -> list[Entity]:
    """The entities that this connection writes."""
    return ["person", "organization"] if session.settings.organizations else ["person"]


def field_map(session: Session, entity: Entity) -> FieldMap:
    """Our field names (without the suffix of further connections) to what Pipedrive calls them."""
    rows = rows_by_name(session, entity)
    suffix = session.connection.field_suffix
    fields = {
        spec.name: KnownField(row["code"], row["type"], row["options"])
        for spec in specs(session)
        if spec.entity == entity and (row := rows.get(suffixed(spec, suffix).name))
    }
    return FieldMap(fields, frozenset(session.settings.zero_decimal))


def rows_by_name(session: Session, entity: Entity) -> dict[str, dict[str, Any]]:
    """Known custom fields by name; of several with one name the first listed counts."""
    found: dict[str, dict[str, Any]] = {}
    for row in session.account.fields.get(entity, ()):
        found.setdefault(row["name"], row)
    return found


def code_of(session: Session, entity: Entity, name: str) -> str | None:
    """The code of one of our fields, None while it is not there."""
    known = field_map(session, entity).fields.get(name)
    return known.code if known else None


def key_code(session: Session) -> str | None:
    """The code of the custom field that is the match key; None for email and phone."""
    name = session.settings.match_key.pipedrive
    row = rows_by_name(session, "person").get(name)
    return row["code"] if row and name not in ("email", "phone") else None


def index_codes(session: Session, entity: Entity) -> list[str]:
    """The custom fields whose values the index must hold: the mark, and the key where it is one."""
    if entity == "organization":
        codes = [code_of(session, entity, ORGANIZATION_MARK)]
    else:
        codes = [code_of(session, entity, PERSON_MARK), key_code(session)]
    return [code for code in codes if code]


def planned_fields(session: Session) -> list[Change]:
    """The changes that make what is missing. Raises FieldMismatch for a name with another type."""
    suffix = session.connection.field_suffix
    changes = (_change(session, suffixed(spec, suffix)) for spec in specs(session))
    return [change for change in changes if change is not None]


def _change(session: Session, spec: FieldSpec) -> Change | None:
    row = rows_by_name(session, spec.entity).get(spec.name)
    if row is None:
        after = {"name": spec.name, "type": spec.type, "options": list(spec.options)}
        return field_change(session, spec, "create", after)
    if row["type"] != spec.type:
        raise FieldMismatch(
            f'The {spec.entity} field "{spec.name}" has the type {row["type"]} in Pipedrive; '
            f"chargepipe needs {spec.type}. Rename or delete that field, then run again."
        )
    missing = [label for label in spec.options if label not in row["options"]]
    if not missing:
        return None
    return field_change(session, spec, "update", {"options": missing})


def field_change(session: Session, spec: FieldSpec, action: str, after: dict[str, Any]) -> Change:
    """A planned change of a field definition."""
    return Change(
        run=session.run,
        connection=session.connection,
        account=session.account,
        action=action,
        kind=f"{spec.entity}_field",
        source_key=spec.name,
        after=after,
    )


def remember(session: Session, entity: Entity, rows: Iterable[dict[str, Any]]) -> None:
    """Put fields into what is known of the account; inside a commit."""
    fresh = {row["code"]: row for row in rows}
    held = [row for row in session.account.fields.get(entity, ()) if row["code"] not in fresh]
    session.account.fields = {**session.account.fields, entity: [*held, *fresh.values()]}
    session.account.save(update_fields=["fields"])
