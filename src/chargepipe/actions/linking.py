"""Linking: which two accounts a connection belongs to, and what of it stays when they change."""

from django.db.models import QuerySet
from django.utils import timezone

from chargepipe.accounts.connect import Checked
from chargepipe.actions.refusal import Refused
from chargepipe.domain.codes import OF_CHARGEBEE
from chargepipe.store.models import Account, Connection, Link, PullState, Record, SyncError


def may_link(connection: Connection, account: Account, site: str) -> None:
    """A linked connection keeps its two accounts: its mirror and its links are theirs."""
    if connection.account_id is None:
        return
    advice = "Unlink the connection first, or give the new one another name."
    if connection.account_id != account.pk:
        raise Refused(
            f"{connection.name} is linked to the Pipedrive company {connection.account}; this "
            f"token belongs to {account}. {advice}"
        )
    if connection.site != site:
        raise Refused(
            f"{connection.name} reads the Chargebee site {connection.site}, not {site}. {advice}"
        )


def forget_others(connection: Connection, account: Account, site: str) -> None:
    """Linked anew: links survive with the same company, the mirror with the same site.

    So do decisions, holds of undone records and errors: in another account they are about nobody.
    """
    if connection.pk is None:
        return
    same_site = connection.site == site
    if not same_site or connection.company_id != account.company_id:
        Link.objects.filter(connection=connection).delete()
        Record.objects.filter(connection=connection).update(
            settled=0, held_version=None, decision="", own_organization="", due=False
        )
        _resolve(connection.errors.exclude(code__in=OF_CHARGEBEE))
        connection.full_started_at = connection.full_done_at = None
        connection.full_with_organizations, connection.field_codes = False, {}
        connection.deals_since = connection.invoices_since = None
    if not same_site:
        Record.objects.filter(connection=connection).delete()
        PullState.objects.filter(connection=connection).delete()
        _resolve(connection.errors.all())


def _resolve(errors: QuerySet[SyncError]) -> None:
    errors.filter(state="warning").delete()
    open_ones = errors.filter(state__in=("open", "ignored"))
    open_ones.update(state="resolved", resolved_at=timezone.now())


def account_of(checked: Checked) -> Account:
    """The account of the company that a token or grant belongs to, with what is known of it now."""
    me = checked.me
    account, _ = Account.objects.update_or_create(
        company_id=me.company_id,
        defaults={
            "name": me.company_name or str(me.company_id),
            "domain": me.company_domain or "",
            "default_currency": me.default_currency or "",
            "fields": dict(checked.fields),
            "people": None if checked.more_people else checked.people,
            **({"burst": checked.burst} if checked.burst else {}),
        },
    )
    return account
