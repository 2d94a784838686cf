"""Pull: bring the mirror up to what Chargebee says, page by page, each with its cursor.

Rule 5 of product.md. The first load is unfiltered; later walks read what was updated since
the watermark less ten minutes. A complete walk also notices ids that are no longer listed.
"""

from datetime import datetime, timedelta

from chargepipe.chargebee import Kind
from chargepipe.http import BadRecord, Page
from chargepipe.store.models import PullState
from chargepipe.sync.mirror import bury_unlisted, store_rows, updated
from chargepipe.sync.session import Session

OVERLAP_SECONDS = 600
# Chargebee's lists are eventually consistent for up to five minutes (chargebee-api.md, section 3).
LAG_SECONDS = 300
DAILY = timedelta(days=1)


def pull(session: Session) -> None:
    """Pull all customers, subscriptions and invoices once a day, else what was updated since.

    mrr, cleared personal data and what a merge of customers moves need not move updated_at (rule 5,
    chargebee-api.md sections 5 and 6): only a complete walk shows them. One-time invoices are
    pulled while they make deals (setting 8).
    """
    _pull_kind(session, "customer")
    _pull_kind(session, "subscription")
    if session.settings.invoice_deals.enabled:
        _pull_kind(session, "invoice")
    else:
        _pass_invoices(session)


def pull_all(session: Session) -> None:
    """Walk all of Chargebee, once a run however often it goes on."""
    states = PullState.objects.filter(connection=session.connection)
    if states.filter(walking=True).exists():
        pull(session)  # a walk that was left unfinished need not be a complete one
    with session.commit():
        states.filter(loaded_at__lt=session.run.started_at).update(loaded_at=None)
    pull(session)


def _pass_invoices(session: Session) -> None:
    """What was invoiced until now gets no deal by itself once such deals are switched on."""
    with session.commit():
        session.connection.invoices_since = session.run.source_time
        session.connection.save(update_fields=["invoices_since"])


def _pull_kind(session: Session, kind: Kind) -> None:
    state, _ = PullState.objects.get_or_create(connection=session.connection, kind=kind)
    if not state.walking:
        _begin(session, state)
    try:
        _walk(session, kind, state)
    except BadRecord:
        if not state.offset:
            raise
        # Chargebee no longer knows the stored offset: the same walk again, from its start.
        state.offset = ""
        _walk(session, kind, state)


def _begin(session: Session, state: PullState) -> None:
    now = session.env.clock.now()
    old = state.loaded_at is None or state.loaded_at <= now - DAILY
    asked = [
        *session.extra_attributes(state.kind),
        *session.settings.match_key.model_dump().values(),
    ]
    state.complete = state.watermark is None or state.asked != asked or old
    state.asked = asked
    state.walk += 1 if state.complete else 0
    state.walking, state.offset, state.newest, state.walk_started = True, "", 0, None
    with session.commit():
        state.save()


def _walk(session: Session, kind: Kind, state: PullState) -> None:
    after = None if state.complete else max(0, (state.watermark or 0) - OVERLAP_SECONDS)
    pages = session.chargebee.pages(kind, updated_after=after, offset=state.offset or None)
    for page in session.iterate(pages):
        with session.commit():
            _store(session, kind, state, page)
        session.pulse()


def _store(session: Session, kind: Kind, state: PullState, page: Page) -> None:
    state.walk_started = state.walk_started or page.server_time
    _note_time(session, page.server_time)
    store_rows(session, kind, page.rows, walk=state.walk)
    state.newest = max([state.newest, *(updated(row) for row in page.rows)])
    state.offset = page.next or ""
    if not state.offset:
        _finish(session, kind, state, page.server_time)
    state.save()


def _note_time(session: Session, server_time: datetime) -> None:
    if session.run.source_time is None:
        session.run.source_time = int(server_time.timestamp())
        session.run.save(update_fields=["source_time"])


def _finish(session: Session, kind: Kind, state: PullState, server_now: datetime) -> None:
    """Move the watermark to the newest seen, but never closer to now than lists can be trusted."""
    start = state.walk_started or server_now
    trusted = int((start if state.complete else server_now).timestamp()) - LAG_SECONDS
    newest = state.newest if state.newest or not state.complete else trusted
    state.watermark = max(state.watermark or 0, min(newest, trusted))
    state.walking = False
    if state.complete:
        state.loaded_at = session.env.clock.now()
        bury_unlisted(session, kind, state.walk)
