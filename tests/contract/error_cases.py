"""Every way, known to us, to be refused by the sandbox without the help of an injected fault."""

from collections.abc import Callable
from typing import Any

import httpx2

from chargepipe.sandbox import Options
from contract.line import WitnessedLine

Case = Callable[[WitnessedLine], httpx2.Response]
Code = str | None
HOOK = {"name": "Hook", "url": "http://127.0.0.1:9/hook"}
V1_HOOK = {
    "subscription_url": HOOK["url"],
    "event_action": "*",
    "event_object": "person",
    "name": "Hook",
}


def repeated(
    line: WitnessedLine, times: int, call: Callable[[], httpx2.Response], pause: float = 1.0
) -> httpx2.Response:
    """The last of many answers, with seconds between the calls."""
    for _ in range(times - 1):
        call()
        line.clock.advance(pause)
    return call()


def full(line: WitnessedLine, method: str, path: str, **more: Any) -> httpx2.Response:
    """A call to Chargebee with the key for everything."""
    auth = (line.sandbox.chargebee_full_key, "")
    return line.send("chargebee", method, f"/api/v2{path}", auth=auth, **more)


def too_many_endpoints(line: WitnessedLine) -> httpx2.Response:
    return repeated(line, 6, lambda: full(line, "POST", "/webhook_endpoints", data=HOOK))


def unplanned(line: WitnessedLine) -> httpx2.Response:
    made = line.sandbox.billing.add_subscription(line.ids("/customers")[0])
    return line.billing(f"/subscriptions/{made['id']}/retrieve_with_scheduled_changes")


def blocked_site(line: WitnessedLine) -> httpx2.Response:
    line.sandbox.site.live = line.sandbox.site.blocked = True
    return line.billing("/customers")


def again_and_again(line: WitnessedLine) -> httpx2.Response:
    return repeated(line, 151, lambda: line.billing("/configurations"), pause=0)


CHARGEBEE: dict[tuple[int, str], list[Case]] = {
    (400, "param_wrong_value"): [
        lambda line: line.billing("/customers", limit=101),
        lambda line: line.billing("/customers", nonsense="1"),
        lambda line: line.billing("/invoices", date__between="[2,1]"),
        lambda line: full(line, "POST", "/webhook_endpoints", data={"name": "Hook"}),
    ],
    (400, "invalid_request"): [
        unplanned,
        lambda line: full(line, "POST", "/webhook_endpoints", json=HOOK),
    ],
    (400, "configuration_incompatible"): [lambda line: line.billing("/plans")],
    (400, "resource_limit_exhausted"): [too_many_endpoints],
    (401, "api_authentication_failed"): [
        lambda line: line.send("chargebee", "GET", "/api/v2/customers", auth=("no", "")),
        lambda line: line.send("chargebee", "GET", "/api/v2/customers", auth=None),
    ],
    (403, "request_blocked"): [blocked_site],
    (403, "api_authorization_failed"): [
        lambda line: line.send("chargebee", "POST", "/api/v2/webhook_endpoints", data=HOOK)
    ],
    (404, "resource_not_found"): [
        lambda line: line.billing("/customers/nobody"),
        lambda line: line.billing("/items/nothing"),
        lambda line: line.billing("/webhook_endpoints/none"),
        lambda line: line.billing("/nonsense"),
    ],
    (405, "http_method_not_supported"): [lambda line: full(line, "PUT", "/customers")],
    (429, "api_request_limit_exceeded"): [again_and_again],
}
"""Ways to each error of Chargebee's, by status and api_error_code."""


def deleted(kind: str) -> Case:
    """To change a record that is deleted, where that answers 400."""

    def case(line: WitnessedLine) -> httpx2.Response:
        key = "title" if kind == "deal" else "name"
        made = line.crm("POST", f"/{kind}s", {key: "Gone"}).json()["data"]["id"]
        line.crm("DELETE", f"/{kind}s/{made}")
        return line.crm("PATCH", f"/{kind}s/{made}", {key: "Back"})

    return case


def person(line: WitnessedLine) -> int:
    return line.crm("POST", "/persons", {"name": "Ada"}).json()["data"]["id"]


def hidden(line: WitnessedLine) -> httpx2.Response:
    made = person(line)
    line.sandbox.crm.hide("person", made)
    return line.crm("GET", f"/persons/{made}")


def forbidden(line: WitnessedLine) -> httpx2.Response:
    line.sandbox.crm.forbid("can_add_people")
    return line.crm("POST", "/persons", {"name": "Ada"})


def no_new_fields(line: WitnessedLine) -> httpx2.Response:
    line.sandbox.crm.forbid("can_add_custom_fields")
    return line.crm("POST", "/personFields", {"field_name": "x", "field_type": "varchar"})


def too_many_fields(line: WitnessedLine) -> httpx2.Response:
    body = {"field_name": "One more", "field_type": "varchar"}
    return repeated(line, 31, lambda: line.crm("POST", "/dealFields", body))


def too_many_deals(line: WitnessedLine) -> httpx2.Response:
    while line.sandbox.crm.records["deal"].table.last < line.sandbox.company.deal_quota:
        line.sandbox.crm.add_deal(title="One more")
    return line.crm("POST", "/deals", {"title": "Too many"})


def locked_value(line: WitnessedLine) -> httpx2.Response:
    made = line.crm("POST", "/deals", {"title": "Priced"}).json()["data"]["id"]
    line.sandbox.crm.add_products(made, [10])
    return line.crm("PATCH", f"/deals/{made}", {"value": 1})


def closed_account(line: WitnessedLine) -> httpx2.Response:
    line.sandbox.company.is_open = False
    return line.crm("GET", "/persons")


def burst(line: WitnessedLine) -> httpx2.Response:
    return repeated(line, 21, lambda: line.crm("GET", "/pipelines"), pause=0)


def hammered(line: WitnessedLine) -> httpx2.Response:
    return repeated(line, 130, lambda: line.crm("GET", "/pipelines"), pause=0)


def spent_day(line: WitnessedLine) -> httpx2.Response:
    line.sandbox._pipedrive.budget.spend(10_000_000)  # pyright: ignore[reportPrivateUsage]
    return line.crm("GET", "/pipelines")


def too_many_hooks(line: WitnessedLine) -> httpx2.Response:
    return repeated(line, 41, lambda: v1(line, "POST", "/webhooks", json=V1_HOOK))


def foreign_hook(line: WitnessedLine) -> httpx2.Response:
    made = v1(line, "POST", "/webhooks", json=V1_HOOK).json()["data"]["id"]
    headers = {"authorization": f"Bearer {access(line, 'admin')}"}
    return line.send("pipedrive", "DELETE", f"/api/v1/webhooks/{made}", headers=headers)


def unscoped(line: WitnessedLine) -> httpx2.Response:
    headers = {"authorization": f"Bearer {access(line)}"}
    return line.send("pipedrive", "GET", "/api/v2/persons", headers=headers)


def v1(line: WitnessedLine, method: str, path: str, **more: Any) -> httpx2.Response:
    return line.send("pipedrive", method, f"/api/v1{path}", **more)


def bearer(line: WitnessedLine, header: str) -> httpx2.Response:
    return line.send("pipedrive", "GET", "/api/v2/persons", headers={"authorization": header})


def access(line: WitnessedLine, *scopes: str) -> str:
    """An access token with these scopes and "base"."""
    apps = line.sandbox.apps
    apps.register("http://127.0.0.1:9/back", scopes)
    code = apps.grants.issue_code("http://127.0.0.1:9/back", apps.scopes)
    return apps.grants.exchange(code)[0].text


def token(line: WitnessedLine, *, signed: bool = True, **form: str) -> httpx2.Response:
    """A call of the OAuth server for a token."""
    apps = line.sandbox.apps
    more: dict[str, Any] = {"auth": (apps.client_id, apps.client_secret)} if signed else {}
    return line.send("pipedrive", "POST", "/oauth/token", data=form, headers={}, **more)


def authorize(line: WitnessedLine, **params: str) -> httpx2.Response:
    return line.send("pipedrive", "GET", "http://127.0.0.1/oauth/authorize", params=params)


VALID = "ERR_SCHEMA_VALIDATION_FAILED"
PIPEDRIVE: dict[tuple[int, Code], list[Case]] = {
    (400, VALID): [
        lambda line: line.crm("GET", "/persons", limit=501),
        lambda line: line.crm("POST", "/persons", {}),
        lambda line: line.crm("POST", "/organizations", {"name": 1}),
        lambda line: line.crm("POST", "/deals", {"title": "x", "nonsense": 1}),
        lambda line: line.crm("POST", "/personFields", {"field_name": "x"}),
        lambda line: line.crm("GET", "/deals/search", term=""),
    ],
    (400, None): [
        locked_value,
        lambda line: bearer(line, "Basic nonsense"),
        lambda line: v1(line, "POST", "/webhooks", json={"name": "Hook"}),
        lambda line: v1(line, "PUT", "/persons/1/merge", json={"merge_with_id": 1}),
    ],
    (401, None): [
        lambda line: line.send("pipedrive", "GET", "/api/v2/persons", headers={}),
        lambda line: v1(line, "GET", "/users/me", headers={}),
        lambda line: v1(line, "GET", "/nonsense"),
        lambda line: bearer(line, "Bearer nonsense"),
    ],
    (402, None): [closed_account],
    (403, "ERR_FORBIDDEN"): [
        forbidden,
        no_new_fields,
        lambda line: line.crm("POST", "/persons", {"name": "x", "birthday": "2000-01-01"}),
        lambda line: line.crm("DELETE", "/personFields/name"),
    ],
    (403, "feature_capping_custom_fields_limit"): [too_many_fields],
    (403, "feature_capping_deals_limit"): [too_many_deals],
    (403, None): [foreign_hook, unscoped, hammered],
    (404, "ERR_NOT_FOUND"): [
        *(
            lambda line, path=path: line.crm("GET", f"/{path}/999999")
            for path in ("persons", "organizations", "deals", "pipelines", "stages")
        ),
        lambda line: line.crm("GET", f"/dealFields/{'0' * 40}"),
    ],
    (404, None): [
        lambda line: v1(line, "GET", "/users/999999"),
        lambda line: v1(line, "DELETE", "/webhooks/999999"),
        lambda line: line.send("pipedrive", "GET", "/oauth/nonsense"),
    ],
    (405, None): [lambda line: line.crm("PUT", "/persons/1", {})],
    (422, None): [too_many_hooks],
    (429, None): [burst, spent_day],
}
"""Ways to each error of Pipedrive's, by status and code, with the careful options."""

OAUTH: dict[str, Case] = {
    "invalid_client": lambda line: token(line, signed=False, grant_type="refresh_token"),
    "invalid_request": lambda line: token(line),
    "unsupported_grant_type": lambda line: token(line, grant_type="password"),
    "invalid_grant": lambda line: token(line, grant_type="refresh_token", refresh_token="no"),
}
"""Ways to each error of the OAuth server's."""

PAGES: list[Case] = [
    lambda line: authorize(line),
    lambda line: authorize(line, client_id=line.sandbox.apps.client_id, redirect_uri="nowhere"),
    lambda line: line.send("pipedrive", "GET", "/oauth/authorize"),
]
"""What a user reads where the authorization is not as it should be."""

OTHER_OPTIONS: dict[tuple[int, str], tuple[Options, Case]] = {
    (403, "ERR_FORBIDDEN"): (Options(hidden="403"), hidden),
    **{
        (400, f"ERR_{kind.upper()}_DELETED"): (Options(deleted="400"), deleted(kind))
        for kind in ("person", "organization", "deal")
    },
}
"""Errors that come with other than the careful options alone."""
