"""Changes that will not be sent: whoever they were for is looked at again."""

from collections.abc import Sequence

from django.db.models import F

from chargepipe.store.models import Connection, Record, Run
from chargepipe.sync.session import slices


def look_again_at(connection: Connection, companies: Sequence[str]) -> None:
    """Make the customers of these companies dirty: their organization was not written after all.

    They may be settled, for a company's change can come from a customer whose own person is right.
    """
    for some in slices(companies):
        members = Record.objects.filter(
            connection=connection, kind="customer", company_key__in=some
        )
        members.update(revision=F("revision") + 1)


def drop_planned(run: Run, state: str = "", words: str = "") -> None:
    """Take what is planned and was not sent out of the run: delete it, or put it into `state`."""
    planned = run.changes.filter(state="planned")
    # Nobody waits for what would only have been shown, taken back or cleared.
    due = planned.filter(kind="organization", reverts=None)
    due = due.exclude(run__kind__in=("preview", "clear"))
    look_again_at(run.connection, list(due.values_list("source_key", flat=True)))
    if state:
        planned.update(state=state, words=words)
    else:
        planned.delete()
