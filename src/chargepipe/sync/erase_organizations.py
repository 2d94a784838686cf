"""Erase in organizations: what they show of a customer goes with its personal data (rule 16).

Additional fields of an organization may show attributes of the customer that leads it. What they
show of others, and what somebody typed there, stays.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from django.db.models import Q

from chargepipe.domain.diff import Difference, organization_difference
from chargepipe.domain.erasure import erased_fields, of_leading, without_values
from chargepipe.domain.held import decode_organization
from chargepipe.domain.settings import Overwrite
from chargepipe.domain.targets import OrganizationTarget
from chargepipe.domain.values import Value
from chargepipe.store.models import Change, Connection, Link, Run
from chargepipe.sync.fields import field_map
from chargepipe.sync.session import Session
from chargepipe.sync.work import Work

ERASED = "erased"
"""The reason of a Change that takes such values off an organization."""
UNDER_WAY = Q(state__in=("intended", "unknown")) | Q(state="planned", run__state__in=Run.UNFINISHED)
"""Changes that keep their values, for they must be recognized: they are erased once settled."""


def leaves(session: Session, works: Iterable[Work]) -> set[str]:
    """The companies of those customers whose personal data are about to be cleared."""
    links = [link for w in works if w.customer.pii_cleared and (link := w.link or w.lost)]
    links = [link for link in links if not link.last.get("cleared")]
    last = {link.last.get("organization") for link in links}
    written = companies_of(session.connection, [link.source_key for link in links])
    return {key for key in last if key} | written


def companies_of(connection: Connection, customers: Collection[str]) -> set[str]:
    """The companies whose organization the people of these customers were ever in."""
    people = Change.objects.filter(
        connection=connection, kind="person", source_key__in=list(customers)
    )
    keys = people.exclude(target__organization=None).values_list("target__organization", flat=True)
    return {key for key in keys if key}


def left_over(session: Session, last: OrganizationTarget) -> OrganizationTarget:
    """What the organization of a company that has no customer any more should hold."""
    known = field_map(session, "organization").fields
    personal = of_leading(session.settings)
    fields = {
        name: None if personal(name) else value
        for name, value in last.fields.items()
        if name in known
    }
    return replace(last, fields=fields)


def goes(
    session: Session, last: OrganizationTarget, target: OrganizationTarget
) -> dict[str, Value]:
    """The personal values that were last written, and that the target does not say any more."""
    personal = of_leading(session.settings)
    return {
        name: value
        for name, value in last.fields.items()
        if value is not None and personal(name) and target.fields.get(name) != value
    }


def difference(
    session: Session,
    target: OrganizationTarget,
    row: Mapping[str, Any],
    going: Mapping[str, Value],
) -> Difference:
    """What to write to an organization; `going` only leaves while it holds just that value."""
    held = decode_organization(row, field_map(session, "organization"))
    policies = session.settings.policies("organization")
    kept: dict[str, Overwrite] = dict.fromkeys(going, "fill_empty")
    return organization_difference(target, held, {**policies, **kept}, going)


def erase_companies(session: Session, companies: Collection[str]) -> None:
    """Take such values out of the journal of these companies; what the link says stays."""
    of_them = Q(kind="organization", source_key__in=list(companies))
    rows = Change.objects.filter(of_them, connection=session.connection).exclude(UNDER_WAY)
    links = Link.objects.filter(of_them, connection=session.connection)
    shown = {link.source_key: link.last.get("fields", {}) for link in links}
    now, personal = session.env.clock.now(), of_leading(session.settings)
    moved: list[Change] = []
    for change in rows.iterator():
        was = change.before, change.after, change.target
        kept = shown.get(change.source_key, {})
        change.before = without_values(change.before, now, personal, kept)
        change.after = without_values(change.after, now, personal, kept)
        change.target = erased_fields(change.target, personal, kept)
        if was != (change.before, change.after, change.target):
            moved.append(change)
    Change.objects.bulk_update(moved, ["before", "after", "target"], batch_size=200)
