"""Room: whether the custom fields that a run would make fit into the account, and words for it."""

from chargepipe.accounts import discover
from chargepipe.domain.quota import Room, choices, too_many
from chargepipe.store.models import Account
from chargepipe.sync.fields import find, read_again
from chargepipe.sync.session import Session
from chargepipe.sync.trouble import FieldsDoNotFit

FIELD_KINDS = ("person_field", "organization_field", "deal_field")


def room(session: Session) -> Room:
    """What the settings need, what is there, and what the account may still have.

    By the fields as they were read last; the burst limit is that of the last answer.
    """
    burst = Account.objects.values_list("burst", flat=True).get(pk=session.account.pk)
    connection = session.connection
    return discover.room(
        session.settings,
        session.account.fields,
        connection.field_codes,
        connection.field_suffix,
        burst,
        oauth=session.file.pipedrive.oauth,
    )


def check_room(session: Session) -> None:
    """Raise FieldsDoNotFit where the planned fields of the run are more than the account takes.

    It is raised on fresh facts only: the fields are read again first (30 tokens).
    """
    if not _does_fit(session):
        read_again(session)
        if not _does_fit(session):
            raise does_not_fit(session)


def _does_fit(session: Session) -> bool:
    free = room(session).free
    planned = session.run.changes.filter(state="planned", kind__in=FIELD_KINDS, action="create")
    return free is None or planned.count() <= free


def does_not_fit(session: Session, answer: str = "") -> FieldsDoNotFit:
    """The words for it: what is needed, what is free, what to switch off."""
    words = too_many(
        room(session), choices(session.settings, lambda spec: find(session, spec) is not None)
    )
    return FieldsDoNotFit(f"{words} {answer}".rstrip())
