"""Pipedrive's error answers (fact sheet 9)."""

from ..edge import HTML, page
from ..messages import Answer

MESSAGES = {
    400: "Bad request",
    402: "Company account is not open",
    403: "Request not allowed",
    404: "Resource not found",
    405: "Method not allowed",
    410: "Old resource permanently unavailable",
    415: "Feature is not enabled",
    422: "Webhooks limit reached",
    429: "Request over limit",
    500: "Internal server error",
    501: "Non-existent functionality",
    503: "Scheduled maintenance",
}
"""What each status means, where a call has no words of its own."""
AT_THE_EDGE = (502, 504, 524)
"""Statuses that the network in front answers, with a web page."""


class Invalid(ValueError):
    """A request that Pipedrive refuses; `status` and `code` as in its answer."""

    def __init__(self, message: str, status: int = 400, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


def failed_checks(*problems: str) -> Invalid:
    """400 ERR_SCHEMA_VALIDATION_FAILED with each problem as ``key: what is wrong``."""
    return Invalid("Validation failed: " + "; ".join(problems), 400, "ERR_SCHEMA_VALIDATION_FAILED")


def failure(status: int, message: str, code: str | None = None) -> Answer:
    """An error answer in the shape that both versions share."""
    body = {
        "success": False,
        "error": message,
        "error_info": "Please check developers.pipedrive.com for more information",
        "data": None,
        "additional_data": None,
    }
    return Answer(status, body | ({"code": code} if code else {}))


def bare_failure(status: int, message: str) -> Answer:
    """An error of the gateway, which stands before the API itself.

    Its words for a missing scope are "Scope and URL mismatch" (pipedrive/client-php issue 14).
    """
    body = {
        "success": False,
        "error": message,
        "errorCode": status,
        "error_info": "Please check developers.pipedrive.com",
    }
    return Answer(status, body)


def unauthorized() -> Answer:
    """What the gateway says to a bad token and to an unknown path alike."""
    return bare_failure(401, "unauthorized access")


def trouble(status: int, code: str | None = None) -> Answer:
    """The answer with a status that is asked for by hand; at the edge it is a web page."""
    if status == 401:
        return unauthorized()
    if status in AT_THE_EDGE:
        return Answer(status, page(status), content_type=HTML)
    return failure(status, MESSAGES.get(status, "Something went wrong"), code)
