"""What a planned change of a deal still has to write, now that Pipedrive holds the deal so."""

from collections.abc import Mapping
from typing import Any

from chargepipe.domain.deal_diff import Before, DealRules, deal_difference
from chargepipe.domain.diff import Difference
from chargepipe.domain.held_deal import decode_deal
from chargepipe.domain.targets import DealTarget
from chargepipe.store.models import Change, Link
from chargepipe.sync.fields import field_map
from chargepipe.sync.linked import Linked
from chargepipe.sync.session import Session


def rules(session: Session) -> DealRules:
    """How the settings want deals to be written."""
    settings = session.settings
    return DealRules(settings.overwrite, settings.deal_care, settings.policies("deal"))


def before_of(link: Link | None) -> Before:
    """What we did to a deal before, as its link remembers."""
    if link is None:
        return Before()
    return Before(link.ours, DealTarget.from_json(link.last) if link.last else None)


def absent(session: Session, joins: bool) -> tuple[str, ...]:
    """Whom a deal is not joined to, nor taken from: an organization that is not there, or off."""
    return () if joins and session.settings.organizations else ("organization",)


def deal_now(session: Session, change: Change, row: Mapping[str, Any], links: Linked) -> Difference:
    """The difference against `row`; where it was found counts when it is adopted by this change."""
    target = DealTarget.from_json(change.target)
    joined = {"person": target.person, "organization": target.organization}
    ids = {
        kind: each.pipedrive_id if (each := links.get((kind, key or ""))) else None
        for kind, key in joined.items()
    }
    joins = "organization" in change.after or ids["organization"] is not None
    held = decode_deal(row, field_map(session, "deal"))
    before = before_of(links.get(("deal", change.source_key)))
    return deal_difference(target, held, before, rules(session), ids, absent(session, joins))
