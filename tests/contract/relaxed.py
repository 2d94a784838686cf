"""Where the published descriptions are not taken at their word; nothing else is relaxed.

Objects are closed beyond what the descriptions say: an attribute that is not named fails, in both
directions. Sources: the fact sheets of the two APIs ("chargebee 9" is section 9 of Chargebee's).
"""

import re
from copy import deepcopy
from typing import Any

Json = dict[str, Any]

PIPEDRIVE_NULLS = {
    *("last_name", "org_id", "picture_id", "address", "organization", "next_cursor"),
    *("country", "admin_area_level_1", "admin_area_level_2", "locality", "sublocality", "route"),
    *("street_number", "subpremise", "postal_code"),
    *("won_time", "first_won_time", "lost_time", "stage_change_time", "expected_close_date"),
    *("person_id", "person_name", "org_name"),
}
"""Attributes of answers that may be null though the descriptions type them otherwise.

Their nullability is unreliable (pipedrive 0 names the times of deals). Records without a value have
null, the last page has no next cursor (pipedrive 3), the parts of an address that a write leaves
out become null (4).
"""

PIPEDRIVE_NUMBERS = {"value"}
"""Typed as integer in the search of deals alone; everywhere else it is a number (pipedrive 12)."""

LISTED_CHOICES = {"status", "include_fields"}
"""Query parameters that take several of their enumeration, with commas (pipedrive 3 and 4)."""

MERCHANTS_OWN = "^cf_"
"""Chargebee's custom fields, which no description can name (chargebee 9)."""

UNNAMED = {
    "Invoice": ("base_currency_code",),
    "Transaction": ("base_currency_code",),
    "CreditNote": ("base_currency_code", "exchange_rate"),
}
"""Attributes that recorded payloads hold and the description of the component leaves out.

A test finds each of them in ../shared/specs/samples.
"""

NESTED = re.compile(r"(\w+)\[\w+\]\[\w+\]")
"""Filters of an attribute in an attribute, as ``relationship[parent_id][is]``.

The derived description keeps the outer name alone; the SDK's types have them all (chargebee 3).
"""

LABELS = ("include_labels", "labels")
"""A parameter and what it adds to each record, by its own description; no schema has it.

Likewise what `include_fields` lists in its enumeration is added, though most schemas leave it out.
"""

LIVE_401 = "error_info"
"""Pipedrive's 401 holds it, as seen live (pipedrive 9); the description leaves it out."""

PIPEDRIVE_ERROR: Json = {
    "type": "object",
    "required": ["success", "error"],
    "properties": {
        "success": {"const": False},
        "error": {"type": "string"},
        "error_info": {"type": "string"},
        "data": {"type": "null"},
        "additional_data": {"type": "null"},
        "code": {"type": "string"},
        "errorCode": {"type": "integer"},
    },
    "additionalProperties": False,
}
"""Pipedrive describes next to no errors; these are the shapes of pipedrive 9."""

CHARGEBEE_ERRORS = {400, 401, 402, 403, 404, 405, 409, 422, 429, 500, 503}
"""Statuses of chargebee 8; those that the derived description leaves out share its Error."""

TEXT_ERRORS = {"chargebee": {502, 503, 504}, "pipedrive": {403, 502, 503, 504, 524}}
"""Statuses that may come with a body that is no JSON (chargebee 8; pipedrive 2.4: Cloudflare)."""

OAUTH_PAGES = "text/html"
"""What the OAuth server tells a user in the browser, also where it goes wrong (pipedrive 7)."""

OAUTH_ERROR: Json = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "success": {"const": False},
        "error": {"type": "string"},
        "error_description": {"type": "string"},
        "message": {"type": "string"},
    },
    "additionalProperties": False,
}
"""Errors of the OAuth server: RFC 6749 section 5.2, which pipedrive 7 quotes (invalid_grant)."""

_TEXT: Json = {"type": "string"}
_REVOKE: Json = {
    "requestBody": {
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "required": ["token"],
                    "properties": {
                        "token": _TEXT,
                        "token_type_hint": {"enum": ["access_token", "refresh_token"]},
                    },
                }
            }
        }
    },
    "responses": {
        "200": {
            "content": {
                "application/json": {
                    "schema": {"type": "object", "properties": {"success": {"const": True}}}
                }
            }
        }
    },
    "x-token-cost": 0,
}
_DECISION: Json = {
    "requestBody": {
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "required": ["client_id", "redirect_uri", "decision"],
                    "properties": {
                        "client_id": _TEXT,
                        "redirect_uri": _TEXT,
                        "state": _TEXT,
                        "decision": {"enum": ["allow", "deny"]},
                    },
                }
            }
        }
    },
    "responses": {"302": {"content": {"text/plain": {}}}},
    "x-token-cost": 0,
}


def oauth_paths(paths: Json) -> Json:
    """What v1 says of OAuth, mended in three places.

    POST /oauth/token is described twice, once for each grant: laid together. /oauth/revoke is not
    described at all: its body is RFC 7009's, as pipedrive 7 says. POST /oauth/authorize is the
    button of the page that the description only calls text/html; its form is the sandbox's own.
    """
    token = deepcopy(paths["/oauth/token"])
    _form(token)["properties"] |= _form(paths["/oauth/token/"])["properties"]
    return {
        "/oauth/authorize": paths["/oauth/authorize"] | {"post": _DECISION},
        "/oauth/token": token,
        "/oauth/token/": token,
        "/oauth/revoke": {"post": _REVOKE},
    }


def _form(item: Json) -> Json:
    return next(iter(item["post"]["requestBody"]["content"].values()))["schema"]
