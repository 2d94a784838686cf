"""Known browsers: those in which a person has signed in before are not shut out with their address.

Wrong passwords are counted by address. Where a proxy hides addresses, all people have the same one,
and whoever guesses would shut out everybody. So a browser that somebody came in with keeps a signed
cookie, and what is tried in it for that person is counted for this browser alone. The cookie lets
nobody in.
"""

import secrets
from hashlib import sha256
from ipaddress import IPv6Address

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

COOKIE, SALT = "chargepipe_known", "known browser"
KEPT_SECONDS = 180 * 24 * 3600


def remember(response: HttpResponse, email: str) -> None:
    """Let the browser keep that this person came in with it."""
    response.set_cookie(
        COOKIE,
        signing.dumps([email, secrets.token_hex(16)], salt=SALT),
        max_age=KEPT_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def counted_for(request: HttpRequest) -> str:
    """The address for which a wrong password counts; a known browser has one of its own."""
    remote = request.META.get("REMOTE_ADDR", "")
    try:
        held = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=KEPT_SECONDS)
    except signing.BadSignature:
        return remote
    email, browser = held
    return _own(browser) if request.POST.get("username", "").strip().lower() == email else remote


def _own(browser: str) -> str:
    """An address that no machine has (fd00::/8): axes counts by addresses."""
    return str(IPv6Address(b"\xfd" + sha256(browser.encode()).digest()[:15]))
