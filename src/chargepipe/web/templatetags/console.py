"""Tags and filters of the console's templates: icons, times, numbers, states."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from lucide.templatetags.lucide import lucide

from chargepipe.actions.titles import called, kind_called
from chargepipe.web import wording
from chargepipe.web.asking import UNLINKED, question
from chargepipe.web.settings.places import slug
from chargepipe.web.settings.words import told

register = template.Library()
register.filter("for_pages", wording.for_pages)
register.filter("told", told)
register.filter("called", called)
register.filter("kind_called", kind_called)

TONES: Mapping[str, str] = {
    "done": "good",
    "resolved": "good",
    "written": "good",
    "failed": "bad",
    "open": "bad",
    "waiting": "attention",
    "paused": "attention",
    "unknown": "attention",
    "running": "busy",
    "queued": "busy",
    "planned": "busy",
    "intended": "busy",
}
"""How a state looks; any other is quiet."""


@register.simple_tag
def icon(name: str, size: int = 18) -> SafeString:
    """An icon that says nothing by itself: the words beside it do."""
    return _drawn(name, size)


@cache
def _drawn(name: str, size: int) -> SafeString:
    """Drawn once a process: a page of changes shows hundreds."""
    return mark_safe(lucide(name, size=size, aria_hidden="true", focusable="false"))  # noqa: S308


@register.simple_tag
def ask(key: str, name: str = "") -> SafeString:
    """For a button: it asks first; the view that it leads to has to ask the same (`asks`)."""
    return format_html('data-ask="{}"', question(key, name))


@register.simple_tag
def follows_from(how: str) -> SafeString:
    """For a choice before a button that asks: what follows from it is asked along."""
    return format_html('data-asked="{}"', UNLINKED[how])


@register.simple_tag
def moment(when: datetime | None) -> SafeString:
    """A time: in UTC as it is sent, in the reader's zone once the page's script has seen it."""
    return _time(when, "data-moment", "%d %b %Y, %H:%M")


@register.simple_tag
def countdown(when: datetime | None) -> SafeString:
    """A time that is to come, counted down by the page's script."""
    return _time(when, "data-countdown", "at %H:%M")


def _time(when: datetime | None, kind: str, form: str) -> SafeString:
    if when is None:
        return SafeString("")
    utc = when.astimezone(UTC)
    words = (utc.isoformat(timespec="seconds"), kind, utc.strftime(form))
    return format_html('<time datetime="{}" {}>{} UTC</time>', *words)


@register.filter
def number(value: Any) -> str:
    """A whole number, grouped as amounts of money are: 12,345."""
    return f"{int(value or 0):,}"


@register.filter
def tone(state: str) -> str:
    """The look of a state: good, bad, attention, busy or quiet."""
    return TONES.get(state, "quiet")


@register.filter
def words(value: str) -> str:
    """A name of ours as words: subscription_data is "subscription data"."""
    return str(value).replace("_", " ")


@register.filter
def makes(action: str) -> str:
    """What a write does, as the lists of changes say it: "create" is to make."""
    return "make" if action == "create" else "change" if action == "update" else action


@register.filter
def seconds(value: Any) -> str:
    """A duration: 48 s, 3 min, 2.5 h."""
    length = float(value or 0)
    if length < 90:
        return f"{length:.0f} s"
    return f"{length / 60:.0f} min" if length < 5400 else f"{length / 3600:.1f} h"


@register.filter
def unlocalized(value: float) -> str:
    """A number for an SVG attribute."""
    return f"{value:.2f}"


@register.filter
def parts(value: str) -> list[str]:
    """The parts of a text between bars."""
    return value.split("|")


register.filter("slug", slug)


@register.filter
def counted(numbers: Mapping[str, int]) -> str:
    """Numbers by what was done: "26 created, 5 updated"; zeros are left out."""
    return ", ".join(f"{number(each)} {done}" for done, each in numbers.items() if each)


@register.filter
def dated(text: str) -> SafeString:
    """A value in words with its moments and dates as people write them, in the reader's zone.

    "won 2026-10-14T10:23:46Z" is won 14 Oct 2026, 10:23 UTC until the page's script has seen it.
    """
    return mark_safe(_MOMENT.sub(_in_words, conditional_escape(text)))  # noqa: S308


_MOMENT = re.compile(
    r"(?<![\w-])(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d:\d\d)Z| (\d\d:\d\d) UTC)?(?![\w-])"
)


def _in_words(found: re.Match[str]) -> str:
    day, exact, minutes = found.groups()
    time = exact or minutes
    try:
        when = datetime.fromisoformat(f"{day}T{time}+00:00" if time else day)
    except ValueError:
        return found[0]
    return moment(when) if time else format_html(_DAY, day, when.strftime("%d %b %Y"))


_DAY = '<time datetime="{}" data-day>{}</time>'


@register.filter
def first_sentence(text: str) -> str:
    """A text up to its first full stop, which is left out."""
    return text.split(". ")[0].removesuffix(".")


@register.filter
def link_words(reason: str) -> str:
    """How a link came about."""
    return _LINKED.get(reason, "linked")


_LINKED: Mapping[str, str] = {
    "key": "found by the match key",
    "mark": "found by its mark",
    "name": "found by its name",
    "made": "made by chargepipe",
    "decided": "decided by a person",
    "merged": "followed after a merge",
}
