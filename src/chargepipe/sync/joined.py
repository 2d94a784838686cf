"""Joined: which organization became of one that is gone; a merge moves its people (rule 4).

An organization's mark tells nothing of its company, so its people are asked. After a merge they
have the winner. Whoever still names the one that is gone shows that it was deleted, for then people
keep its id; and a person that customers of another company share says nothing of this one.
"""

from collections import Counter
from collections.abc import Collection

from django.db.models import Q

from chargepipe.store.models import Link, Record
from chargepipe.sync.reading import look
from chargepipe.sync.session import Session

MOST_ASKED = 20
"""People of one company that are read; 100 people cost 10 tokens."""


def winners(session: Session, lost: Collection[tuple[str, int]]) -> dict[str, int]:
    """For each company whose organization is gone, where most of its linked people are now.

    A company whose people are at several organizations is left out: nobody can tell.
    """
    people = {key: _people_of(session, key) for key, _ in lost}
    seen = look(session, "person", {pid for few in people.values() for pid in few})
    found: dict[str, int] = {}
    for key, gone in lost:
        places = Counter(seen.rows[pid].get("org_id") for pid in people[key] if pid in seen.rows)
        there = [place for place in places if place is not None]
        if len(there) == 1 and there != [gone] and 2 * places[there[0]] > places.total():
            found[key] = there[0]
    return found


def _people_of(session: Session, company_key: str) -> list[int]:
    """The people of this company's customers alone."""
    customers = Record.objects.filter(
        connection=session.connection, kind="customer", company_key=company_key
    )
    own = Q(source_key__in=customers.values("source_id"))
    links = Link.objects.filter(connection=session.connection, kind="person")
    some = links.filter(own).order_by("pk").values_list("pipedrive_id", flat=True)[:MOST_ASKED]
    ids = list(dict.fromkeys(some))
    shared = links.filter(pipedrive_id__in=ids).exclude(own)
    others = set(shared.values_list("pipedrive_id", flat=True))
    return [pid for pid in ids if pid not in others]
