"""Candidates: of several records that could be a customer's, those that are still there."""

from chargepipe.pipedrive import Entity
from chargepipe.sync import index
from chargepipe.sync.reading import look
from chargepipe.sync.session import Session


def still_there(
    session: Session, entity: Entity, found: dict[str, list[int]]
) -> dict[str, list[int]]:
    """What the index found by key, without what is gone where a key has several.

    A list of what moved does not tell of deletions and merges, so the index may hold one too many
    until the next walk over all. Candidates that an open error names are left to that walk: the
    presence check makes it while such an error stands.
    """
    several = {each for ids in found.values() if len(ids) > 1 for each in ids}
    if not several or index.whole(entity) in session.refreshed:
        return found
    gone = look(session, entity, several - _named(session)).gone
    return {key: [each for each in ids if each not in gone] for key, ids in found.items()}


def _named(session: Session) -> set[int]:
    """The candidates of open errors, asked for once a session: there may be many thousands."""
    if session.named is None:
        errors = session.connection.errors.filter(state="open").exclude(candidates=[])
        rows = errors.values_list("candidates", flat=True)
        session.named = {each["id"] for candidates in rows.iterator() for each in candidates}
    return session.named
