"""Checks of money in Chargebee's subscriptions: mrr, rates, currencies without cents."""

from collections.abc import Iterable
from math import log
from statistics import median

from chargepipe.actions.probe.calls import EVENTS
from chargepipe.actions.probe.finding import Check, Seen, judge, unclear
from chargepipe.actions.probe.hands import Hands, Row
from chargepipe.actions.probe.source import both
from chargepipe.actions.probe.worth import WORTH
from chargepipe.http import as_dict, as_dicts

CLEARLY = 3.0
"""How much nearer one reading of a price must be than the other."""
NOT_COUNTED = ("cancelled", "transferred", "future")


def mrr_there(hands: Hands) -> Seen:
    """Look whether active subscriptions tell their mrr."""
    active = [row for row in both(hands, "subscription") if row.get("status") == "active"]
    if not active:
        return unclear("There is no active subscription.", "Start one, then probe again.")
    told_by = sum("mrr" in row for row in active)
    words = f"{told_by} of {len(active)} active subscriptions tell it."
    todo = "Do not use CB Customer MRR: a missing one counts as 0."
    return judge(2 * told_by > len(active), words, todo)


def mrr_moves(hands: Hands) -> Seen:
    """Compare the time of mrr_updated events with updated_at of their subscriptions."""
    params = {"limit": 20, "event_type[is]": "mrr_updated", "sort_by[desc]": "occurred_at"}
    heard = hands.chargebee(EVENTS, params)
    gaps = list(_gaps(as_dicts(heard.body.get("list")) or ()))
    if not gaps:
        return unclear("No event tells of a computed mrr.", "Change a subscription, wait a minute.")
    moved = [gap for gap in gaps if gap <= 1]
    words = f"{len(moved)} of {len(gaps)} moved it."
    return judge(not moved, words, "Nothing: changes of mrr just arrive sooner.")


def _gaps(rows: Iterable[Row]) -> Iterable[int]:
    for row in rows:
        event = as_dict(row.get("event")) or {}
        held = (as_dict(event.get("content")) or {}).get("subscription") or {}
        if "updated_at" in held:
            yield abs(event["occurred_at"] - held["updated_at"])


def ended_mrr(hands: Hands) -> Seen:
    """Look for mrr on subscriptions that do not count."""
    rows = [row for row in both(hands, "subscription") if row.get("status") in NOT_COUNTED]
    some = [row for row in rows if row.get("mrr")]
    if not rows:
        return unclear("No subscription is cancelled, transferred or to start.")
    words = f"{len(some)} of {len(rows)} have some."
    return judge(not some, words, "Nothing: chargepipe looks at the status, not at their mrr.")


def rate_direction(hands: Hands) -> Seen:
    """Compare exchange rates with what the currencies are roughly worth."""
    votes = {"as": 0, "inverse": 0}
    for row in both(hands, "subscription"):
        own, base = row.get("currency_code"), row.get("base_currency_code")
        rate = float(row.get("exchange_rate") or 0)
        if own != base and own in WORTH and base in WORTH and rate > 0:
            vote = _direction(rate, WORTH[own] / WORTH[base])
            votes |= {vote: votes.get(vote, 0) + 1}
    if votes["as"] == votes["inverse"]:
        todo = "Make a subscription in another currency (JPY, say), then probe again."
        return unclear("No rate tells its direction.", todo)
    words = f"{votes['as']} rates so, {votes['inverse']} the other way round."
    todo = "Report it, and do not sum over several currencies."
    return judge(votes["as"] > votes["inverse"], words, todo)


def _direction(rate: float, expected: float) -> str:
    """Nearer to the worth or to its inverse; "" where both are alike."""
    if abs(log(expected)) < log(2):
        return ""
    return "as" if abs(log(rate / expected)) < abs(log(rate * expected)) else "inverse"


def zero_decimals(hands: Hands) -> Seen:
    """Compare prices of items in currencies without decimals with their prices in others."""
    signs: dict[str, int] = {}
    for prices in _prices(hands).values():
        usual = [p / 100 * WORTH[c] for c, p in prices.items() if c not in hands.zero_decimal]
        for code in hands.zero_decimal:
            if code in prices and usual:
                sign = _cents(prices[code] * WORTH[code], median(usual))
                signs[code] = signs.get(code, 0) + sign
    if not any(signs.values()):
        todo = "Make subscriptions of one plan in JPY and in your own currency, then probe again."
        return unclear("No item has prices in such a currency and another one.", todo)
    wrong = [code for code, sign in signs.items() if sign > 0]
    words = f"Seen: {', '.join(signs)}." + (f" With cents: {', '.join(wrong)}." if wrong else "")
    return judge(not wrong, words, f"Compare an invoice; take {', '.join(wrong)} out of it if so.")


def _prices(hands: Hands) -> dict[str, dict[str, int]]:
    """Unit prices as Chargebee writes them, by item (its id without the currency), by currency."""
    prices: dict[str, dict[str, int]] = {}
    for row in both(hands, "subscription"):
        code = str(row.get("currency_code"))
        for item in as_dicts(row.get("subscription_items")) or ():
            if item.get("unit_price") and code in WORTH:
                name = str(item.get("item_price_id")).replace(code, "")
                prices.setdefault(name, {})[code] = item["unit_price"]
    return prices


def _cents(whole: float, usual: float) -> int:
    """1 where the last two digits must be cents for a price to be usual, -1 where not, else 0."""
    apart = abs(log(whole / usual)) - abs(log(whole / 100 / usual))
    return 0 if abs(apart) < log(CLEARLY) else 1 if apart > 0 else -1


MONEY_CHECKS = (
    Check(61, "Most active subscriptions tell `mrr`; a missing one counts as 0.", mrr_there),
    Check(62, "The late computing of `mrr` does not move `updated_at`.", mrr_moves),
    Check(63, "Cancelled, transferred and future subscriptions have no `mrr`.", ended_mrr),
    Check(64, "`exchange_rate` is what one unit is worth in the base currency.", rate_direction),
    Check(65, "Currencies of `zero_decimal` have no cents in amounts.", zero_decimals),
)
