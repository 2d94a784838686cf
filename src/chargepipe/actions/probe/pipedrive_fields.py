"""Checks of Pipedrive's custom fields, currencies, user and headers."""

import secrets

from chargepipe.actions.probe.finding import Check, Seen, Unclear, differs, holds, judge, unclear
from chargepipe.actions.probe.hands import Hands, Row, refused, told
from chargepipe.http import as_dict, as_dicts
from chargepipe.pipedrive import costs

LIMITS = (
    "x-daily-ratelimit-token-limit",
    "x-daily-ratelimit-token-remaining",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
)
SECOND_LIMIT = "x-daily-requests-left"


def same_field_names(hands: Hands) -> Seen:
    """Make two custom fields of one name."""
    name = hands.name()
    hands.make_field("person", field_name=name, field_type="varchar")
    heard = hands.post_field("person", {"field_name": name, "field_type": "varchar"})
    words = f"The second one was answered {told(heard)}."
    if heard.status == 403:
        return unclear(words, "The plan's limit of fields may be reached: free one.")
    return judge(heard.ok, words, "Nothing: chargepipe looks for the name first.")


def option_ids(hands: Hands) -> Seen:
    """Make a field with options and look at their ids."""
    labels = [{"label": "one"}, {"label": "two"}]
    row = hands.make_field("person", field_type="enum", options=labels)
    ids = [option.get("id") for option in as_dicts(row.get("options")) or ()]
    kinds = sorted({type(id).__name__ for id in ids})
    whole = bool(ids) and kinds == ["int"]
    words = f"{len(ids)} options, ids are {' and '.join(kinds) or 'missing'}."
    return judge(whole, words, "Report it: values of option fields would be refused.")


def unknown_field(hands: Hands) -> Seen:
    """PATCH a person's name together with a custom field that does not exist."""
    row, code = hands.make("person"), secrets.token_hex(20)
    wish = {"name": hands.name(), "custom_fields": {code: "x"}}
    heard = hands.patch("person", row["id"], wish)
    got = as_dict(hands.get("person", row["id"]).body.get("data")) or {}
    whole = not heard.ok and got.get("name") == row["name"]
    named = code in str(heard.body.get("error"))
    words = (
        f"It answered {told(heard)}, {'' if named else 'not '}naming the field; "
        f"{'nothing' if whole else 'something'} was written."
    )
    todo = "Nothing: the fields are looked up anew." if whole else "Report it: values get lost."
    return judge(whole and named, words, todo)


def unknown_currency(hands: Hands) -> Seen:
    """Make a deal in a currency that the account does not have."""
    known = {row.get("code") for row in _currencies(hands)}
    code = next(f"QQ{sign}" for sign in "QXZWVUTS" if f"QQ{sign}" not in known)
    return _in_currency(hands, code)


def inactive_currency(hands: Hands) -> Seen:
    """Make a deal in a currency that is switched off."""
    off = [str(row.get("code")) for row in _currencies(hands) if row.get("active_flag") is False]
    if not off:
        todo = "Switch a currency off in Pipedrive (Company settings, Currencies), probe again."
        raise Unclear("No currency of the account is switched off.", todo, "not checked")
    return _in_currency(hands, off[0])


def _in_currency(hands: Hands, code: str) -> Seen:
    heard = hands.post("deal", {"title": hands.name(), "value": 1, "currency": code})
    words = f"It answered {told(heard)}."
    if heard.status == 403:
        return unclear(words, "A limit of deals may be reached, or a right is missing.")
    return judge(not heard.ok, words, "Nothing: a currency that is not active is never sent.")


def decimal_points(hands: Hands) -> Seen:
    """Look whether every active currency tells its decimal points."""
    active = [row for row in _currencies(hands) if row.get("active_flag") is not False]
    silent = [row for row in active if not isinstance(row.get("decimal_points"), int)]
    words = f"{len(active) - len(silent)} of {len(active)} active currencies tell them."
    return judge(not silent, words, "Nothing: two are taken where none are told.")


def _currencies(hands: Hands) -> list[Row]:
    heard = hands.once(costs.CURRENCIES)
    rows = as_dicts(heard.body.get("data"))
    if not heard.ok or rows is None:
        raise refused(heard, "the list of currencies")
    return list(rows)


def admin_told(hands: Hands) -> Seen:
    """Look whether users/me tells who is an admin."""
    me = as_dict(hands.once(costs.ME).body.get("data")) or {}
    access = as_dicts(me.get("access"))
    told_by = "access" if access is not None else "is_admin" if "is_admin" in me else "nothing"
    words = f"It is told by {told_by}."
    return judge(access is not None, words, "Make sure in Pipedrive that the user is an admin.")


def limit_headers(hands: Hands) -> Seen:
    """Look at the headers of an answer."""
    headers = hands.once(costs.ME).headers
    missing = [name for name in LIMITS if name not in headers]
    words = f"Missing: {', '.join(missing)}." if missing else "All are there."
    return judge(not missing, words, "Set daily_tokens: it counts where no header tells.")


def second_limit(hands: Hands) -> Seen:
    """Look for the header of the older limit of writes a day."""
    headers = hands.once(costs.ME).headers
    if SECOND_LIMIT not in headers:
        return holds("The header is not sent.")
    todo = "Keep to 10,000 writes a day: set budget_share lower if needed."
    return differs("The header is sent.", todo)


FIELD_CHECKS = (
    Check(17, "A currency that the account does not have is refused.", unknown_currency),
    Check(18, "A currency that is switched off is refused.", inactive_currency),
    Check(19, "Every active currency tells its decimal points.", decimal_points),
    Check(23, "Two custom fields may have one name.", same_field_names),
    Check(27, "An unknown custom field fails the whole write, and is named.", unknown_field),
    Check(28, "Option ids of custom fields are integers.", option_ids),
    Check(32, "Answers tell the tokens of the day and the burst limit.", limit_headers),
    Check(33, "There is no second limit of writes a day (`x-daily-requests-left`).", second_limit),
    Check(34, "`users/me` tells admins by `access`.", admin_told),
)
