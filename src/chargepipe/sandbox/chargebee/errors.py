"""Chargebee's error answers (fact sheet 8)."""

from typing import Any

from ..messages import Answer, Refused


def error(status: int, code: str, message: str, **more: Any) -> Answer:
    """An error answer; `more` holds `type` and `param` where Chargebee sends them."""
    body = {
        "message": message,
        **more,
        "api_error_code": code,
        "error_code": code,
        "error_msg": message,
        "http_status_code": status,
    }
    return Answer(status, body)


def wrong(param: str, why: str) -> Refused:
    """A parameter that is refused: 400 param_wrong_value."""
    message = f"{param} : {why}"
    more = {"type": "invalid_request", "param": param}
    return Refused(error(400, "param_wrong_value", message, **more))


def not_found(kind: str, record_id: str) -> Refused:
    """404 for a record that is not there, or is deleted."""
    message = f"{kind} {record_id} not found"
    return Refused(error(404, "resource_not_found", message, type="invalid_request"))
