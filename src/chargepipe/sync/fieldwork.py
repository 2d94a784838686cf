"""Make the custom fields and options that a plan asks for: intended, sent, noted, one by one."""

from typing import Any

from chargepipe.accounts.discover import as_row
from chargepipe.accounts.lease import LeaseShort
from chargepipe.domain.quota import CAPPED
from chargepipe.http import Breaker, NeedsAdmin, ServiceError, Uncertain
from chargepipe.store.models import Change
from chargepipe.sync import settle
from chargepipe.sync.fields import read_again, remember, row_of
from chargepipe.sync.room import FIELD_KINDS, check_room, does_not_fit
from chargepipe.sync.session import Session


def make_fields(session: Session) -> bool:
    """Apply the planned field changes; true while the outcome of one is not known.

    Without the marks nothing else may be created. Raises FieldsDoNotFit before it makes any.
    """
    planned = session.run.changes.filter(state="planned", kind__in=FIELD_KINDS).order_by("pk")
    if planned:
        check_room(session)
    for change in planned:
        _look_first(session, change)
        if not _done_with(session, change):
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


def stands(session: Session, change: Change) -> bool:
    """Whether the field and its options are there: then there is nothing to send."""
    row = row_of(session, change)
    return row is not None and set(change.after.get("options", ())) <= set(row["options"])


def _done_with(session: Session, change: Change) -> bool:
    """Whether nothing is to be sent: it stands, or the field that wants options is gone.

    Who needs that field finds it missing, and it is made anew (sync.mend).
    """
    if stands(session, change):
        with session.commit():
            settle.written(session, [(change, 0)], adopted=True)
    elif change.action == "update" and row_of(session, change) is None:
        change.state, change.words = "stale", "the field was deleted in Pipedrive"
        _save(session, change)
    return change.state in ("written", "stale")


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
        if isinstance(error, NeedsAdmin) and error.code == CAPPED:
            raise does_not_fit(session, str(error)) from error
        raise
    with session.commit():
        remember(session, entity_of(change), [row])
        settle.written(session, [(change, 0)])


def _save(session: Session, change: Change) -> None:
    with session.commit():
        settle.save_states([change])


def _send(session: Session, change: Change) -> dict[str, Any]:
    entity, after = entity_of(change), change.after
    row = row_of(session, change)
    if row is None:
        made = session.pipedrive.create_field(
            entity, after["name"], after["type"], after["options"]
        )
        return as_row(session.call(made))
    missing = [label for label in after["options"] if label not in row["options"]]
    options = session.call(session.pipedrive.add_options(entity, row["code"], missing))
    return {**row, "options": {**row["options"], **options}}


def refresh_fields(session: Session, entity: Any) -> None:
    """Read the fields of one entity again, whatever their age (10 tokens)."""
    read_again(session, [entity])
