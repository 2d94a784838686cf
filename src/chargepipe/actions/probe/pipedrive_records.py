"""Checks of what Pipedrive makes of what is written into single records."""

from datetime import datetime
from typing import Any

from chargepipe.actions.probe.finding import Check, Seen, differs, holds, judge, unclear
from chargepipe.actions.probe.hands import Hands, told
from chargepipe.http import Heard, as_dict
from chargepipe.pipedrive import costs

CLOCKS_APART = 60.0


def one_clock(hands: Hands) -> Seen:
    """Compare a new record's update_time with the Date header of the same answer."""
    heard = hands.post("person", {"name": hands.name()})
    row = as_dict(heard.body.get("data")) or {}
    made = datetime.fromisoformat(str(row.get("update_time")))
    apart = abs((heard.server_time - made).total_seconds())
    todo = "Report it: an overlap of 10 minutes may be too short." if apart > 600 else ""
    return judge(apart <= CLOCKS_APART, f"They are {apart:.0f} s apart.", todo)


def owner_is_the_user(hands: Hands) -> Seen:
    """Make a person without an owner."""
    row = hands.make("person")
    me = hands.once(costs.ME)
    same = row.get("owner_id") == (as_dict(me.body.get("data")) or {}).get("id")
    words = "It belongs to the user of the token." if same else "It belongs to somebody else."
    return judge(same, words, "Nothing, unless new people should belong to the token's user.")


def same_names(hands: Hands) -> Seen:
    """Make two persons, then two organizations, of one name."""
    again: list[Heard] = []
    for kind in ("person", "organization"):
        name = hands.name()
        hands.make(kind, name=name)
        again.append(hands.post(kind, {"name": name}))
    words = f"The second ones were answered {', '.join(told(heard) for heard in again)}."
    todo = "Two customers of one name: the second one fails with Pipedrive's own words."
    return judge(all(heard.ok for heard in again), words, todo)


def null_emails(hands: Hands) -> Seen:
    """PATCH a person's emails with null."""
    address = f"probe-{hands.marker[-8:]}@example.invalid"
    row = hands.make("person", emails=[{"value": address, "primary": True, "label": "work"}])
    heard = hands.patch("person", row["id"], {"emails": None})
    left = len((as_dict(heard.body.get("data")) or {}).get("emails") or ())
    words = f"It answered {told(heard)}" + (f" and left {left}." if heard.ok else ".")
    return judge(not heard.ok, words, "Nothing: chargepipe never sends null there.")


def null_links(hands: Hands) -> Seen:
    """PATCH a deal's organization and expected close with null."""
    deal = hands.make("deal", expected_close_date="2030-01-31", org_id=_organization(hands))
    heard = hands.patch("deal", deal["id"], {"org_id": None, "expected_close_date": None})
    words = f"It answered {told(heard)}."
    return judge(not heard.ok, words, "Nothing: an undo tries it, and empties them then.")


def long_names(hands: Hands) -> Seen:
    """Make a person with a name of 255 characters, and one of 256."""
    heard = [hands.post("person", {"name": hands.name().ljust(n, "x")}) for n in (255, 256)]
    kept = [len(str((as_dict(each.body.get("data")) or {}).get("name") or "")) for each in heard]
    words = "; ".join(
        f"{n} characters: {told(each)}, {length} kept"
        for n, each, length in zip((255, 256), heard, kept, strict=True)
    )
    if heard[0].ok and kept[0] == 255:
        return judge(not heard[1].ok, words, "Nothing: chargepipe cuts at 255.")
    return differs(words, "Report it: longer names are refused, and their customers named.")


def angle_bracket(hands: Hands) -> Seen:
    """Make a person with HTML's own signs in its name."""
    name = f"{hands.name()} <b> & Sons"
    kept = str(hands.make("person", name=name).get("name"))
    if kept == name:
        return holds("It came back as it was.")
    how = "escaped" if "&lt;" in kept else "changed"
    return differs(f"It came back {how}.", "Report it: such a name would be written every time.")


def outer_blanks(hands: Hands) -> Seen:
    """Make a person with blanks around its name."""
    name = hands.name()
    trimmed = hands.make("person", name=f"  {name}  ").get("name") == name
    words = "They were cut off." if trimmed else "They were kept."
    return judge(trimmed, words, "Nothing: chargepipe cuts them off before it writes.")


def value_alone(hands: Hands) -> Seen:
    """PATCH the value of a deal and look whether another attribute went empty."""
    deal = hands.make(
        "deal", value=1, expected_close_date="2030-01-31", org_id=_organization(hands)
    )
    record = as_dict(hands.patch("deal", deal["id"], {"value": 2}).body.get("data")) or {}
    emptied = sorted(key for key, value in deal.items() if _lost(value, record.get(key)))
    words = f"It emptied {', '.join(emptied)}." if emptied else "Nothing else changed."
    return judge(not emptied, words, "Report it: a deal's other attributes must go along.")


def _organization(hands: Hands) -> int:
    id: int = hands.make("organization")["id"]
    return id


def _lost(before: Any, after: Any) -> bool:
    return before not in (None, [], {}, "") and after in (None, [], {}, "")


def failed_costs(hands: Hands) -> Seen:
    """Compare the tokens that remain before and after a call that is refused."""
    row, prices = hands.make("person"), set[int]()
    for _ in range(2):
        hands.get("person", row["id"])
        before = hands.line.left
        heard = hands.patch("person", row["id"], {"no_such_attribute": 1})
        if heard.ok or before is None or hands.line.left is None:
            return unclear("The answers do not tell what remains.", "See assumption 32.")
        prices.add(before - hands.line.left)
    price = costs.UPDATE["person"].cost
    if len(prices) > 1 or not prices <= {0, price}:
        return unclear("Others spend tokens at this moment.", "Probe again at a quiet time.")
    words = f"A PATCH that was refused took {prices.pop()} tokens."
    return judge(str(price) in words, words, "Nothing: the headers put the ledger right.")


RECORD_CHECKS = (
    Check(3, "A record's `update_time` and the `Date` header follow one clock.", one_clock),
    Check(5, "A call that fails (4xx) costs its full price.", failed_costs),
    Check(20, "Names of 255 characters are kept whole, longer ones are refused.", long_names),
    Check(21, "`<` and `&` in a name come back as they were sent.", angle_bracket),
    Check(22, "Blanks around a name are cut off.", outer_blanks),
    Check(24, "Two persons, and two organizations, may have one name.", same_names),
    Check(25, '`"emails": null` in a PATCH is refused.', null_emails),
    Check(
        78,
        "A deal's person, organization and expected close cannot be emptied by null.",
        null_links,
    ),
    Check(26, "A PATCH with a deal's value leaves its other attributes alone.", value_alone),
    Check(
        29, "A record made without an owner belongs to the user of the token.", owner_is_the_user
    ),
)
