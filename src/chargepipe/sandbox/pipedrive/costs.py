"""What each call costs in API tokens: `x-token-cost` of Pipedrive's OpenAPI files."""

DAILY_TOKENS = 30_000
"""Tokens a day and seat, before the plan's multiplier (fact sheet 2.1)."""
MULTIPLIER = {"lite": 1, "growth": 2, "premium": 5, "ultimate": 7}
BURST = {"lite": 20, "growth": 40, "premium": 100, "ultimate": 120}
"""Requests in any 2 seconds with an API token (fact sheet 2.3)."""
OAUTH_TIMES = 4
"""So many times more with an app's access token (fact sheet 2.3)."""
FIELD_QUOTA = {"lite": 30, "growth": 100, "premium": 300, "ultimate": 500}
"""Custom fields of a company, all entities together (fact sheet 2.5)."""
DEAL_QUOTA = {"lite": 2_500, "growth": 5_000, "premium": 15_000, "ultimate": 20_000}
"""Leads and open deals, for each seat (fact sheet 2.5)."""
MOST_DEALS = 300_000
"""Leads and open deals, however many seats."""
SEARCH_BURST = 10

_RECORDS = {
    ("GET", ""): 10,
    ("POST", ""): 5,
    ("GET", "/{id}"): 1,
    ("PATCH", "/{id}"): 5,
    ("DELETE", "/{id}"): 3,
    ("GET", "/search"): 20,
}
_FIELDS = {
    ("GET", ""): 10,
    ("POST", ""): 5,
    ("GET", "/{field_code}"): 1,
    ("PATCH", "/{field_code}"): 5,
    ("DELETE", "/{field_code}"): 3,
    ("POST", "/{field_code}/options"): 5,
    ("PATCH", "/{field_code}/options"): 5,
    ("DELETE", "/{field_code}/options"): 3,
}
V2 = {
    (method, f"/{name}{tail}"): cost
    for names, prices in (
        (("persons", "organizations", "deals"), _RECORDS),
        (("personFields", "organizationFields", "dealFields"), _FIELDS),
    )
    for name in names
    for (method, tail), cost in prices.items()
} | {
    ("GET", "/deals/archived"): 20,
    ("GET", "/deals/{id}/products"): 10,
    ("POST", "/deals/{id}/products"): 5,
    ("POST", "/deals/{id}/products/bulk"): 25,
    ("DELETE", "/deals/{id}/products/{product_attachment_id}"): 3,
    ("GET", "/pipelines"): 5,
    ("GET", "/pipelines/{id}"): 1,
    ("GET", "/stages"): 5,
    ("GET", "/stages/{id}"): 1,
}
"""Tokens by method and path template of API v2."""
V1 = {
    ("GET", "/users/me"): 2,
    ("GET", "/users"): 20,
    ("GET", "/users/{id}"): 2,
    ("GET", "/users/{id}/permissions"): 10,
    ("PUT", "/persons/{id}/merge"): 40,
    ("PUT", "/organizations/{id}/merge"): 40,
    ("PUT", "/deals/{id}/merge"): 40,
    ("GET", "/currencies"): 20,
    ("GET", "/webhooks"): 10,
    ("POST", "/webhooks"): 10,
    ("DELETE", "/webhooks/{id}"): 6,
}
"""Tokens by method and path template of API v1."""
