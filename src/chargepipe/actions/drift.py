"""Drift: the fields of linked records that differ from billing, and who changed them last."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import QuerySet

from chargepipe.actions.csv import lines
from chargepipe.actions.journal import in_words, zero_decimal
from chargepipe.domain.inverse import same
from chargepipe.store.models import Change, Run

COLUMNS = ("customer", "record", "id", "field", "in Pipedrive", "in billing", "last changed")
_OF_TARGET = {"emails": "email", "phones": "phone", "organization": "organization_name"}
_PAGE = 500


@dataclass(frozen=True, slots=True)
class Row:
    """One field that differs."""

    customer: str
    """Chargebee's id; the key of an organization's company, kind and id of a deal's record."""
    kind: str
    """person, organization or deal."""
    pipedrive_id: int
    field: str
    holds: str
    """What Pipedrive held when the run looked."""
    billing: str
    """What billing says, and what a repair writes."""
    changed: str
    """Who changed it last, as far as we know."""

    @property
    def cells(self) -> tuple[str | int, ...]:
        """The row under `COLUMNS`."""
        place = self.customer, self.kind, self.pipedrive_id, self.field
        return (*place, self.holds, self.billing, self.changed)


def as_json(row: Row) -> dict[str, Any]:
    """The row for --json."""
    return asdict(row)


def rows(run: Run) -> list[Row]:
    """The drift that a reconcile run found, in the order of its plan.

    After a repair these are the fields that were repaired; what else the run wrote to make links
    whole (records made again) is no drift.
    """
    return list(_rows(run))


def csv(run: Run) -> Iterator[str]:
    """The drift as CSV lines."""
    return lines(COLUMNS, (row.cells for row in _rows(run)))


def _rows(run: Run) -> Iterator[Row]:
    money = zero_decimal(run.connection)
    changes = _differing(run).order_by("pk")
    for start in range(0, changes.count(), _PAGE):
        page = list(changes[start : start + _PAGE])
        ours = _our_last(run, page)
        for change in page:
            for name in change.after:
                yield Row(
                    change.source_key,
                    change.kind,
                    change.pipedrive_id or 0,
                    name,
                    in_words(change.before.get(name), money),
                    in_words(_billing(change, name), money),
                    _who(change, name, ours.get((change.kind, change.pipedrive_id, name))),
                )


def _differing(run: Run) -> QuerySet[Change]:
    """A report leaves them planned; a repair takes them further."""
    changes = run.changes.filter(action="update", kind__in=("person", "organization", "deal"))
    if run.repair:
        return changes.exclude(state__in=("stale", "skipped"))
    return changes.filter(state="planned")


def _billing(change: Change, name: str) -> Any:
    """Billing's own value where the field holds those of others too."""
    value = change.target.get(_OF_TARGET.get(name, ""))
    return change.after[name] if value is None else value


_Ours = dict[tuple[str, int | None, str], Change]


def _our_last(run: Run, page: Sequence[Change]) -> _Ours:
    """The newest write of ours before this run, by record and field."""
    ids = {change.pipedrive_id for change in page}
    written = Change.objects.filter(
        connection=run.connection, state="written", pipedrive_id__in=ids, run__lt=run.pk
    )
    found: _Ours = {}
    for change in written.order_by("pk"):
        found |= {(change.kind, change.pipedrive_id, name): change for name in change.after}
    return found


def _who(change: Change, name: str, ours: Change | None) -> str:
    if ours is None:
        return "not by us"
    wrote: Mapping[str, Any] = ours.after
    moment = f"{ours.written_at:%Y-%m-%d %H:%M} UTC" if ours.written_at else "?"
    place = f"run {ours.run_id}, {moment}"
    if same(name, wrote[name], change.before.get(name)):
        return f"by us, {place}"
    return f"not by us (our last write: {place})"
