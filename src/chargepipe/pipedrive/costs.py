"""Every operation that we send to Pipedrive, with its price in API tokens.

The prices are `x-token-cost` of Pipedrive's OpenAPI files (v1, v2); a contract test compares them.
They are flat: a list page costs the same for 1 row and for 500.
"""

from typing import Final, Literal

from chargepipe.http import Operation

Entity = Literal["person", "organization", "deal"]

ROOTS: Final[dict[Entity, str]] = {
    "person": "/api/v2/persons",
    "organization": "/api/v2/organizations",
    "deal": "/api/v2/deals",
}
FIELDS: Final[dict[Entity, str]] = {
    "person": "/api/v2/personFields",
    "organization": "/api/v2/organizationFields",
    "deal": "/api/v2/dealFields",
}

ME: Final = Operation("GET", "/api/v1/users/me", 2)
USERS: Final = Operation("GET", "/api/v1/users", 20)
CURRENCIES: Final = Operation("GET", "/api/v1/currencies", 20)
PIPELINES: Final = Operation("GET", "/api/v2/pipelines", 5)
STAGES: Final = Operation("GET", "/api/v2/stages", 5)
ARCHIVED_DEALS: Final = Operation("GET", "/api/v2/deals/archived", 20)

LIST: Final = {entity: Operation("GET", root, 10) for entity, root in ROOTS.items()}
GET: Final = {entity: Operation("GET", f"{root}/{{id}}", 1) for entity, root in ROOTS.items()}
CREATE: Final = {entity: Operation("POST", root, 5) for entity, root in ROOTS.items()}
UPDATE: Final = {entity: Operation("PATCH", f"{root}/{{id}}", 5) for entity, root in ROOTS.items()}
DELETE: Final = {entity: Operation("DELETE", f"{root}/{{id}}", 3) for entity, root in ROOTS.items()}

LIST_FIELDS: Final = {entity: Operation("GET", root, 10) for entity, root in FIELDS.items()}
CREATE_FIELD: Final = {entity: Operation("POST", root, 5) for entity, root in FIELDS.items()}
ADD_OPTIONS: Final = {
    entity: Operation("POST", f"{root}/{{code}}/options", 5) for entity, root in FIELDS.items()
}

ALL: Final = (
    ME,
    USERS,
    CURRENCIES,
    PIPELINES,
    STAGES,
    ARCHIVED_DEALS,
    *(
        operation
        for table in (
            LIST,
            GET,
            CREATE,
            UPDATE,
            DELETE,
            LIST_FIELDS,
            CREATE_FIELD,
            ADD_OPTIONS,
        )
        for operation in table.values()
    ),
)


def cost(method: str, template: str) -> int:
    """Return the price of an operation in tokens. Raises KeyError where we never send it."""
    return _PRICES[method, template]


_PRICES = {(operation.method, operation.template): operation.cost for operation in ALL}
