"""Rows of one customer each: rows of a module with the same settings are played in one world.

A row says what the customer is and what Pipedrive held before, and what came of it after the first
full sync; with `later`, after that has happened and an hourly sync has run.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from story import Row as Values
from story import Story

from chargepipe.store.models import Record

Happening: TypeAlias = Callable[[Story, str], Any]
"""Something that happens to the customer of this id, or to its person."""


@dataclass(frozen=True)
class Row:
    """One case; `says` is its sentence."""

    says: str
    shows: Values | None = field(default_factory=dict)
    """What the person shows, fields that are not named do not matter; None: there is none."""
    comes_to: str = ""
    """created, updated, unchanged, skipped or failed, in the last run that looked at it."""
    error: str = ""
    """The code of the open error that stands."""
    settings: Values = field(default_factory=dict)
    customer: Values = field(default_factory=dict)
    subscriptions: tuple[Values, ...] = ()
    """Oldest first."""
    before: Values | None = None
    """The person that Pipedrive has: arguments of `Story.has_person`."""
    given: Happening | None = None
    """What else there is before the first full sync."""
    later: Values | Happening | None = None
    """What happens after it: attributes that change in Chargebee, or anything else."""

    def __str__(self) -> str:
        return self.says


@dataclass(frozen=True)
class Outcome:
    """What a row came to."""

    shows: Values
    comes_to: str
    error: str

    def check(self, row: Row) -> None:
        """As the row says."""
        assert self.error == row.error
        assert self.comes_to == row.comes_to or not row.comes_to
        if row.shows is None:
            assert self.shows == {}
        else:
            assert {name: self.shows.get(name) for name in row.shows} == row.shows


def play(rows: Iterable[Row]) -> dict[str, Outcome]:
    """Play rows of the same settings together; what each came to, by its sentence."""
    story = Story()
    named = {f"c{number}": row for number, row in enumerate(rows)}
    story.given(**next(iter(named.values())).settings)
    ids = {_begin(story, name, row): row for name, row in named.items()}
    story.full()
    changing = [(id, row.later) for id, row in ids.items() if row.later]
    for id, later in changing:
        _happens(story, id, later)
    if changing:
        story.hourly(approved=True)
    errors = {who: code for code, who in map(str.split, story.errors())}
    ends = dict(Record.objects.filter(kind="customer").values_list("source_id", "outcome"))
    return {
        row.says: Outcome(story.person(id), ends[id], errors.get(id, "")) for id, row in ids.items()
    }


def _begin(story: Story, name: str, row: Row) -> str:
    email = f"{name}@x.co"
    if row.before is not None:
        story.has_person(**{"name": "Kay", "email": email, **row.before})
    id = story.customer(**{"id": name, "email": email, **row.customer})
    for attrs in row.subscriptions:
        story.subscription(id, **attrs)
    if row.given:
        row.given(story, id)
    return id


def _happens(story: Story, id: str, later: Values | Happening) -> None:
    if callable(later):
        later(story, id)
    else:
        story.changes(id, **later)


def by_settings(rows: Iterable[Row]) -> Iterable[list[Row]]:
    """Rows in groups of the same settings; sentences must differ."""
    groups: dict[str, list[Row]] = {}
    said: set[str] = set()
    for row in rows:
        assert row.says not in said, row.says
        said.add(row.says)
        groups.setdefault(repr(sorted(row.settings.items())), []).append(row)
    return groups.values()
