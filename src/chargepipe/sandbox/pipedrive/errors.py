"""Pipedrive's error answers (fact sheet 9)."""

from ..messages import Answer


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


def unauthorized() -> Answer:
    """What the gateway says to a bad token and to an unknown path alike."""
    body = {
        "success": False,
        "error": "unauthorized access",
        "errorCode": 401,
        "error_info": "Please check developers.pipedrive.com",
    }
    return Answer(401, body)
