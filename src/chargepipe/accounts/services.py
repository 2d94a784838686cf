"""Open the two clients of a connection, with its stored secrets."""

from collections.abc import Callable
from urllib.parse import urlsplit

from chargepipe.accounts import grants
from chargepipe.accounts.environment import Environment
from chargepipe.accounts.grants import Seen
from chargepipe.accounts.renewal import Bearer
from chargepipe.chargebee import Chargebee, open_chargebee
from chargepipe.domain.settings import ConnectionFile
from chargepipe.http import CallLog
from chargepipe.pipedrive import Pipedrive, open_pipedrive
from chargepipe.store.models import Connection

WayIn = str | Seen
"""An API token, or a grant by OAuth."""

# Both hosts answer for every company; the company's own is faster (pipedrive-api.md, section 1).
ANY_COMPANY = "https://api.pipedrive.com"


def chargebee_root(file: ConnectionFile) -> str:
    """Where the site's API begins, without /api/v2."""
    url = file.chargebee.url or f"https://{file.chargebee.site}.chargebee.com"
    return url.rstrip("/").removesuffix("/api/v2")


def pipedrive_root(file: ConnectionFile, domain: str = "", way_in: WayIn = "") -> str:
    """Where the account's APIs begin, without /api; `domain` is known once it has answered."""
    told = "" if isinstance(way_in, str) else company_root(way_in.held.tokens.api_domain)
    return (file.pipedrive.url or told or _company_url(domain)).rstrip("/")


def company_root(api_domain: str) -> str:
    """The address that came with tokens; "" where it is none of Pipedrive's own."""
    try:
        parts = urlsplit(api_domain)
        host, plain = parts.hostname or "", parts.netloc.lower() == parts.hostname
    except ValueError:
        return ""
    own = parts.scheme == "https" and plain and host.endswith(".pipedrive.com")
    return f"https://{host}" if own else ""


def way_in(connection: Connection) -> WayIn:
    """What opens Pipedrive for a connection. Raises Disconnected where its grant is gone."""
    if ConnectionFile.model_validate(connection.file).pipedrive.oauth:
        return grants.grant_of(connection)
    return connection.secrets.pipedrive_token


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
    way_in: WayIn,
    env: Environment,
    *,
    domain: str = "",
    calls: CallLog | None = None,
    before_write: Callable[[], None] | None = None,
) -> Pipedrive:
    """The client of the connection's Pipedrive account."""
    root = pipedrive_root(file, domain, way_in)
    return open_pipedrive(
        root,
        way_in if isinstance(way_in, str) else Bearer(way_in, env),
        throttle=env.throttles.pipedrive(root, oauth=not isinstance(way_in, str)),
        transport=env.transport(root),
        read_timeout=env.write_seconds,
        before_write=before_write,
        calls=calls,
    )
