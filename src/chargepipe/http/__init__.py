"""What the clients of both services share: throttle, retry, time-outs, errors, redaction."""

from chargepipe.http.calls import Call, CallLog, Operation
from chargepipe.http.client import checked_secret, open_http
from chargepipe.http.clock import Clock
from chargepipe.http.errors import (
    BadAnswer,
    BadRecord,
    Breaker,
    Gone,
    NeedsAdmin,
    PauseUntilReset,
    Reconnect,
    Service,
    ServiceError,
    Transient,
    Uncertain,
    UnknownSite,
)
from chargepipe.http.paging import Page, walk
from chargepipe.http.shapes import as_dict, as_dicts
from chargepipe.http.throttle import Throttle
from chargepipe.http.wire import Answer, Heard, Params, Wire

__all__ = [
    "Answer",
    "BadAnswer",
    "BadRecord",
    "Breaker",
    "Call",
    "CallLog",
    "Clock",
    "Gone",
    "Heard",
    "NeedsAdmin",
    "Operation",
    "Page",
    "Params",
    "PauseUntilReset",
    "Reconnect",
    "Service",
    "ServiceError",
    "Throttle",
    "Transient",
    "Uncertain",
    "UnknownSite",
    "Wire",
    "as_dict",
    "as_dicts",
    "checked_secret",
    "open_http",
    "walk",
]
