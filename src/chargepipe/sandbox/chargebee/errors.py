"""Chargebee's error answers (fact sheet 8)."""

from typing import Any

from ..edge import HTML, page
from ..messages import Answer, Refused

CODES: dict[int, tuple[str, ...]] = {
    400: (
        *("invalid_request", "param_wrong_value", "configuration_incompatible"),
        "resource_limit_exhausted",
    ),
    401: ("api_authentication_failed", "basic_authentication_failed"),
    402: ("payment_processing_failed",),
    403: ("api_authorization_failed", "request_blocked"),
    404: ("site_not_found", "resource_not_found"),
    405: ("http_method_not_supported",),
    409: ("invalid_state_for_request",),
    422: ("unable_to_process_request",),
    429: (
        *("api_request_limit_exceeded", "lock_timeout"),
        "third_party_api_request_limit_exceeded",
    ),
    500: ("internal_error",),
    503: (
        *("internal_temporary_error", "db_connection_failure", "site_read_only_mode"),
        "site_not_ready",
    ),
}
"""The error codes of each status; the first is what a fault without a code answers with."""
_MESSAGES = {
    "api_authentication_failed": "Sorry, authentication failed. Invalid api key",
    "api_authorization_failed": "Sorry, the api key has no rights to do this operation",
    "request_blocked": "Sorry, requests of this site are blocked. Please contact support",
    "site_not_found": "Sorry, there is no such site",
    "api_request_limit_exceeded": "Sorry, you have reached the API limit of the site",
    "lock_timeout": "Sorry, the resource is being changed by another request",
    "site_read_only_mode": "Sorry, the site is in read only mode at the moment",
}
_IN_FRONT = (502, 504, 524)


def error(status: int, code: str, message: str, **more: Any) -> Answer:
    """An error answer; `more` holds `type`, `param`, `error_code` where Chargebee sends them."""
    body: dict[str, Any] = {
        "message": message,
        "api_error_code": code,
        "error_code": code,
        "error_msg": message,
        "http_status_code": status,
    }
    kind = _type(status)
    return Answer(status, body | ({"type": kind} if kind else {}) | more)


def trouble(status: int, code: str | None = None) -> Answer:
    """The error with a status: with `code`, or the usual one of the status.

    502, 504 and 524, which come from in front of Chargebee, are a web page where no code is given.
    """
    if code is None and status in _IN_FRONT:
        return Answer(status, page(status), content_type=HTML)
    code = code or CODES.get(status, ("internal_error",))[0]
    return error(status, code, _MESSAGES.get(code, "Sorry, something went wrong"))


def wrong(param: str, why: str) -> Refused:
    """A parameter that is refused: 400 param_wrong_value."""
    return Refused(error(400, "param_wrong_value", f"{param} : {why}", param=param))


def refused(status: int, code: str, message: str, **more: Any) -> Refused:
    """A request that is refused for another reason."""
    return Refused(error(status, code, message, **more))


def not_found(kind: str, record_id: str) -> Refused:
    """404 for a record that is not there, or is deleted."""
    return refused(404, "resource_not_found", f"{kind} {record_id} not found")


def _type(status: int) -> str | None:
    """`type`; it is absent where the key is in question."""
    if status in (401, 403):
        return None
    if status == 402:
        return "payment"
    return "operation_failed" if status in (422, 429) or status >= 500 else "invalid_request"
