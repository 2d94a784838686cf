"""Words of ours for pages: without the terminal's commands and names of the file; with labels."""

import re

_COMMAND = (
    r"chargepipe (?:--\w+ )?(?:backfill|connection|doctor|duplicates|errors|full|plan|preview|"
    r"reconcile|record|runs?|schedule|serve|sync|trial|undo|user|validate|worker)\b"
)
_END = r"[^;]*?(?=[.;] |[.;]?$)"
"""A command goes as far as its clause; a dot within it belongs to a name."""
_REPLACED: tuple[tuple[str, str], ...] = (
    (rf"or by: {_COMMAND}{_END}", "or you press “Sync this record”"),
    (rf"at once after {_COMMAND}{_END}", "at once after you connect again"),
    (rf"end it: {_COMMAND}{_END}", "cancel it on its page"),
    (r": chargepipe doctor\b", ""),
    (rf"; or, [^.;:]*: {_COMMAND}{_END}", ""),
    (rf"(?:^|(?<=[.!?])\s)[^.;:,]*: {_COMMAND}{_END}\.?", ""),
    (rf"[;,] (?:or )?[^.;:,]*: {_COMMAND}{_END}", ""),
    (r" \((?:errors decide|--)[^)]*\)", ""),
    (r" with --\w+", ""),
    (r" \([a-z]+(?:_[a-z]+)+\)| \([a-z_]+ = [^)]*\)", ""),
    (r"Apply its connection file again to link it\.", "Connect both accounts again."),
    (r"\bcreate_people is off\b", "“Make a person where none matches” is off"),
    (r"^subscription_deals$", "Deals from subscriptions"),
    (r"^invoice_deals$", "Deals from one-time invoices"),
    (r"Put organizations = true back", "Leave “Find and make organizations” on"),
    (
        r"""^(\w+) answered [A-Z]+ \S+ with (\d+(?: [^" ]+)?(?: ".*")?)\. ([A-Z].*)$""",
        r"\3 (\1 said: \2.)",
    ),
    (
        r"The key is not valid, or not any more: connect (\w+) again\.",
        r"\1 does not accept this key: it is wrong, no longer valid, or of another account. "
        "Copy it again and connect.",
    ),
)
_COMPILED = [(re.compile(pattern), words) for pattern, words in _REPLACED]


def for_pages(text: str) -> str:
    """Words that the terminal shows as well, as a page says them: it has buttons and labels."""
    for pattern, words in _COMPILED:
        text = pattern.sub(words, text)
    return text.strip()
