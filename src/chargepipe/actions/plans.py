"""A run's plan: what it would write, and what that costs."""

from dataclasses import dataclass

from django.db.models import Count, QuerySet
from django.utils import timezone

from chargepipe.accounts.ledger import allowance
from chargepipe.actions import runs
from chargepipe.actions.connections import stored_file
from chargepipe.actions.refusal import Refused
from chargepipe.domain.change import Action, price
from chargepipe.store.models import Change, Run
from chargepipe.sync import exact

WRITES_A_MINUTE = 600
"""At 20 calls in 2 seconds, what Pipedrive's smallest plan allows (pipedrive-api.md, 2.3)."""


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
    tokens_left: int
    """What runs may still spend today."""

    @property
    def changes(self) -> int:
        """Writes planned."""
        return sum(part.number for part in self.parts)

    @property
    def tokens(self) -> int:
        """API tokens of these writes: 5 each, 3 for a deletion."""
        return sum(price(part.action) * part.number for part in self.parts)

    @property
    def minutes(self) -> float:
        """About how long the writes take on the smallest plan."""
        return self.changes / WRITES_A_MINUTE


def totals(run: Run) -> PlanTotals:
    """The planned changes of a run, added up."""
    rows = (
        run.changes.filter(state="planned")
        .order_by("kind", "action")
        .values_list("action", "kind")
        .annotate(n=Count("pk"))
    )
    return PlanTotals(tuple(Total(*row) for row in rows), _tokens_left(run))


def _tokens_left(run: Run) -> int:
    account = run.connection.account
    if account is None:
        return 0
    return allowance(account, stored_file(run.connection).settings, timezone.now().date())


def apply(preview_id: int, *, confirmed: bool = False) -> Run:
    """Write just what this preview showed (rule 10); an unfinished run that does so is joined.

    Raises Refused for a run that is no preview, that failed, whose plan has expired or was applied,
    or whose settings have changed since.
    """
    preview = runs.get(preview_id)
    if words := refusal(preview):
        raise Refused(words)
    return runs.start(preview.connection.name, "apply", about=preview, confirmed=confirmed)


def refusal(preview: Run) -> str:
    """Why the plan of this run cannot be applied, in words; "" where it can."""
    own = preview.runs_about.filter(kind="apply", state__in=Run.UNFINISHED).first()
    return exact.refusal(preview, timezone.now(), own) or ""


def moved(run: Run) -> QuerySet[Change]:
    """The previewed changes that this run did not write, each with the words why."""
    return exact.moved(run)
