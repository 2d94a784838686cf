"""What the lists of the site's own things filter and sort by: catalog, transfers, moves."""

from .fields import Listed, fields
from .filters import CHOICE, FLAG, NUMBER, TEXT, TIME

_PRICED = fields(
    **dict.fromkeys(("id", "name", "currency_code"), TEXT),
    **dict.fromkeys(("pricing_model", "period_unit", "status", "channel"), CHOICE),
    **dict.fromkeys(("price", "period"), NUMBER),
    updated_at=TIME,
)
_TRIAL = fields(trial_period=NUMBER, trial_period_unit=CHOICE)
PLAN = Listed(
    _PRICED | _TRIAL | fields(addon_applicability=CHOICE, giftable=FLAG, charge_model=CHOICE),
    tombstones=True,
)
ADDON = Listed(_PRICED | fields(type=CHOICE, charge_type=CHOICE), tombstones=True)
ITEM_PRICE = Listed(
    {name: held for name, held in _PRICED.items() if name != "price"}
    | _TRIAL
    | fields(
        **dict.fromkeys(("item_id", "item_family_id", "price_variant_id"), TEXT),
        item_type=CHOICE,
        business_entity_id=TEXT,
    ),
    ("name", "id", "updated_at"),
)
ITEM = Listed(
    fields(
        **dict.fromkeys(("id", "item_family_id", "name", "business_entity_id"), TEXT),
        **dict.fromkeys(("type", "item_applicability", "status", "usage_calculation"), CHOICE),
        **dict.fromkeys(("is_giftable", "enabled_for_checkout", "enabled_in_portal"), FLAG),
        metered=FLAG,
        channel=CHOICE,
        updated_at=TIME,
    ),
    ("name", "id", "updated_at"),
)
TRANSFER = Listed(
    fields(
        **dict.fromkeys(("resource_type", "resource_id", "active_resource_id"), TEXT),
        created_at=TIME,
    ),
    ("created_at",),
)
MIGRATION = Listed(
    fields(
        **dict.fromkeys(("entity_id_at_other_site", "other_site_name", "entity_id"), TEXT),
        **dict.fromkeys(("entity_type", "status"), CHOICE),
    )
)
