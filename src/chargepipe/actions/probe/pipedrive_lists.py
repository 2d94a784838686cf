"""Checks of Pipedrive's lists and its search: what they show, and when."""

from collections.abc import Callable
from typing import Literal

from chargepipe.actions.probe.calls import SEARCH
from chargepipe.actions.probe.finding import Check, Seen, differs, holds, judge, unclear
from chargepipe.actions.probe.hands import Hands, Row, told
from chargepipe.http import as_dict, as_dicts
from chargepipe.pipedrive import Entity, costs

SEARCH_SECONDS = 30.0
KEPT = "The lists still show it as it was."


def shown_in_time(hands: Hands) -> Seen:
    """Make a person and ask the list of what was updated until it is there."""
    row = hands.make("person")
    took = hands.until(lambda: hands.listed("person", row) is not None, hands.settle)
    if took is None:
        words = f"It was not shown within {hands.settle:.0f} s."
        return differs(words, "Set CHARGEPIPE_SETTLE_SECONDS higher, and probe again.")
    return holds(f"It was shown after at most {took:.0f} s.")


def ids_after_delete(hands: Hands) -> Seen:
    """Ask for a deleted person by `ids=`."""
    row = hands.make_listed("person")
    hands.delete("person", row["id"])

    def look() -> Row | None:
        return next(iter(hands.rows("person", ids=str(row["id"]))), None)

    return _left_out(hands, look)


def since_after_delete(hands: Hands) -> Seen:
    """Ask for what was updated after a person and an organization were deleted."""
    for kind in ("person", "organization"):
        seen = _since_after_delete(hands, kind)
        if seen.state != "holds":
            break
    return seen


def _since_after_delete(hands: Hands, kind: Entity) -> Seen:
    row = hands.make_listed(kind)
    hands.delete(kind, row["id"])
    return _left_out(hands, lambda: hands.listed(kind, row))


def _left_out(hands: Hands, look: Callable[[], Row | None]) -> Seen:
    fate = _fate(hands, look)
    if fate == "kept":
        return unclear(KEPT, "See assumption 1.")
    words = "It is left out." if fate == "gone" else "It is listed with is_deleted."
    return judge(fate == "gone", words, "Nothing: is_deleted counts as deleted.")


def _fate(hands: Hands, look: Callable[[], Row | None]) -> Literal["gone", "told", "kept"]:
    """What became of a deleted record in a list, once the list has heard of it."""
    seen: list[Row | None] = []

    def heard_of() -> bool:
        seen.append(look())
        return seen[-1] is None or seen[-1].get("is_deleted") is True

    if hands.until(heard_of, hands.settle) is None:
        return "kept"
    return "gone" if seen[-1] is None else "told"


def deleted_deals(hands: Hands) -> Seen:
    """Ask for deleted deals after one was deleted."""
    row = hands.make_listed("deal")
    hands.delete("deal", row["id"])

    def there() -> bool:
        since = str(row["update_time"])
        rows = hands.rows("deal", status="deleted", updated_since=since)
        return any(each.get("id") == row["id"] for each in rows)

    took = hands.until(there, hands.settle)
    if took is not None:
        return holds(f"It was listed after at most {took:.0f} s.")
    if hands.listed("deal", row) is not None:
        return unclear(KEPT, "See assumption 1.")
    return differs("It is not listed.", "Nothing yet: chargepipe does not read this list.")


def unknown_parameter(hands: Hands) -> Seen:
    """Send a parameter that no list has."""
    heard = hands.pipedrive(costs.LIST["person"], {"limit": 1, "chargepipe_probe": "1"})
    words = f"It answered {told(heard)}."
    return judge(not heard.ok, words, "Nothing: chargepipe sends known parameters only.")


def fractional_seconds(hands: Hands) -> Seen:
    """Send `updated_since` with a fraction of a second."""
    since = "2030-01-01T00:00:00.500Z"
    heard = hands.pipedrive(costs.LIST["person"], {"limit": 1, "updated_since": since})
    words = f"It answered {told(heard)}."
    return judge(not heard.ok, words, "Nothing: chargepipe sends whole seconds.")


def search_in_time(hands: Hands) -> Seen:
    """Make a person and search for its name until it is found."""
    row = hands.make("person")
    term = str(row["name"])

    def found() -> bool:
        params = {"term": term, "fields": "name", "exact_match": True, "limit": 100}
        heard = hands.pipedrive(SEARCH["person"], params)
        items = as_dicts((as_dict(heard.body.get("data")) or {}).get("items")) or ()
        return any((as_dict(each.get("item")) or {}).get("id") == row["id"] for each in items)

    took = hands.until(found, SEARCH_SECONDS)
    if took is None:
        words = f"It was not found within {SEARCH_SECONDS:.0f} s."
        return differs(words, "Nothing: a sync never searches.")
    return holds(f"It was found after at most {took:.0f} s.")


LIST_CHECKS = (
    Check(1, "Lists show a write within the settle time (120 s).", shown_in_time),
    Check(10, "`ids=` leaves out deleted records.", ids_after_delete),
    Check(11, "`updated_since` lists no deleted persons and organizations.", since_after_delete),
    Check(12, "Deals with `status=deleted` lists deals that were deleted.", deleted_deals),
    Check(15, "API v2 refuses an unknown query parameter.", unknown_parameter),
    Check(16, "A fraction of a second in `updated_since` is refused.", fractional_seconds),
    Check(31, "Search finds a new record within 30 s.", search_in_time),
)
