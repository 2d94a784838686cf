"""Rows of one subscription or invoice each: rows of the same settings are played in one world.

The customers are there first and the first full sync runs. Then each row's record appears, and an
hourly sync makes its deal. With `by_hand` a salesperson is at work then, with `later` the record
changes, and another hourly sync runs.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from deal_story import ON, DealStory, Deed
from story import Row as Values


@dataclass(frozen=True)
class Row:
    """One case; `says` is its sentence."""

    says: str
    deal: Values | None = None
    """What the deal shows, as `DealStory.in_words`; what is not named does not matter. None: no
    deal."""
    error: str = ""
    """The code of the open error that stands for the record or its customer."""
    settings: Values = field(default_factory=dict)
    """Those of subscription deals, but for "settings", which are the others."""
    customer: Values = field(default_factory=dict)
    subscription: Values | None = None
    invoice: Values | None = None
    by_hand: tuple[Deed, ...] = ()
    later: Values | None = None
    """What changes of the record once it has its deal."""
    customer_later: Values | None = None

    def __str__(self) -> str:
        return self.says

    @property
    def kind(self) -> str:
        """What the record is."""
        return "invoice" if self.subscription is None else "subscription"

    @property
    def all_settings(self) -> Values:
        """As `DealStory.given` takes them; "subscriptions" and "invoices" are setting 7 and 8."""
        rest = {k: v for k, v in self.settings.items() if k not in ("subscriptions", "invoices")}
        seven = {**ON["subscription_deals"], **self.settings.get("subscriptions", {})}
        eight = {**ON["invoice_deals"], **self.settings.get("invoices", {})}
        return {**rest, "subscription_deals": seven, "invoice_deals": eight}


@dataclass(frozen=True)
class Outcome:
    """What a row came to."""

    deals: list[Values]
    error: str

    def check(self, row: Row) -> None:
        """As the row says."""
        assert self.error == row.error, self.error
        assert len(self.deals) == (row.deal is not None), self.deals
        for deal in self.deals:
            shown = {name: deal[name] for name in row.deal or {}}
            assert shown == row.deal, shown


def play(rows: Iterable[Row]) -> dict[str, Outcome]:
    """Play rows of the same settings together; what each came to, by its sentence."""
    story = DealStory()
    named = {f"c{number}": row for number, row in enumerate(rows)}
    story.given(**next(iter(named.values())).all_settings)
    owners = {name: story.customer(**{"id": name, **row.customer}) for name, row in named.items()}
    story.full()
    ids = {name: _record(story, owners[name], row) for name, row in named.items()}
    story.hourly(approved=True)
    moved = [_goes_on(story, owners[name], ids[name], row) for name, row in named.items()]
    if any(moved):
        story.hourly(approved=True)
    errors = {record: code for code, _, record in (e.partition(" ") for e in story.errors())}
    return {
        row.says: Outcome(
            story.deals_of(ids[name]),
            errors.get(f"{row.kind}:{ids[name]}", errors.get(owners[name], "")),
        )
        for name, row in named.items()
    }


def _record(story: DealStory, customer: str, row: Row) -> str:
    make = story.invoice if row.subscription is None else story.subscription
    return make(customer, **(row.subscription or row.invoice or {}))


def _goes_on(story: DealStory, customer: str, id: str, row: Row) -> bool:
    """What happens once the deal stands; whether anything does."""
    for deal in story.deals_of(id)[:1]:
        for deed in row.by_hand:
            deed(story, deal["id"])
    if row.later is not None:
        _changes(story, row.kind, id, row.later)
    if row.customer_later is not None:
        story.changes(customer, **row.customer_later)
    story.clock.advance(60)
    return bool(row.by_hand or row.later or row.customer_later)


def _changes(story: DealStory, kind: str, id: str, attrs: Values) -> None:
    if attrs == {"deleted": True}:
        getattr(story.billing, f"delete_{kind}")(id)
    else:
        getattr(story.billing, f"edit_{kind}")(id, **attrs)


def by_settings(rows: Iterable[Row]) -> Iterable[list[Row]]:
    """Rows in groups of the same settings; sentences must differ."""
    groups: dict[str, list[Row]] = {}
    said: set[str] = set()
    for row in rows:
        assert row.says not in said, row.says
        said.add(row.says)
        groups.setdefault(repr(sorted(row.all_settings.items())), []).append(row)
    return groups.values()
