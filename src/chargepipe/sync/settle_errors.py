"""The part of `settle` for errors and warnings: opened, kept open, closed.

Every function runs inside `session.commit()`.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from chargepipe.domain.codes import AMBIGUOUS_ORGANIZATION, PLACE_MISSING, PLANNING
from chargepipe.domain.deals import OF_DEALS
from chargepipe.domain.validation import Finding
from chargepipe.store.models import SyncError
from chargepipe.sync.deal_work import TABLES
from chargepipe.sync.index import names
from chargepipe.sync.session import Session, slices
from chargepipe.sync.work import Work


def open_error(session: Session, finding: Finding) -> None:
    """Open an error of a record, or keep it open with what is known now."""
    now = session.env.clock.now()
    error, made = SyncError.objects.get_or_create(
        connection=session.connection,
        kind=finding.kind,
        source_key=finding.record,
        code=finding.code,
        defaults={"opened_at": now, "words": finding.words},
    )
    if not made and error.state != "open":
        error.opened_at = now
        error.reason, error.version_ignored = "", None
    error.state, error.run, error.resolved_at = "open", session.run.pk, None
    error.words, error.candidates = finding.words, _candidates(session, finding)
    error.save()


def _candidates(session: Session, finding: Finding) -> list[dict[str, Any]]:
    if finding.kind == "deal":
        return names(session, "deal", finding.candidates)
    ambiguous = finding.code == AMBIGUOUS_ORGANIZATION
    return names(session, "organization" if ambiguous else "person", finding.candidates)


def resolve(
    session: Session,
    ids: Sequence[str],
    codes: Iterable[str] | None = None,
    kind: str = "customer",
) -> None:
    """Close the errors of records that synced (or only the open ones of some codes)."""
    if not ids:
        return
    errors = SyncError.objects.filter(
        connection=session.connection, kind=kind, state__in=("open", "ignored")
    )
    if codes is not None:
        errors = errors.filter(code__in=list(codes), state="open")
    for some in slices(ids):
        errors.filter(source_key__in=some).update(
            state="resolved", resolved_at=session.env.clock.now()
        )


def found(
    session: Session, findings: Iterable[Finding], fine: Sequence[str], kind: str = "customer"
) -> None:
    """Open what planning found, and close its errors that no longer hold.

    Planning stops at the first finding of a record, so another one of that record is over; what
    stands behind the first is found again once that is. `fine` are records without a finding.
    """
    failed: dict[str, list[str]] = defaultdict(list)
    for finding in findings:
        open_error(session, finding)
        failed[finding.code].append(finding.record)
    resolve(session, fine, codes=PLANNING, kind=kind)
    for code, records in failed.items():
        resolve(session, records, codes=PLANNING - {code}, kind=kind)


def warnings(session: Session, done: Sequence[Work]) -> None:
    """Keep the warnings of validation in place of those of the last one; they stop nobody."""
    held = session.connection.errors.filter(kind="customer", state="warning")
    for some in slices([work.customer.id for work in done]):
        held.filter(source_key__in=some).delete()
    _warn(session, [finding for work in done for finding in work.warnings])


def foretold(session: Session, findings: Sequence[Finding]) -> None:
    """Keep what a validation finds of the connection as a whole in place of what the last found."""
    session.connection.errors.filter(kind="connection", state="warning").delete()
    _warn(session, findings)


def _warn(session: Session, findings: Iterable[Finding]) -> None:
    rows = [
        SyncError(
            connection=session.connection,
            run=session.run.pk,
            kind=finding.kind,
            source_key=finding.record,
            code=finding.code,
            words=finding.words,
            state="warning",
            opened_at=session.env.clock.now(),
        )
        for finding in findings
    ]
    SyncError.objects.bulk_create(rows, ignore_conflicts=True)


def held_up(session: Session, findings: Sequence[Finding]) -> None:
    """Open what holds up all deals of a kind, and close what no longer does."""
    for finding in findings:
        open_error(session, finding)
    over = [table for table in TABLES if table not in {finding.record for finding in findings}]
    resolve(session, over, codes=[PLACE_MISSING], kind=OF_DEALS)
