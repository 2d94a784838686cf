"""Calls that only the probe sends; all others stand with the clients.

Paths and prices: Pipedrive's OpenAPI files (x-token-cost), a test compares them; Chargebee's are
those of its API v2.
"""

from typing import Final

from chargepipe.http import Operation
from chargepipe.pipedrive import Entity
from chargepipe.pipedrive.costs import FIELDS, ROOTS

SEARCH: Final = {kind: Operation("GET", f"{root}/search", 20) for kind, root in ROOTS.items()}
MERGE: Final[dict[Entity, Operation]] = {
    "person": Operation("PUT", "/api/v1/persons/{id}/merge", 40),
    "organization": Operation("PUT", "/api/v1/organizations/{id}/merge", 40),
}
DELETE_FIELD: Final = {
    kind: Operation("DELETE", f"{root}/{{code}}", 3) for kind, root in FIELDS.items()
}
ALL: Final = (*SEARCH.values(), *MERGE.values(), *DELETE_FIELD.values())

EVENTS: Final = Operation("GET", "/api/v2/events")
CUSTOM_FIELDS: Final = Operation("GET", "/api/v2/custom_field_configs")
