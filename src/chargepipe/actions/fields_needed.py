"""Fields needed: what settings need of the account's custom fields, as far as that is known."""

from chargepipe.accounts import discover
from chargepipe.actions.connections import stored_file
from chargepipe.domain.account_fields import find
from chargepipe.domain.fields import wanted
from chargepipe.domain.quota import Room, choices, too_many
from chargepipe.domain.settings import Settings
from chargepipe.store.models import Connection


def room_of(connection: Connection, settings: Settings) -> Room | None:
    """What is needed, there and free; None: the account's fields were never read."""
    account = connection.account
    if account is None or any(entity not in account.fields for entity in discover.ENTITIES):
        return None
    codes, suffix = connection.field_codes, connection.field_suffix
    oauth = stored_file(connection).pipedrive.oauth
    return discover.room(settings, account.fields, codes, suffix, account.burst, oauth=oauth)


def in_words(connection: Connection, settings: Settings) -> str:
    """The same for people; where it does not fit, what to switch off."""
    room, account = room_of(connection, settings), connection.account
    if room is None or account is None:
        number = len(wanted(settings))
        return f"These settings need {number} custom fields; those of the account are not known."
    if not room.short:
        return str(room)
    codes, suffix = connection.field_codes, connection.field_suffix
    there = account.fields
    return too_many(
        room,
        choices(settings, lambda spec: find(spec, there, codes, suffix) is not None),
    )
