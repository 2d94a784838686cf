"""Open the two clients of a connection, with its stored secrets."""

from collections.abc import Callable

from chargepipe.accounts.environment import Environment
from chargepipe.chargebee import Chargebee, open_chargebee
from chargepipe.domain.settings import ConnectionFile
from chargepipe.http import CallLog
from chargepipe.pipedrive import Pipedrive, open_pipedrive

# Both hosts answer for every company; the company's own is faster (pipedrive-api.md, section 1).
ANY_COMPANY = "https://api.pipedrive.com"


def chargebee_root(file: ConnectionFile) -> str:
    """Where the site's API begins, without /api/v2."""
    url = file.chargebee.url or f"https://{file.chargebee.site}.chargebee.com"
    return url.rstrip("/").removesuffix("/api/v2")


def pipedrive_root(file: ConnectionFile, domain: str = "") -> str:
    """Where the account's APIs begin, without /api; `domain` is known once it has answered."""
    return (file.pipedrive.url or _company_url(domain)).rstrip("/")


def _company_url(domain: str) -> str:
    return f"https://{domain}.pipedrive.com" if domain else ANY_COMPANY


def open_source(
    file: ConnectionFile, api_key: str, env: Environment, calls: CallLog | None = None
) -> Chargebee:
    """The client of the connection's Chargebee site."""
    root = chargebee_root(file)
    return open_chargebee(
        root,
        api_key,
        throttle=env.throttles.chargebee(root),
        transport=env.transport(root),
        calls=calls,
    )


def open_target(
    file: ConnectionFile,
    api_token: str,
    env: Environment,
    *,
    domain: str = "",
    calls: CallLog | None = None,
    before_write: Callable[[], None] | None = None,
) -> Pipedrive:
    """The client of the connection's Pipedrive account."""
    root = pipedrive_root(file, domain)
    return open_pipedrive(
        root,
        api_token,
        throttle=env.throttles.pipedrive(root),
        transport=env.transport(root),
        read_timeout=env.write_seconds,
        before_write=before_write,
        calls=calls,
    )
