"""Which scopes let an app make a call: the `security` of Pipedrive's OpenAPI files."""

NAMES = (
    *("base", "deals:read", "deals:full", "activities:read", "activities:full"),
    *("contacts:read", "contacts:full", "products:read", "products:full"),
    *("projects:read", "projects:full", "leads:read", "leads:full", "mail:read", "mail:full"),
    *("goals:read", "goals:full", "deal-fields:full", "contact-fields:full"),
    *("product-fields:full", "project-fields:full", "users:read", "recents:read"),
    *("search:read", "admin", "phone-integration", "video-calls", "messengers-integration"),
)
"""Every scope there is (fact sheet 7)."""
_RECORDS = {"persons": "contacts", "organizations": "contacts", "deals": "deals"}
_FIELDS = {
    "personFields": ("contacts", "contact-fields:full"),
    "organizationFields": ("contacts", "contact-fields:full"),
    "dealFields": ("deals", "deal-fields:full"),
}
_OTHERS = {"currencies": "base", "users": "users:read", "itemSearch": "search:read"}


def wanted(method: str, template: str) -> frozenset[str]:
    """The scopes of which one is needed for the call at a path template (``/persons/{id}``)."""
    first, *rest = template.strip("/").split("/")
    if first in _RECORDS:
        return frozenset(_of_record(_RECORDS[first], method, rest))
    if first in _FIELDS:
        return frozenset(_of_field(*_FIELDS[first], method, rest))
    if first in ("pipelines", "stages") and method == "GET":
        return frozenset({"deals:read", "deals:full", "admin"})
    if template == "/users/me":
        return frozenset({"base"})
    return frozenset({_OTHERS.get(first, "admin")})


def _of_record(kind: str, method: str, rest: list[str]) -> set[str]:
    found = {f"{kind}:full"}
    if method == "GET":
        found.add(f"{kind}:read")
    if rest == ["search"]:
        found.add("search:read")
    if "products" in rest:
        found.add("products:full")
        if method == "GET":
            found.add("products:read")
    return found


def _of_field(kind: str, fields: str, method: str, rest: list[str]) -> set[str]:
    """Reading goes with the records; writing needs a scope of its own, but not for options."""
    found = {fields, "admin"}
    if method == "GET":
        found |= {f"{kind}:read", f"{kind}:full"}
    if method == "PATCH" or "options" in rest:
        found.add(f"{kind}:full")
    return found
