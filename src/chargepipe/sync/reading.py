"""Read what Pipedrive holds now: every update is planned against that, never against memory."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chargepipe.http import Gone, NeedsAdmin
from chargepipe.pipedrive import Entity
from chargepipe.sync import index
from chargepipe.sync.fields import field_map
from chargepipe.sync.session import Session

FORBIDDEN = 403


@dataclass(slots=True)
class Seen:
    """What became of the records that were asked for: each id is in one of the three."""

    rows: dict[int, dict[str, Any]] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)
    hidden: set[int] = field(default_factory=set)
    """There, but not for the connecting user (rule 4)."""
    at: dict[int, datetime] = field(default_factory=dict)
    """When each row was read; what a walk has carried along is as old as its beginning."""


def read(session: Session, entity: Entity, ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """The living records among `ids` that we may see, as Pipedrive writes them (see `look`)."""
    return look(session, entity, ids).rows


def look(
    session: Session,
    entity: Entity,
    ids: Collection[int],
    *,
    include: Sequence[str] = (),
    carried: bool = False,
) -> Seen:
    """Read records as Pipedrive writes them: 10 tokens for each 100.

    With `include`, figures such as notes_count, the rows hold every custom field of the account.

    One that the list leaves out is confirmed by a GET of its own (rule 4, 1 token). One that is
    gone is taken off the index. Pipedrive may answer 404 for a hidden record too, which cannot be
    told from a deleted one; the connecting user is an admin, and the brake asks for many.

    With `carried`, what a walk of this run has shown is not read again: a plan may be as old.
    """
    wanted = sorted(set(ids))
    if not wanted:
        return Seen()
    fields = () if include else field_map(session, entity).fields.values()
    more = (*index.ALWAYS.get(entity, ()), *include)
    codes = [known.code for known in fields]
    walked = session.carried.get(entity) if carried else None
    known = walked.take(wanted) if walked else {}
    unknown = [each for each in wanted if each not in known]
    rows = session.call(session.pipedrive.by_ids(entity, unknown, codes, more))
    seen = Seen(known | {row["id"]: row for row in rows})
    now = session.env.clock.now()
    seen.at = {each: walked.since if walked and each in known else now for each in wanted}
    for missing in set(wanted) - seen.rows.keys():
        confirm(session, entity, missing, seen, more)
    if seen.gone:
        with session.commit():
            index.forget(session, entity, seen.gone)
    return seen


def confirm(
    session: Session, entity: Entity, pipedrive_id: int, seen: Seen, include: Sequence[str] = ()
) -> None:
    """Read one record by itself (1 token) and note in `seen` what became of it."""
    try:
        row = session.call(session.pipedrive.get(entity, pipedrive_id, include))
        seen.rows[pipedrive_id] = row
    except Gone:
        seen.gone.add(pipedrive_id)
    except NeedsAdmin as error:
        if error.status != FORBIDDEN:
            raise
        seen.hidden.add(pipedrive_id)
