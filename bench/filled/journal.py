"""The journal of some runs, and the errors that are left."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from chargepipe.domain.codes import CODES
from chargepipe.store.models import Change, Connection, Run, SyncError
from filled.who import NOW, customer_json, person_json

CODE_MIX = (
    "no_match_key",
    "ambiguous_person",
    "refused",
    "ambiguous_organization",
    "hidden_person",
)


def changes(connection: Connection, customers: int, runs: list[Run]) -> Iterator[Change]:
    """The first run made everyone, each further one changed 400."""
    for place in range(customers):
        yield _change(connection, runs[0], place, "create", {})
    for number, run in enumerate(runs[1:]):
        for place in range(number * 400, number * 400 + 400):
            before = {"CB Customer MRR": {"amount": 2900, "currency": "EUR"}}
            yield _change(connection, run, place % customers, "update", before)


def _change(
    connection: Connection, run: Run, place: int, action: str, before: dict[str, Any]
) -> Change:
    json = customer_json(place)
    target = person_json(json)
    written = {"name": target["name"], "emails": [{"value": json["email"]}], **target["fields"]}
    after = {name: target["fields"][name] for name in before} if before else written
    return Change(
        run=run,
        connection=connection,
        account_id=connection.account_id,
        action=action,
        kind="person",
        source_key=json["id"],
        pipedrive_id=1_000_000 + place,
        before=before,
        after=after,
        target=target,
        state="written",
        written_at=run.started_at,
    )


def errors(connection: Connection, customers: int, run: Run) -> Iterator[SyncError]:
    """One customer in twenty has an open error, one in fifty an ignored one or a warning."""
    for place in range(customers):
        state = "open" if place % 20 == 0 else {0: "ignored", 25: "warning"}.get(place % 50, "")
        if state:
            code = CODE_MIX[place // 20 % len(CODE_MIX)]
            several = [{"id": 1_000_000 + n, "name": f"Candidate {n}"} for n in range(3)]
            yield SyncError(
                connection=connection,
                run=run.pk,
                kind="customer",
                source_key=f"cus{place:07}",
                code=code,
                words=CODES[code].words,
                candidates=several if code.startswith("ambiguous") else [],
                state=state,
                opened_at=NOW - timedelta(seconds=place),
            )
