"""Checks of what the key may read, and of how records are written. Nothing but GET."""

from collections.abc import Iterable

from chargepipe.actions.probe.calls import CUSTOM_FIELDS, EVENTS
from chargepipe.actions.probe.finding import Check, Seen, differs, holds, judge, unclear
from chargepipe.actions.probe.hands import Hands, Row, told
from chargepipe.actions.probe.source import KINDS, both
from chargepipe.chargebee.client import CONFIGURATIONS
from chargepipe.http import as_dict, as_dicts

DAY = 86_400
EVENT_DAYS = 90


def configuration(hands: Hands) -> Seen:
    """Ask for the site itself."""
    heard = hands.chargebee(CONFIGURATIONS)
    found = (as_dicts(heard.body.get("configurations")) or ({},))[0]
    missing = [key for key in ("domain", "product_catalog_version") if not found.get(key)]
    words = f"It answered {told(heard)}, " + (f"without {missing[0]}." if missing else "with both.")
    return judge(heard.ok and not missing, words, "Nothing: it is taken for catalog 2.0.")


def custom_fields_readable(hands: Hands) -> Seen:
    """Ask for the definitions of custom fields."""
    heard = hands.chargebee(CUSTOM_FIELDS, {"entity_type": "customer"})
    words = f"It answered {told(heard)}."
    return judge(heard.ok, words, "Nothing: chargepipe does not read them.")


def events_readable(hands: Hands) -> Seen:
    """Ask for the newest event."""
    heard = hands.chargebee(EVENTS, {"limit": 1})
    return judge(heard.ok, f"It answered {told(heard)}.", "Nothing: a sync reads no events.")


def event_days(hands: Hands) -> Seen:
    """Ask for the oldest event."""
    heard = hands.chargebee(EVENTS, {"limit": 1, "sort_by[asc]": "occurred_at"})
    rows = as_dicts(heard.body.get("list")) or ()
    if not rows:
        return unclear("There is no event.")
    event = as_dict(rows[0].get("event")) or {}
    days = (heard.server_time.timestamp() - int(event.get("occurred_at", 0))) / DAY
    words = f"The oldest event is {days:.0f} days old."
    if days < EVENT_DAYS - 10:
        return unclear(words, "Probe again when the site has events of more than 90 days ago.")
    return judge(days <= EVENT_DAYS + 1, words, "Nothing: a sync reads no events.")


def custom_dates(hands: Hands) -> Seen:
    """Look at the values of custom fields that are dates or times."""
    kinds: set[str] = set()
    for kind in ("customer", "subscription"):
        names = _date_fields(hands, kind)
        rows = both(hands, kind) if names else []
        kinds |= {type(row[name]).__name__ for row in rows for name in names if name in row}
    if not kinds:
        todo = "Make a custom field of the type date in Chargebee, fill it, probe again."
        return unclear("No record has a custom field that is a date.", todo)
    words = f"They come as {' and '.join(sorted(kinds))}."
    return judge(kinds == {"str"}, words, "Nothing: ISO text and unix seconds are both read.")


def _date_fields(hands: Hands, entity: str) -> list[str]:
    heard = hands.chargebee(CUSTOM_FIELDS, {"entity_type": entity})
    rows = [as_dict(each.get("custom_field_config")) or each for each in _listed(heard.body)]
    dates = [row for row in rows if row.get("field_datatype") in ("date", "timestamp")]
    return [str(row.get("api_name")) for row in dates]


def _listed(body: Row) -> Iterable[Row]:
    return as_dicts(body.get("list")) or as_dicts(body.get("custom_field_configs")) or ()


def no_nulls(hands: Hands) -> Seen:
    """Look for attributes that are there and null."""
    rows = [row for kind in KINDS for row in both(hands, kind)]
    names = sorted({name for row in rows for name, value in row.items() if value is None})
    if not rows:
        return unclear("There is no record.", "Make a customer, then probe again.")
    if not names:
        return holds(f"None in {len(rows)} records.")
    plain = ["a custom field" if name.startswith("cf_") else name for name in names]
    return differs(f"Null: {', '.join(sorted(set(plain)))}.", "Nothing: null counts as absent.")


SOURCE_VALUE_CHECKS = (
    Check(60, "The list of events reaches back 90 days.", event_days),
    Check(66, "Dates in custom fields are ISO text.", custom_dates),
    Check(67, "What is empty is left out, never null.", no_nulls),
    Check(72, "`configurations` tells the site and its product catalog.", configuration),
    Check(73, "`custom_field_configs` can be read with the key.", custom_fields_readable),
    Check(74, "`events` can be read with the key.", events_readable),
)
