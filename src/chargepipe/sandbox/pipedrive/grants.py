"""Codes, access tokens and refresh tokens of one app: what is good, for how long (fact sheet 7)."""

from base64 import b64encode
from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha1, sha512

from ..clock import Clock

CODE_SECONDS = 300.0
ACCESS_SECONDS = 3600.0
REFRESH_SECONDS = 60 * 86_400.0
_DIGESTS = 9
"""Of 64 bytes each: they make a token of 772 characters, as real ones have 768 and more."""


class BadGrant(Exception):
    """A code or token that is not good (any more); the message is Pipedrive's."""


@dataclass(frozen=True, slots=True, repr=False)
class Grant:
    """What a user granted: scopes, and the callback URL to which it was told. Until: unix seconds.

    text: the code or token itself.
    """

    text: str
    redirect_uri: str
    scopes: frozenset[str]
    until: float


class Grants:
    """One installation at a time: whoever installs anew gets a new refresh token, and the earlier
    one is no longer good (ours: the pages do not say)."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._made = 0
        self._codes: dict[str, Grant] = {}
        self._exchanged: set[str] = set()
        self._access: dict[str, Grant] = {}
        self._refresh: Grant | None = None

    @property
    def installed(self) -> Grant | None:
        """The refresh token in force, None where the app is not installed, or not used for long."""
        held = self._refresh
        return held if held is not None and self._lives(held) else None

    def issue_code(self, redirect_uri: str, scopes: Collection[str]) -> str:
        """A code for the callback; good once, for 5 minutes."""
        code = f"7001.1.{self._hex()}"
        until = self._clock.now() + CODE_SECONDS
        self._codes[code] = Grant(code, redirect_uri, frozenset(scopes), until)
        return code

    def pending(self, code: str) -> Grant:
        """What a code stands for; the code stays. Raises BadGrant."""
        if code in self._exchanged:
            raise BadGrant("Invalid grant: authorization_code has already been exchanged")
        held = self._codes.get(code)
        if held is None:
            raise BadGrant("Invalid grant: authorization_code is invalid")
        if not self._lives(held):
            raise BadGrant("Invalid grant: authorization_code has expired")
        return held

    def exchange(self, code: str) -> tuple[Grant, Grant]:
        """An access token and a refresh token for a code. Raises BadGrant."""
        granted = self.pending(code)
        del self._codes[code]
        self._exchanged.add(code)
        self._refresh = self._renewed(granted, f"7001:1:{self._hex()}")
        return self._issue_access(self._refresh), self._refresh

    def refresh(self, token: str) -> tuple[Grant, Grant]:
        """A new access token; the refresh token stays, good for 60 days more. Raises BadGrant."""
        held = self.installed
        if held is None or held.text != token:
            raise BadGrant("Invalid grant: refresh_token is invalid")
        self._refresh = self._renewed(held, held.text)
        return self._issue_access(self._refresh), self._refresh

    def scopes_of(self, access_token: str) -> frozenset[str] | None:
        """The scopes of an access token, None where it is not good."""
        held = self._access.get(access_token)
        return held.scopes if held is not None and self._lives(held) else None

    def drop_access(self, token: str | None = None) -> None:
        """Make one access token useless, or all."""
        if token is None:
            self._access.clear()
        else:
            self._access.pop(token, None)

    def drop_all(self) -> None:
        """Make every code and token useless."""
        self._codes.clear()
        self._access.clear()
        self._refresh = None

    def _issue_access(self, granted: Grant) -> Grant:
        """An access token with the length and the signs of real ones."""
        self._made += 1
        seeds = (f"access {self._made} {part}" for part in range(_DIGESTS))
        parts = (sha512(seed.encode()).digest() for seed in seeds)
        text = "v1u:" + b64encode(b"".join(parts)).decode()
        until = self._clock.now() + ACCESS_SECONDS
        self._access[text] = Grant(text, granted.redirect_uri, granted.scopes, until)
        return self._access[text]

    def _renewed(self, granted: Grant, text: str) -> Grant:
        until = self._clock.now() + REFRESH_SECONDS
        return Grant(text, granted.redirect_uri, granted.scopes, until)

    def _lives(self, held: Grant) -> bool:
        return self._clock.now() < held.until

    def _hex(self) -> str:
        self._made += 1
        return sha1(f"grant {self._made}".encode(), usedforsecurity=False).hexdigest()
