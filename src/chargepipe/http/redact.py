"""Keeps secrets and personal data out of logs and messages.

Headers, bodies and queries are never logged by us. The HTTP libraries would log whole addresses
with their query at level INFO, so their loggers are held at WARNING.
"""

import base64
import binascii
import logging

import httpx2

LONGEST_QUOTE = 200


def quiet_libraries() -> None:
    """Stop the HTTP libraries from logging addresses and headers."""
    for name in ("httpx2", "aiohttp"):
        logging.getLogger(name).setLevel(logging.WARNING)


def quote_server(text: object, request: httpx2.Request) -> str:
    """Return a server's own sentence on one line, cut to 200 signs and without our credentials."""
    if not isinstance(text, str):
        return ""
    line = " ".join(text.split())
    for secret in _secrets(request):
        line = line.replace(secret, "***")
    return line if len(line) <= LONGEST_QUOTE else line[: LONGEST_QUOTE - 3] + "..."


def _secrets(request: httpx2.Request) -> list[str]:
    """Every written form of the credentials that a request carried, the longest first."""
    token = request.headers.get("x-api-token", "")
    authorization = request.headers.get("authorization", "").partition(" ")[2]
    found = {token, authorization, _user(authorization)} - {""}
    return sorted(found, key=len, reverse=True)


def _user(authorization: str) -> str:
    try:
        return base64.b64decode(authorization, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""
