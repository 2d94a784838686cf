"""Joined: which organization became of one that is gone; a merge moves its people (rule 4).

An organization's mark tells nothing of its company, so its people are asked: where all of them
that still have an organization have the same one, that is the winner of the merge.
"""

from collections import defaultdict
from collections.abc import Collection

from chargepipe.store.models import Link, Record
from chargepipe.sync.reading import look
from chargepipe.sync.session import Session

MOST_ASKED = 20
"""People of one company that are read; 100 people cost 10 tokens."""


def winners(session: Session, lost: Collection[tuple[str, int]]) -> dict[str, int]:
    """For each company whose organization is gone, where its linked people are now, if at one."""
    people = {key: _people_of(session, key) for key, _ in lost}
    seen = look(session, "person", {pid for few in people.values() for pid in few})
    found: dict[str, set[int]] = defaultdict(set)
    for key, gone in lost:
        rows = (seen.rows[pid] for pid in people[key] if pid in seen.rows)
        found[key] = {row["org_id"] for row in rows if row.get("org_id") not in (None, gone)}
    return {key: next(iter(ids)) for key, ids in found.items() if len(ids) == 1}


def _people_of(session: Session, company_key: str) -> list[int]:
    customers = Record.objects.filter(
        connection=session.connection, kind="customer", company_key=company_key
    )
    links = Link.objects.filter(
        connection=session.connection, kind="person", source_key__in=customers.values("source_id")
    )
    return list(links.order_by("pk").values_list("pipedrive_id", flat=True)[:MOST_ASKED])
