"""Owners: to whom new records belong (setting 15)."""

from chargepipe.domain.keys import email_key
from chargepipe.sync.session import Session
from chargepipe.sync.trouble import UnknownChoice

CONNECTING_USER = "token"


def owner_id(session: Session) -> int | None:
    """The user who owns what we make; None leaves that to Pipedrive: the connecting user.

    Asked for once a run (20 tokens). Raises UnknownChoice where the account has no such user, or
    where that user is not active.
    """
    wanted = session.settings.owner
    if wanted == CONNECTING_USER:
        return None
    if session.users is None:
        session.users = session.call(session.pipedrive.users())
    found = [user for user in session.users if email_key(user.email) == email_key(wanted)]
    for user in found:
        if user.active:
            return user.id
    state = "is no longer active" if found else "is no user of this Pipedrive account"
    raise UnknownChoice(
        f"The user who shall own new records (settings.owner) {state}. Choose the email address of "
        'an active user, or "token" for the connecting one; nothing was written.'
    )
