"""Reads an answer that is not a plain success and says which of our errors it is."""

from datetime import datetime, timedelta
from typing import Any

import httpx2

from chargepipe.http import errors, headers
from chargepipe.http.calls import Operation
from chargepipe.http.errors import Service, ServiceError
from chargepipe.http.redact import quote_server
from chargepipe.http.shapes import as_dict

NEW_KEY = "The key is not valid, or not any more: connect {service} again."
NO_SITE = "Chargebee has no site of this name: check the site name, and whether it is a test site."
READ_ONLY_KEY = "The key may not read this: use a read-only key of the kind 'Read-only: All'."
BLOCKED_SITE = "The site is blocked for too many calls: an admin must act on Chargebee's mail."
NO_TOKENS = "Pipedrive's API tokens of the day are used up: go on after its midnight."
EDGE = "{service} blocks our traffic: send nothing for 15 minutes."
TOO_FAST = "{service} kept refusing for too many calls at once: try again later."


def json_object(response: httpx2.Response) -> dict[str, Any] | None:
    """Return the body of an answer where it is a JSON object, else None."""
    try:
        return as_dict(response.json())
    except (ValueError, RecursionError):
        return None


def refusal(
    service: Service, operation: Operation, response: httpx2.Response, body: dict[str, Any] | None
) -> ServiceError:
    """Return the error for an answer that is not a success with a JSON object.

    A JSON 4xx on a write is certain: it was not made. Whatever else meets a write is Uncertain,
    but for a 401, a 429 and the 403 of the edge.
    """
    kind, advice = _sort(operation, response, body)
    message = _words(service, operation, response, body, advice.format(service=service))
    code = _code(body)
    if kind is errors.PauseUntilReset:
        return errors.PauseUntilReset(service, message, 429, code, _reset(response))
    return kind(service, message, response.status_code, code)


def _sort(
    operation: Operation, response: httpx2.Response, body: dict[str, Any] | None
) -> tuple[type[ServiceError], str]:
    status = response.status_code
    if status == 401:
        return errors.Reconnect, NEW_KEY
    if status == 429:
        return _too_many(response)
    if status == 403 and body is None:
        return errors.Breaker, EDGE
    if status >= 500 or status == 408:
        return _broken(operation)
    if body is None or status in range(300, 400):
        return _foreign(operation)
    return _refused(operation, status, body)


def _too_many(response: httpx2.Response) -> tuple[type[ServiceError], str]:
    if headers.is_daily_limit(response):
        return errors.PauseUntilReset, NO_TOKENS
    return errors.Transient, TOO_FAST


def _broken(operation: Operation) -> tuple[type[ServiceError], str]:
    if operation.method == "GET":
        return errors.Transient, "{service} has a problem of its own: try again later."
    return errors.Uncertain, "It may have been done: look it up."


def _foreign(operation: Operation) -> tuple[type[ServiceError], str]:
    if operation.method == "GET":
        return errors.BadAnswer, "This is not the API of {service}: check the address."
    return errors.Uncertain, "This is not the API of {service}; whether it was done is unknown."


def _refused(
    operation: Operation, status: int, body: dict[str, Any]
) -> tuple[type[ServiceError], str]:
    code = _code(body) or ""
    if status in (402, 403):
        return errors.NeedsAdmin, _missing_right(status, code)
    if code == "site_not_found":
        return errors.UnknownSite, NO_SITE
    if _is_gone(operation, status, code):
        return errors.Gone, "The record is deleted, or not visible for this user."
    if status in (404, 410) and operation.method == "GET":
        return errors.BadAnswer, "The service does not know this address: check it."
    return errors.BadRecord, "{service} refuses this request: correct what it names."


def _is_gone(operation: Operation, status: int, code: str) -> bool:
    if status in (404, 410):
        return operation.of_one_record
    return status == 400 and code.startswith("ERR_") and code.endswith("_DELETED")


def _missing_right(status: int, code: str) -> str:
    if code == "api_authorization_failed":
        return READ_ONLY_KEY
    if code == "request_blocked":
        return BLOCKED_SITE
    if code.startswith("feature_capping"):
        return "A limit of the Pipedrive plan is reached: free some, or ask an admin."
    if status == 402:
        return "The {service} account is not open (trial over, or not paid): ask an admin."
    return "The user lacks a right for this: ask an admin of {service}."


def _words(
    service: Service,
    operation: Operation,
    response: httpx2.Response,
    body: dict[str, Any] | None,
    advice: str,
) -> str:
    found = body or {}
    said = quote_server(found.get("message") or found.get("error"), response.request)
    answer = " ".join(filter(None, (str(response.status_code), _code(body))))
    quoted = f' "{said}"' if said else ""
    return (
        f"{service} answered {operation.method} {operation.template}"
        f" with {answer}{quoted}. {advice}"
    )


def _code(body: dict[str, Any] | None) -> str | None:
    found = body or {}
    code = found.get("api_error_code") or found.get("code")
    return code[:80] if isinstance(code, str) and code.isascii() else None


def _reset(response: httpx2.Response) -> datetime | None:
    """When tokens come back: a short Retry-After is about the burst and says nothing of the day."""
    wait = headers.seconds(response.headers, headers.RETRY_AFTER)
    heard = headers.server_time(response.headers)
    return heard + timedelta(seconds=wait) if heard and wait >= 60 else None
