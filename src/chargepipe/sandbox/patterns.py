"""Regular expressions from outside: only those that are quick on every text."""

import re

LONGEST = 200
"""Characters of a pattern."""
_SINGLE = re.compile(r"\\.|\[\^?\]?[^\]]*\]", re.DOTALL)
"""One escaped sign, or a class of signs."""
_REPEATED_GROUP = re.compile(r"\)[*+{]")
_BACK = re.compile(r"\\[1-9]")
_RULES = (
    f"a pattern has at most {LONGEST} characters, eight |, two of *, + and {{}}, three with ?, "
    "none of them behind a group, no \\1 and no (? but (?:"
)


def refuse_slow(pattern: str | None) -> None:
    """Raise ValueError for a pattern that could try the ways to divide a text for ever.

    That grows with each repetition, and beyond all bounds where a group is repeated.
    """
    if pattern is None:
        return
    plain = _SINGLE.sub("x", pattern).replace("(?:", "(")
    open_ended = sum(plain.count(sign) for sign in "*+{")
    if (
        len(pattern) > LONGEST
        or plain.count("|") > 8
        or open_ended > 2
        or open_ended + plain.count("?") > 3
        or "(?" in plain
        or _REPEATED_GROUP.search(plain)
        or _BACK.search(pattern)
    ):
        raise ValueError(_RULES)
