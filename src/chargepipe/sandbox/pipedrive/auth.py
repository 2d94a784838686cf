"""Who calls: the user of the API token, or an app with an access token (fact sheet 7)."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from secrets import compare_digest

from ..messages import Refused, Request, Row
from .company import Means
from .errors import bare_failure, failure, unauthorized


@dataclass(frozen=True, slots=True)
class Caller:
    """The user who calls, by which means, and what an app was granted.

    scopes: None for the API token, which has all rights of its user.
    """

    user_id: int
    means: Means
    scopes: frozenset[str] | None = None

    def may(self, wanted: Collection[str]) -> bool:
        """Whether one of the wanted scopes was granted."""
        return self.scopes is None or not self.scopes.isdisjoint(wanted)


class Auth:
    """Tells who calls: the user `me`, by whatever means; nothing opens once it is deactivated.

    granted: gives the scopes of a living access token, else None.
    """

    def __init__(
        self, token: str, me: Row, granted: Callable[[str], frozenset[str] | None]
    ) -> None:
        self._token = token
        self._me = me
        self._granted = granted

    def caller(self, request: Request) -> Caller:
        """The caller of a request. Raises Refused (400, 401).

        Where both are sent, the API token counts (ours: the pages do not say).
        """
        token = request.headers.get("x-api-token")
        if token is not None:
            good = compare_digest(token.encode(), self._token.encode())
            if not (good and self._me["active_flag"]):
                raise Refused(unauthorized())
            return Caller(self._me["id"], "api_token")
        if "authorization" not in request.headers:
            raise Refused(unauthorized())
        return self._app(request.headers["authorization"])

    def _app(self, header: str) -> Caller:
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Refused(failure(400, "Invalid request: malformed authorization header"))
        scopes = self._granted(token.strip())
        if scopes is None or not self._me["active_flag"]:
            raise Refused(bare_failure(401, "Invalid token: access token is invalid"))
        return Caller(self._me["id"], "oauth", scopes)
