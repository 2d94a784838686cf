"""What a call is: the operation that is asked for, and what is reported once it is over."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import quote

from chargepipe.http.errors import Service

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]

OPERATION: Final = "chargepipe.operation"
"""Key under which a request carries its operation down to the transports."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of an API. `template` is its path below the root, `cost` its price in tokens.

    Only the template is logged, for a filled-in path may hold a customer's id.
    """

    method: Method
    template: str
    cost: int = 0

    @property
    def of_one_record(self) -> bool:
        """Whether the path names one record, so that 404 says that it is gone."""
        return "{" in self.template

    def path(self, names: dict[str, str | int]) -> str:
        """Fill in the template; ids may hold any sign, a slash too."""
        return self.template.format_map({k: quote(str(v), safe="") for k, v in names.items()})


@dataclass(frozen=True, slots=True)
class Call:
    """One request as it left, for the token ledger and the counters.

    `status` is None where no answer came. `cost` is in tokens: the price of the operation, 0 for a
    429 and where no connection was made. That other failures cost the full price is an assumption:
    Pipedrive does not say. `token_limit` and `token_remaining` are the account's tokens of the day
    as Pipedrive's undocumented headers tell, None where they are missing. `burst_limit` is how many
    calls its window takes, None where that is not said or the call has a window of its own.
    """

    service: Service
    method: str
    template: str
    status: int | None
    cost: int
    milliseconds: float
    token_limit: int | None = None
    token_remaining: int | None = None
    burst_limit: int | None = None


CallLog = Callable[[Call], None]
"""Is told of every request, at once and in order; it must be quick and must not raise."""
