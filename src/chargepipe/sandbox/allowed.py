"""What POST /_sandbox/call may call; everything else is refused."""

ALLOWED: dict[str, tuple[str, ...]] = {
    "billing": (
        *("customer", "add_customer", "edit_customer", "delete_customer"),
        *("subscription", "add_subscription", "edit_subscription", "delete_subscription"),
        *("invoice", "add_invoice", "edit_invoice", "delete_invoice"),
        *("edit_mrr", "search"),
    ),
    "customers": (*("clear_personal_data", "merge", "move_out", "move_in", "transfer", "delete"),),
    "subscriptions": (
        *("start", "change", "remove_scheduled_changes", "cancel", "keep"),
        *("pause", "resume", "reactivate", "plans"),
    ),
    "invoices": ("raise_for", "pay", "void", "refund", "credit", "write_off", "delete"),
    "crm": (
        *("person", "add_person", "edit_person", "delete_person", "merge_persons"),
        *("organization", "add_organization", "edit_organization", "delete_organization"),
        *("merge_organizations", "deal", "deals", "add_deal", "edit_deal", "delete_deal"),
        *("merge_deals", "win_deal", "lose_deal", "reopen_deal", "move_deal"),
        *("archive_deal", "unarchive_deal", "add_products", "remove_products"),
        *("hide", "show", "search"),
        *("add_field", "rename_field", "delete_field", "add_option", "delete_option"),
        *("forbid", "allow"),
    ),
    "near": ("of",),
    "apps": ("register", "uninstall", "revoke"),
    "site": ("set",),
    "company": ("set",),
    "outbox": ("set",),
    "faults": ("add", "clear"),
    "clock": ("travel",),
}
"""The methods by target. A name that is not here cannot be called, whatever the sandbox has."""
