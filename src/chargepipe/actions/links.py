"""Where a record is seen in the two services' own pages."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from chargepipe.domain.deals import split_key
from chargepipe.store.models import Connection


def customer_url(connection: Connection, customer_id: str) -> str:
    """The customer's page in Chargebee."""
    return f"{_chargebee(connection)}/d/customers/{quote(customer_id, safe='')}"


def deal_source_url(connection: Connection, key: str) -> str:
    """The page of the subscription or invoice of a deal in Chargebee, by the deal's source key."""
    kind, id = split_key(key)
    return f"{_chargebee(connection)}/d/{kind}s/{quote(id, safe='')}"


def pipedrive_url(connection: Connection, kind: str, pipedrive_id: int) -> str:
    """The page of a person, organization or deal; "" while the account is not known."""
    domain = connection.account.domain if connection.account else ""
    if not domain:
        return ""
    pages = _on_this_machine(connection, "pipedrive") or f"https://{domain}.pipedrive.com"
    return f"{pages}/{kind}/{pipedrive_id}"


def _chargebee(connection: Connection) -> str:
    """Where the pages of the site begin."""
    pages = _on_this_machine(connection, "chargebee")
    return pages or f"https://{connection.site}.chargebee.com"


def _on_this_machine(connection: Connection, service: str) -> str:
    """Where the pages of a service on this machine begin, "" for the one on the internet.

    The connection's own address of the API decides: http, which is taken for this machine alone,
    leads to a service that is simulated here, and its pages lie beside its API.
    """
    held: Mapping[str, Any] = connection.file
    parts = urlsplit(held[service].get("url") or "")
    return f"http://{parts.netloc}" if parts.scheme == "http" else ""
