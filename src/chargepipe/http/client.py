"""Builds the HTTP client of a service: one for each run, closed at its end."""

from collections.abc import Callable
from importlib.metadata import version
from ipaddress import ip_address
from urllib.request import getproxies, proxy_bypass

import httpx2

from chargepipe.http.calls import CallLog
from chargepipe.http.errors import Reconnect, Service, Transient
from chargepipe.http.network import Network
from chargepipe.http.outgoing import Outgoing
from chargepipe.http.redact import quiet_libraries
from chargepipe.http.throttle import Throttle, Throttled

CONNECT_SECONDS = 5.0


def open_http(
    service: Service,
    url: str,
    *,
    throttle: Throttle,
    headers: dict[str, str] | None = None,
    auth: httpx2.Auth | None = None,
    read_timeout: float,
    transport: httpx2.AsyncBaseTransport | None = None,
    before_write: Callable[[], None] | None = None,
    calls: CallLog | None = None,
) -> httpx2.AsyncClient:
    """Return a client for the root `url`: throttle, then guard and report, then the network.

    `read_timeout` (seconds) bounds each read and the exchange as a whole. Redirects are never
    followed, or a credential would be sent to another host. Raises ValueError where credentials
    would travel in clear over a network, Transient where we do not speak the machine's proxy.
    """
    quiet_libraries()
    root = httpx2.URL(url)
    outgoing = Outgoing(
        transport or _network(service, root),
        service,
        deadline=read_timeout,
        before_write=before_write,
        calls=calls,
    )
    return httpx2.AsyncClient(
        base_url=root,
        headers={"user-agent": f"chargepipe/{version('chargepipe')}", **(headers or {})},
        auth=auth,
        transport=Throttled(outgoing, throttle),
        timeout=httpx2.Timeout(read_timeout, connect=CONNECT_SECONDS),
        follow_redirects=False,
    )


def checked_secret(service: Service, secret: str) -> str:
    """Return a key without outer blanks. Raises Reconnect where it cannot be one.

    A stray sign would make the HTTP library fail with a message that quotes the key.
    """
    secret = secret.strip()
    if not secret or not secret.isascii() or not secret.isprintable() or " " in secret:
        raise Reconnect(
            service, f"The {service} key is empty or holds signs that no key has: enter it again."
        )
    return secret


def _network(service: Service, root: httpx2.URL) -> httpx2.AsyncBaseTransport:
    """Return the real transport, through the proxy that the machine's environment asks for.

    The environment is trusted here, as by other programs of the machine: where a company lets
    traffic out only through a proxy, chargepipe could not run otherwise. Loopback needs none.
    """
    if _is_loopback(root.host):
        return Network()
    if root.scheme != "https":
        raise ValueError(f"{root} is not safe for a key: use an address that begins with https.")
    known = {} if proxy_bypass(root.host) else getproxies()
    proxy = known.get("https") or known.get("all")
    return Network(_http_proxy(service, proxy) if proxy else None)


def _http_proxy(service: Service, proxy: str) -> str:
    """Return the address of a proxy. Raises Transient, without its password, for other kinds."""
    scheme, found, _ = proxy.partition("://")
    if not found:
        return f"http://{proxy}"
    if scheme not in ("http", "https"):
        raise Transient(
            service,
            f"{service} cannot be reached: the machine's HTTPS_PROXY is a {scheme} proxy. "
            "Name an http or https one.",
        )
    return proxy


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
