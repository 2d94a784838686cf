"""Where a record is seen in the two services' own pages."""

from urllib.parse import quote

from chargepipe.domain.deals import split_key
from chargepipe.store.models import Connection


def customer_url(connection: Connection, customer_id: str) -> str:
    """The customer's page in Chargebee."""
    return f"https://{connection.site}.chargebee.com/d/customers/{quote(customer_id, safe='')}"


def deal_source_url(connection: Connection, key: str) -> str:
    """The page of the subscription or invoice of a deal in Chargebee, by the deal's source key."""
    kind, id = split_key(key)
    return f"https://{connection.site}.chargebee.com/d/{kind}s/{quote(id, safe='')}"


def pipedrive_url(connection: Connection, kind: str, pipedrive_id: int) -> str:
    """The page of a person, organization or deal; "" while the account is not known."""
    domain = connection.account.domain if connection.account else ""
    return f"https://{domain}.pipedrive.com/{kind}/{pipedrive_id}" if domain else ""
