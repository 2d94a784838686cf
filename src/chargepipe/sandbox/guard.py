"""Who may use the control path and the page: this machine, and no other web site."""

from .messages import Request
from .outbox import LOOPBACK

NAMES = (*LOOPBACK, "[::1]")
_OWN = ("same-origin", "none")


def refusal(request: Request, *, to_look: bool) -> str | None:
    """Why this request is not answered, in words; None: it may pass.

    Both the peer and the name that it calls us by have to be this machine; the name guards against
    a rebound DNS entry. A browser says where a call comes from: another site or port may not call,
    it may only link to the page (`to_look`).
    """
    if not _is_local(request):
        return "The sandbox answers this machine alone"
    if not _is_own(request) and not (to_look and _is_visit(request)):
        return "The sandbox takes no calls from other web pages"
    return None


def _is_local(request: Request) -> bool:
    host = request.headers.get("host", "").lower()
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    return name in NAMES and request.client in NAMES


def _is_own(request: Request) -> bool:
    headers = request.headers
    origin = headers.get("origin")
    if origin is not None and origin.lower() != f"http://{headers.get('host', '')}".lower():
        return False
    return headers.get("sec-fetch-site", "none") in _OWN


def _is_visit(request: Request) -> bool:
    """Somebody follows a link to the page."""
    headers = request.headers
    return headers.get("sec-fetch-mode") == "navigate" and "origin" not in headers
