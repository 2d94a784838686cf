"""Guard: every run first asks who it is (2 tokens); a lost right ends it (rule 11)."""

from chargepipe.accounts.connect import no_admin
from chargepipe.pipedrive import Me
from chargepipe.store.models import Account
from chargepipe.sync.session import Session


class RightsLost(Exception):
    """The Pipedrive token belongs to another company, or its user is no admin any more."""


def check_account(session: Session) -> None:
    """Raise RightsLost, or note what the account says of itself."""
    me = session.call(session.pipedrive.me())
    account = session.account
    if me.company_id != account.company_id:
        raise RightsLost(
            f"The token of connection {session.connection.name} now belongs to the Pipedrive "
            f"company {me.company_name or 'without a name'} (id {me.company_id}), not to "
            f"{account.name} (id {account.company_id}). Apply the connection with the right token."
        )
    if me.admin is False:
        raise RightsLost(no_admin(me))
    session.user_id = me.user_id
    with session.commit():
        remember(account, me)


def remember(account: Account, me: Me) -> None:
    """Keep the facts of the account row up to date."""
    account.name = me.company_name or str(me.company_id)
    account.domain, account.default_currency = me.company_domain or "", me.default_currency or ""
    account.save(update_fields=["name", "domain", "default_currency"])
