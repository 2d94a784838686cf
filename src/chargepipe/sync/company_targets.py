"""Targets of organizations: what the customers of a company say of it (setting 3, rule 16)."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from chargepipe.domain.mapping import organization_revenues, organization_target
from chargepipe.domain.records import Customer, Subscription
from chargepipe.domain.revenue import Unconvertible
from chargepipe.domain.targets import OrganizationTarget
from chargepipe.domain.validation import speaks
from chargepipe.domain.values import currencies_in
from chargepipe.store.models import Record
from chargepipe.sync.company import Company
from chargepipe.sync.currencies import currencies_for
from chargepipe.sync.erase_organizations import goes, left_over
from chargepipe.sync.session import Session
from chargepipe.sync.work import customer_of, subscriptions_of


def set_targets(session: Session, companies: Collection[Company], cleared: Collection[str]) -> None:
    """Each from the customers that speak for its company: Deleted only when all of them are.

    Where none does it stays as it is. Of those that are `cleared` personal data go (rule 16).
    """
    customers: dict[str, list[Customer]] = defaultdict(list)
    newest: dict[str, int] = defaultdict(int)
    rows = Record.objects.filter(
        connection=session.connection,
        kind="customer",
        company_key__in=[company.key for company in companies],
    )
    for row in rows:
        customer = customer_of(row)
        if speaks(customer, session.settings):
            customers[row.company_key].append(customer)
        newest[row.company_key] = max(newest[row.company_key], row.version)
    theirs = {}
    if session.settings.subscription_data == "organization":
        everyone = [customer.id for few in customers.values() for customer in few]
        theirs = subscriptions_of(session, everyone)
    for company in companies:
        few = customers.get(company.key, [])
        owned = [s for customer in few for s in theirs.get(customer.id, ())]
        if few:
            company.version = newest[company.key]
            _aim(session, company, few, owned)
        if company.key in cleared and company.link and company.link.last:
            last = OrganizationTarget.from_json(company.link.last)
            _clear(session, company, last, left=not few)


def _aim(
    session: Session,
    company: Company,
    customers: Sequence[Customer],
    owned: Sequence[Subscription],
) -> None:
    facts = customers, owned, session.settings, session.site
    try:
        target = organization_target(*facts)
    except Unconvertible as error:
        company.unconvertible = error.subscription_id
        return
    wanted = currencies_in(target.fields)
    company.lacking = min(wanted - set(currencies_for(session, wanted)), default="")
    if company.lacking:
        return
    company.target, sums = target, organization_revenues(*facts)
    company.working = {name: revenue.as_json() for name, revenue in sums.items()}


def _clear(session: Session, company: Company, last: OrganizationTarget, *, left: bool) -> None:
    """What goes of `last`; where all customers have `left`, nothing else is to be written."""
    if left:
        company.orphan, company.target = True, left_over(session, last)
    if company.target:
        company.going = goes(session, last, company.target)
