"""A run's plan: what it would write, and what that costs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, QuerySet
from django.utils import timezone

from chargepipe.accounts.ledger import allowance, share_of_day
from chargepipe.actions import runs
from chargepipe.actions.connections import stored_file
from chargepipe.actions.refusal import Refused
from chargepipe.domain.change import Action, price
from chargepipe.domain.cost import Cost
from chargepipe.pipedrive import costs
from chargepipe.store.models import Account, Change, Run
from chargepipe.sync import exact


@dataclass(frozen=True, slots=True)
class Total:
    """How many changes of one action and kind."""

    action: Action
    kind: str
    number: int


@dataclass(frozen=True, slots=True)
class PlanTotals:
    """A plan added up."""

    parts: tuple[Total, ...]
    reading: int
    """API tokens that a run which writes the plan spends to read."""
    tokens_left: int
    """What runs may still spend today."""
    tokens_a_day: int
    """What runs may spend on a whole day."""
    today: date
    """From where days are counted."""

    @property
    def changes(self) -> int:
        """Writes planned."""
        return sum(part.number for part in self.parts)

    @property
    def tokens(self) -> int:
        """API tokens of these writes: 5 each, 3 for a deletion."""
        return sum(price(part.action) * part.number for part in self.parts)

    @property
    def tokens_in_all(self) -> int:
        """API tokens that a run which writes this plan costs, with its reading."""
        return self.tokens + self.reading

    @property
    def cost(self) -> Cost:
        """What that means for the day's tokens, and in time."""
        left, a_day = self.tokens_left, self.tokens_a_day
        return Cost(self.changes, self.tokens_in_all, left, a_day, self.today)


def is_outdated(run: Run) -> bool:
    """Whether a preview or validation looked under other settings than those that stand now."""
    return bool(run.settings) and run.settings != exact.fingerprint(run.connection)


def totals(run: Run) -> PlanTotals:
    """The planned changes of a run, added up."""
    rows = (
        run.changes.filter(state="planned")
        .order_by("kind", "action")
        .values_list("action", "kind")
        .annotate(n=Count("pk"))
    )
    parts = tuple(Total(*row) for row in rows)
    account, settings = run.connection.account, stored_file(run.connection).settings
    today = timezone.now().date()
    if account is None:
        return PlanTotals(parts, run.tokens, 0, 0, today)
    left, a_day = allowance(account, settings, today), share_of_day(account, settings)
    return PlanTotals(parts, _reading(run, account, parts), left, a_day, today)


def _reading(run: Run, account: Account, parts: Iterable[Total]) -> int:
    """What a run that writes this plan reads.

    As much as the planning run did, but for what is then known for a day; and the lists of fields
    once more where it makes some.
    """
    lists = {part.kind for part in parts if part.kind.endswith("_field")}
    again = costs.LIST_FIELDS["person"].cost * len(lists)
    return max(0, run.tokens - _known_for_a_day(run, account)) + again


def _known_for_a_day(run: Run, account: Account) -> int:
    """Tokens of this run for what the account keeps: fields, pipelines, currencies."""
    tokens = 0
    if _within(run, account.fields_at):
        tokens += sum(operation.cost for operation in costs.LIST_FIELDS.values())
    if _within(run, account.pipelines_at):
        tokens += costs.PIPELINES.cost + costs.STAGES.cost
    earlier = Run.objects.filter(connection__account=account, pk__lt=run.pk)
    if account.currencies and not earlier.filter(requests_pipedrive__gt=0).exists():
        tokens += costs.CURRENCIES.cost
    return tokens


def _within(run: Run, moment: datetime | None) -> bool:
    begun, ended = run.started_at, run.finished_at
    return bool(moment and begun and begun <= moment and (ended is None or moment <= ended))


def apply(preview_id: int, *, confirmed: bool = False) -> Run:
    """Write just what this preview showed (rule 10); an unfinished run that does so is joined.

    Raises Refused for a run that is no preview, that failed, whose plan has expired or was applied,
    or whose settings have changed since.
    """
    preview = runs.get(preview_id)
    if words := refusal(preview):
        raise Refused(words)
    name = preview.connection.name
    return runs.start(name, "apply", only=preview.only, about=preview, confirmed=confirmed)


def refusal(preview: Run) -> str:
    """Why the plan of this run cannot be applied, in words; "" where it can."""
    own = preview.runs_about.filter(kind="apply", state__in=Run.UNFINISHED).first()
    return exact.refusal(preview, timezone.now(), own) or ""


def moved(run: Run) -> QuerySet[Change]:
    """The previewed changes that this run did not write, each with the words why."""
    return exact.moved(run)
