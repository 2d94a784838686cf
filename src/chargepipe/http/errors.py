"""What can go wrong with a call, sorted by what the caller has to do about it.

The classes follow the error sections of the two API fact sheets. Messages never hold a secret, a
body or personal data; a server's own sentence is quoted only from a JSON error, at most 200 signs.
"""

from datetime import datetime
from typing import Literal

Service = Literal["Chargebee", "Pipedrive"]


class ServiceError(Exception):
    """A call did not do what it should. `str()` is one line: what happened and what to do.

    `status` is the HTTP status (None: no answer came), `code` the service's own error code.
    """

    def __init__(
        self, service: Service, message: str, status: int | None = None, code: str | None = None
    ) -> None:
        super().__init__(service, message, status, code)
        self.service: Service = service
        self.message = message
        self.status = status
        self.code = code

    def __str__(self) -> str:
        return self.message


class Transient(ServiceError):
    """Network, 5xx or burst limit, still so after all tries. A write was certainly not made."""


class PauseUntilReset(ServiceError):
    """The account's API tokens of the day are gone; nothing was done.

    `resets_at` is aware UTC, or None where Pipedrive does not say (it resets at its own midnight).
    """

    def __init__(
        self,
        service: Service,
        message: str,
        status: int | None = None,
        code: str | None = None,
        resets_at: datetime | None = None,
    ) -> None:
        super().__init__(service, message, status, code)
        self.args = (service, message, status, code, resets_at)
        self.resets_at = resets_at


class Breaker(ServiceError):
    """A 403 that is a web page: traffic is blocked at the edge. Send nothing for 15 minutes.

    A write that met it is to be treated like an Uncertain one.
    """


class Reconnect(ServiceError):
    """401, or a key that cannot be one: the credentials are not valid; the user must connect."""


class NeedsAdmin(ServiceError):
    """403 or 402: a right, a quota or a payment is missing; `code` tells which where known."""


class BadRecord(ServiceError):
    """400, 409, 422 as JSON: this one request is refused for good; a write was not made."""


class Gone(ServiceError):
    """The record is deleted or was never there."""


class UnknownSite(ServiceError):
    """Chargebee has no site of this name."""


class BadAnswer(ServiceError):
    """A read got something that is not the API: no JSON, a missing part, a redirect."""


class Uncertain(ServiceError):
    """A write was sent and its outcome is not known; it may have been done, or may be done yet."""
