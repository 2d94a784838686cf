"""The merchant's own attributes of customers: one of every datatype (fact sheet 9)."""

from dataclasses import dataclass
from typing import Any, Literal

from .draw import ANCHOR, DAY, draw, iso

Dates = Literal["iso", "seconds"]
TIERS = ("bronze", "silver", "gold", "platinum")


@dataclass(frozen=True, slots=True)
class CustomField:
    """One custom field as GET /custom_field_configs describes it.

    edit_ui: how it is edited; a yes or no has no datatype of its own, but a check_box.
    """

    api_name: str
    display_name: str
    datatype: Literal["string", "long", "double", "timestamp", "date", "email", "url"]
    edit_ui: Literal["text", "drop_down", "date", "check_box"] = "text"
    options: tuple[str, ...] = ()


CUSTOMER_FIELDS = (
    CustomField("cf_tier", "Tier", "string", "drop_down", TIERS),
    CustomField("cf_seats", "Seats", "long"),
    CustomField("cf_score", "Score", "double"),
    CustomField("cf_onboarded", "Onboarded", "timestamp", "date"),
    CustomField("cf_renewal", "Renewal", "date", "date"),
    CustomField("cf_second_email", "Second email", "email"),
    CustomField("cf_website", "Website", "url"),
    CustomField("cf_newsletter", "Newsletter", "string", "check_box"),
)
"""Those that sample customers have; half of the customers have none of them."""


def custom_fields(seed: int, number: int, dates: Dates) -> dict[str, Any]:
    """The custom fields of a customer that has some; None where one of them is empty.

    dates: whether dates and times are written as ISO text or as unix seconds, which no page says.
    """
    drawn = draw(seed, "custom fields", number)
    day = ANCHOR + (100 + drawn[2] * 2) * DAY
    moment = ANCHOR - int.from_bytes(drawn[3:6]) % (900 * DAY)
    in_text = dates == "iso"
    return {
        "cf_tier": TIERS[drawn[0] % len(TIERS)],
        "cf_seats": drawn[1] or None,
        "cf_score": drawn[6] / 8 if drawn[6] < 200 else None,
        "cf_onboarded": (iso(moment) if in_text else moment) if drawn[7] < 200 else None,
        "cf_renewal": iso(day)[:10] if in_text else day,
        "cf_second_email": f"second.{number}@mail.example" if drawn[8] < 128 else None,
        "cf_website": f"https://site-{number}.example/" if drawn[9] < 128 else None,
        "cf_newsletter": drawn[10] < 128,
    }
