"""Make the custom fields and options that a plan asks for: intended, sent, noted, one by one."""

from typing import Any

from chargepipe.accounts.lease import LeaseShort
from chargepipe.http import Breaker, ServiceError, Uncertain
from chargepipe.store.models import Change
from chargepipe.sync import settle
from chargepipe.sync.fields import as_row, list_fields, remember, rows_by_name
from chargepipe.sync.session import Session

FIELD_KINDS = ("person_field", "organization_field", "deal_field")


def make_fields(session: Session) -> bool:
    """Apply the planned field changes; true while the outcome of one is not known.

    Without the marks nothing else may be created.
    """
    planned = session.run.changes.filter(state="planned", kind__in=FIELD_KINDS).order_by("pk")
    for change in planned:
        _look_first(session, change)
        if not _there(session, change):
            _make(session, change)
        session.pulse()
    return session.run.changes.filter(state__in=Change.UNFINISHED, kind__in=FIELD_KINDS).exists()


def _look_first(session: Session, change: Change) -> None:
    """A field is made only after its list was read in this session.

    An intent may have been lost with the last commit; the field itself was not.
    """
    if f"{change.kind}s" not in session.refreshed:
        refresh_fields(session, entity_of(change))


def entity_of(change: Change) -> Any:
    """ "person" for a person_field, and so on."""
    return change.kind.removesuffix("_field")


def _there(session: Session, change: Change) -> bool:
    """Whether the field stands already: then there is nothing to send."""
    row = rows_by_name(session, entity_of(change)).get(change.source_key)
    labels = set(change.after.get("options", ()))
    if row is None or not labels <= set(row["options"]):
        return False
    with session.commit():
        settle.written(session, [(change, 0)], adopted=True)
    return True


def _make(session: Session, change: Change) -> None:
    change.state, change.tries = "intended", change.tries + 1
    change.fence, change.intended_at = session.lease.fence, session.pipedrive_now()
    with session.commit():
        settle.save_states([change])
    try:
        row = _send(session, change)
    except (LeaseShort, Uncertain, Breaker) as error:
        # A lease about to end sent nothing; resolving it like an unknown one is just slower.
        change.state, change.uncertain_at = "unknown", session.env.clock.now()
        _save(session, change)
        if isinstance(error, Breaker):
            raise
        return
    except ServiceError as error:
        change.state, change.words = "failed", str(error)
        _save(session, change)
        raise
    with session.commit():
        remember(session, entity_of(change), [row])
        settle.written(session, [(change, 0)])


def _save(session: Session, change: Change) -> None:
    with session.commit():
        settle.save_states([change])


def _send(session: Session, change: Change) -> dict[str, Any]:
    entity, after = entity_of(change), change.after
    if change.action == "create":
        made = session.pipedrive.create_field(
            entity, after["name"], after["type"], after["options"]
        )
        return as_row(session.call(made))
    row = rows_by_name(session, entity)[change.source_key]
    options = session.call(session.pipedrive.add_options(entity, row["code"], after["options"]))
    return {**row, "options": {**row["options"], **options}}


def refresh_fields(session: Session, entity: Any) -> None:
    """Read the fields of one entity again, whatever their age (10 tokens)."""
    rows = list_fields(session, entity)
    with session.commit():
        session.account.fields = {**session.account.fields, entity: rows}
        session.account.save(update_fields=["fields"])
    session.refreshed.add(f"{entity}_fields")
