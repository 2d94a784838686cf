"""The index is refreshed once a session, and only when something must be found or made."""

from chargepipe.pipedrive import Entity
from chargepipe.sync import index
from chargepipe.sync.fields import index_codes
from chargepipe.sync.session import Session


def fresh_index(session: Session, entity: Entity) -> None:
    """Make sure that the index of this entity has been refreshed since the lease was taken."""
    if entity not in session.refreshed:
        index.refresh(session, entity, index_codes(session, entity))
        session.refreshed.add(entity)
