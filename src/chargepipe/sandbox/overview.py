"""What GET /_sandbox/state tells: all that the page shows besides single records."""

from typing import TYPE_CHECKING, cast

from .data.customers import CURRENCIES
from .hook_list import listed
from .messages import Row
from .pipedrive.crm import Crm
from .pipedrive.fields import ENTITIES
from .pipedrive.values import labels
from .terms import Terms

if TYPE_CHECKING:
    from .sandbox import Sandbox

NEWEST = 20
"""Calls and events shown."""
PERMISSIONS = (
    *("can_add_custom_fields", "can_edit_custom_fields", "can_delete_custom_fields"),
    *(
        f"can_{verb}_{kinds}"
        for kinds in ("people", "organizations", "deals")
        for verb in ("add", "edit", "delete")
    ),
)
"""The rights that a sync needs; there are more."""
LARGE = 5000
"""Customers beyond which no cases are told: to find them, every sample record is read once."""


def overview(sandbox: "Sandbox") -> Row:
    """The whole state, JSON-able, without a secret: no key, no token, no password of a webhook."""
    return {
        "now": sandbox.clock.now(),
        "billing_moves": sandbox.billing_moves,
        "under_way": sandbox.customers.under_way(),
        **_counters(sandbox),
        "site": {"domain": sandbox.site.domain, **Terms("site", sandbox.site).all()},
        "company": _company(sandbox),
        "outbox": _outbox(sandbox),
        "hooks": listed(sandbox.chargebee_hooks.rows(), sandbox.hooks.all()),
        "faults": sandbox.faults.in_force(),
        "calls": _calls(sandbox),
        "events": _events(sandbox),
        "fields": _fields(sandbox),
        "app": {"name": sandbox.apps.name, "is_installed": sandbox.apps.is_installed},
        "permissions": {name: sandbox.crm.may(name) for name in PERMISSIONS},
        "choices": _choices(sandbox),
        "cases": _cases(sandbox),
    }


def _counters(sandbox: "Sandbox") -> Row:
    rows = {kind: shelf.table.last for kind, shelf in sandbox.billing.shelves.items()}
    rows |= {kind: records.table.last for kind, records in sandbox.crm.records.items()}
    left = sandbox.tokens_left_today
    return {
        "requests": dict(sandbox.counts),
        "too_many": dict(sandbox.too_many),
        "tokens_used": sandbox.tokens_used,
        "tokens_left_today": left,
        "tokens_used_today": sandbox.company.daily_tokens - left,
        "rows": rows,
    }


def _company(sandbox: "Sandbox") -> Row:
    company = sandbox.company
    limits = {"daily_tokens": company.daily_tokens, "burst": company.burst}
    return Terms("company", company).all() | limits | {"field_quota": company.field_quota}


def _outbox(sandbox: "Sandbox") -> Row:
    counts = {"waiting": sandbox.outbox.waiting, "sent": sandbox.outbox.sent}
    return counts | Terms("outbox", sandbox.outbox).all()


def _calls(sandbox: "Sandbox") -> list[Row]:
    names = ("service", "method", "path", "status", "tokens")
    log = sandbox.requests
    newest = [log[-number] for number in range(1, min(NEWEST, len(log)) + 1)]
    return [dict(zip(names, entry, strict=True)) for entry in newest]


def _events(sandbox: "Sandbox") -> list[Row]:
    table = sandbox.billing.shelves["event"].table
    newest = (table.get(number) for number in range(table.last, max(table.last - NEWEST, 0), -1))
    return [_event(row) for row in newest if row]


def _event(row: Row) -> Row:
    """An event without its content, but with the ids of the records that it is about."""
    content: Row = row["content"]
    about = {kind: cast(Row, one)["id"] for kind, one in content.items() if isinstance(one, dict)}
    names = ("id", "event_type", "occurred_at", "webhook_status")
    return {name: row.get(name) for name in names} | {"about": about}


def _fields(sandbox: "Sandbox") -> Row:
    """The custom fields of each entity: code, name, type, option ids with their labels."""
    held: Row = {}
    for entity in ENTITIES:
        rows = sandbox.crm.field_set.custom(entity)
        held[entity] = [
            {
                "code": code,
                "name": row["field_name"],
                "type": row["field_type"],
                "options": labels(row),
            }
            for code, row in rows.items()
        ]
    return held


def _choices(sandbox: "Sandbox") -> Row:
    """Names to choose from in forms."""
    crm = sandbox.crm
    return {
        "plans": sandbox.subscriptions.plans(),
        "currencies": list(CURRENCIES),
        "crm_currencies": [each["code"] for each in crm.currencies if each["active_flag"]],
        "stages": _stages(crm),
        "users": [{"id": each["id"], "name": each["name"]} for each in crm.users],
    }


def _cases(sandbox: "Sandbox") -> dict[str, str]:
    """The id of one sample customer of each case."""
    if sandbox.billing.shelves["customer"].table.size > LARGE:
        return {}
    return {case: ids[0] for case, ids in sandbox.billing.cases.items()}


def _stages(crm: Crm) -> list[Row]:
    """Each stage with the pipeline in its name."""
    names = {each["id"]: each["name"] for each in crm.pipelines}
    return [
        {"id": each["id"], "name": f"{names[each['pipeline_id']]}: {each['name']}"}
        for each in crm.stages
    ]
