"""May a connection be probed at all? Deny first: nothing leaves before this has said yes."""

from ipaddress import ip_address

import httpx2

from chargepipe.accounts.services import chargebee_root
from chargepipe.actions.connections import find, stored_file
from chargepipe.actions.probe.hands import MOST_TOKENS
from chargepipe.actions.probe.traces import PREFIX
from chargepipe.actions.refusal import Refused
from chargepipe.domain.settings import ConnectionFile
from chargepipe.store.models import Account, Connection, Run

MOST = {"persons": 30, "organizations": 8, "deals": 8, "custom fields": 6}
"""What one probe makes at most."""


def allowed(name: str) -> Connection:
    """The connection, where it may be probed. Raises Refused. Asks no service."""
    connection = find(name)
    if connection.account is None:
        raise Refused(f"{name} is unlinked. Apply its connection file again to link it.")
    file = stored_file(connection)
    if not is_test_site(file):
        raise Refused(
            f"{name} reads the Chargebee site {file.chargebee.site}, which is no test site: its "
            "name does not end in -test. Probe a connection of a test site, never a live one."
        )
    may_begin(connection.account)
    return connection


def is_test_site(file: ConnectionFile) -> bool:
    """Whether site and address are a test site's, or the address is this machine."""
    label = _host(file).partition(".")[0]
    named = file.chargebee.site.endswith("-test") and label.endswith("-test")
    return named or is_simulated(file)


def is_simulated(file: ConnectionFile) -> bool:
    """Whether the address of the site is this machine."""
    host = _host(file)
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def may_begin(account: Account) -> None:
    """Raise Refused while a run is on its way on the account."""
    under_way = Run.objects.filter(connection__account=account, state__in=Run.GOING).first()
    if under_way:
        raise Refused(
            f"Run {under_way.pk} is on its way on this account. Wait for it, or cancel it: "
            f"chargepipe run cancel {under_way.pk}"
        )


def announcement(connection: Connection) -> str:
    """What a probe will do, before it is asked for a yes."""
    most = ", ".join(f"{number} {what}" for what, number in MOST.items())
    return (
        f"The probe writes to the Pipedrive account {connection.account}: at most {most}, all "
        f'named "{PREFIX} ...", and deletes them again (Pipedrive keeps deleted records for 30 '
        f"days). It spends at most {MOST_TOKENS} API tokens for its checks, and 3 for each thing "
        f"that it deletes. From the Chargebee site {connection.site} it only reads."
    )


def _host(file: ConnectionFile) -> str:
    return httpx2.URL(chargebee_root(file)).host
