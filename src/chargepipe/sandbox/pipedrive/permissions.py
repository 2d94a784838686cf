"""What the user of the token may do (fact sheets 6 and 9)."""

from ..messages import Row
from .attributes import Kind
from .errors import Invalid
from .values import words

DESCRIBED = tuple(
    f"can_{rest}"
    for rest in words(
        "add_custom_fields add_products add_prospects_as_leads bulk_edit_items "
        "change_visibility_of_items convert_deals_to_leads create_own_workflow "
        "delete_activities delete_custom_fields delete_deals edit_custom_fields "
        "edit_deals_closed_date edit_products edit_shared_filters export_data_from_lists "
        "follow_other_users merge_deals merge_organizations merge_people modify_labels "
        "see_company_wide_statistics see_deals_list_summary see_hidden_items_names "
        "see_other_users see_other_users_statistics see_security_dashboard share_filters "
        "share_insights use_api use_email_tracking use_import"
    )
)
"""What GET /v1/users/{id}/permissions tells."""
PLURAL: dict[Kind, str] = {"person": "people", "organization": "organizations", "deal": "deals"}
UNTOLD = tuple(
    name
    for verb in ("add", "edit", "delete")
    for plural in PLURAL.values()
    if (name := f"can_{verb}_{plural}") not in DESCRIBED
)
"""Rights for records of one kind, which no call tells (only a refusal does)."""
_ADMIN_ONLY = ("can_add_custom_fields", "can_delete_custom_fields", "can_edit_custom_fields")


class Permissions:
    """All is allowed but what was forbidden."""

    def __init__(self) -> None:
        self._forbidden: set[str] = set()

    def forbid(self, permission: str) -> None:
        """Take a right from the token's user. Raises ValueError for one that does not exist."""
        self._forbidden.add(_known(permission))

    def allow(self, permission: str) -> None:
        """Give a right back. Raises ValueError for one that does not exist."""
        self._forbidden.discard(_known(permission))

    def may(self, permission: str) -> bool:
        """Whether the token's user has the right."""
        return _known(permission) not in self._forbidden

    def need(self, verb: str, kind: Kind) -> None:
        """Raises Invalid (403) where the right ``can_VERB_KINDS`` is missing."""
        plural = PLURAL[kind]
        if not self.may(f"can_{verb}_{plural}"):
            raise Invalid(f"You do not have permission to {verb} {plural}", 403, "ERR_FORBIDDEN")

    def told(self) -> Row:
        """The rights of the token's user, as v1 answers them."""
        return {name: self.may(name) for name in DESCRIBED}


def of_others() -> Row:
    """The rights of a user who is no admin."""
    return {name: name not in _ADMIN_ONLY for name in DESCRIBED}


def _known(permission: str) -> str:
    if permission not in (*DESCRIBED, *UNTOLD):
        known = ", ".join(sorted((*DESCRIBED, *UNTOLD)))
        raise ValueError(f"there is no permission {permission!r}; there are {known}")
    return permission
