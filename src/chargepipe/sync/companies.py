"""Companies: which of them a page of customers asks for, compared with their organizations."""

from collections.abc import Sequence

from chargepipe.sync.company import Company
from chargepipe.sync.joiners import joiners
from chargepipe.sync.organizations import Organizations
from chargepipe.sync.persons import People
from chargepipe.sync.session import Session
from chargepipe.sync.work import Work


def asked_for(
    session: Session, organizations: Organizations, people: People, works: Sequence[Work]
) -> list[Company]:
    """Compare the companies that these customers have, and those that they leave.

    Of those who do not sync only what has an organization: it may show that they are deleted.
    """
    if not session.settings.organizations:
        return []
    going = [w for w in works if w.target is not None and w.outcome in ("", "unchanged")]
    left = {w.last.organization for w in going if w.last and w.last.organization}
    left |= organizations.linked(_passed_over(session, works))
    left |= organizations.clear(works)
    organizations.match(left)
    members = [w for w in going if w.target and w.target.organization]
    wanted = _wanted(session, organizations, people, members)
    rest = {w.record.company_key for w in members}
    return organizations.compare(wanted, (left | rest) - wanted)


def _wanted(
    session: Session, organizations: Organizations, people: People, works: Sequence[Work]
) -> set[str]:
    """The companies that are to have an organization.

    One that is there is linked whoever joins it; none is made that nobody would join.
    """
    makes = session.settings.create_people
    alive = [w for w in works if w.customer.live and (makes or w.pipedrive_id is not None)]
    join = joiners(session, alive, people)
    named = {w.customer.id: w.record.company_key for w in alive}
    there = {key for key in named.values() if organizations.id_of(key) is not None}
    return {key for id, key in named.items() if id in join or key in there}


def _passed_over(session: Session, works: Sequence[Work]) -> set[str]:
    """The companies of customers that do not sync; not of those that stay as they are."""
    leaves = session.settings.deleted_customers == "leave"
    passed = (w for w in works if w.outcome in ("skipped", "failed") and not w.waits)
    return {w.record.company_key for w in passed if not (leaves and w.customer.deleted)} - {""}
