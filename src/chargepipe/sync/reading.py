"""Read what Pipedrive holds now: every update is planned against that, never against memory."""

from collections.abc import Collection
from typing import Any

from chargepipe.http import Gone
from chargepipe.pipedrive import Entity
from chargepipe.sync import index
from chargepipe.sync.fields import field_map
from chargepipe.sync.session import Session


def read(session: Session, entity: Entity, ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """The living records among `ids`, as Pipedrive writes them: 10 tokens for each 100.

    One that the list leaves out is confirmed by a GET of its own (rule 4): if that says gone,
    it is taken off the index and is missing in the answer.
    """
    wanted = sorted(set(ids))
    codes = [known.code for known in field_map(session, entity).fields.values()]
    found = {
        row["id"]: row for row in session.call(session.pipedrive.by_ids(entity, wanted, codes))
    }
    for missing in set(wanted) - found.keys():
        row = _confirm(session, entity, missing)
        if row is not None:
            found[missing] = row
    return found


def _confirm(session: Session, entity: Entity, pipedrive_id: int) -> dict[str, Any] | None:
    try:
        return session.call(session.pipedrive.get(entity, pipedrive_id))
    except Gone:
        with session.commit():
            index.forget(session, entity, [pipedrive_id])
        return None
