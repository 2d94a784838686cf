"""The law of everyone, for deals: each record has its deal, or a reason for which it has none."""

from collections.abc import Collection, Iterator

from django.db.models import Q

from chargepipe.pipedrive import Entity
from chargepipe.store.models import SyncError
from laws.deal_targets import deal_targets
from laws.dealing import deal_outcomes
from laws.everyone import skips
from laws.memory import Memory, Told
from laws.oracle import Books, Row, company_key

KINDS = ("subscription", "invoice")


def hold(memory: Memory, told: Told) -> None:
    """Hold the law after a run over everybody that ended "done", then note what it came by."""
    first = memory.began is None
    full = "full" in (told.run.kind, told.run.of)
    on = {kind for kind in KINDS if memory.rules.makes_deals(kind)}
    if not first and told.clean:
        made, links = deal_outcomes(told), memory.deal_links()
        for kind, key, row in memory.books().deal_records():
            if kind in on & memory.on and (full or key in memory.fresh):
                _holds(memory, told, key, row, made.get(key), links.get(key, 0))
    if told.clean:
        # The next sync makes the deal whose organization was deleted under it.
        memory.fresh &= refused()
        memory.on = on
    if full and not first:
        memory.swept |= {key for kind, key, _ in memory.books().deal_records() if kind in on}


def backfilled(memory: Memory, told: Told, statuses: Collection[str]) -> None:
    """After a backfill each record of its window has its deal, or a reason."""
    if told.run.state != "done":
        return
    made, links = deal_outcomes(told), memory.deal_links()
    for kind, key, row in memory.books().deal_records():
        wanted = not statuses or row["status"] in statuses
        if not wanted or not memory.rules.makes_deals(kind) or row["deleted"]:
            continue
        memory.swept.add(key)
        if told.clean and key not in told.deals:
            _holds(memory, told, key, row, made.get(key), links.get(key, 0))


def _holds(memory: Memory, told: Told, key: str, row: Row, outcome: str | None, deal: int) -> None:
    if outcome in ("created", "updated", "unchanged"):
        # Nobody looks whether a deal that needs no write was deleted or merged meanwhile.
        gone = key in memory.dead or told.after.deals_with(key)
        assert gone or ("deal", deal) in told.after.records, f"{key} is {outcome}, without a deal"
        return
    reasons = list(_reasons(memory, told, key, row, deal))
    assert reasons, f"{key} is {outcome}, and has no deal for no reason: {told.run.message}"


def _reasons(memory: Memory, told: Told, key: str, row: Row, deal: int) -> Iterator[str]:
    """Why the deal of a record is not made or not written."""
    kind, books = key.partition(":")[0], memory.books()
    wants = deal_targets(memory, books, kind, row)
    if any(want is None or (not want.makes and not deal) for want in wants):
        yield "it wants none"
    if key in memory.dead or (deal and ("deal", deal) not in told.after.records):
        yield "its deal was deleted"
    if key in memory.held or key in memory.ignored:
        yield "it was undone, or its error is ignored"
    for _, customer in memory.deal_versions(books, kind, row):
        yield from _of_customer(memory, told, customer["id"], stands=bool(deal))
    errors = SyncError.objects.filter(state="open", kind="deal", source_key=key)
    codes = errors.values_list("code", flat=True)
    yield from (code for code in codes if _fits(told, books, code, row))


def _of_customer(memory: Memory, told: Told, customer: str, *, stands: bool) -> Iterator[str]:
    """What holds a deal back. One that stands follows its record without a person."""
    errors = SyncError.objects.filter(kind="customer", source_key=customer)
    # One that this very run resolves still stood when it planned the deal.
    if errors.filter(Q(state="open") | Q(resolved_at__gte=told.run.started_at)).exists():
        yield "its customer has an error"
    if customer in memory.held or customer in memory.ignored:
        yield "its customer was undone, or is ignored"
    person = memory.links().get(customer, 0)
    if not stands and (("person", person) not in told.after.records or customer in memory.left()):
        yield "its customer has no person"
    for books in memory.possible():
        yield from skips(memory, told, books, customer)


def refused() -> set[str]:
    """The records whose deal Pipedrive has refused, by source key."""
    errors = SyncError.objects.filter(state="open", kind="deal", code="refused")
    return set(errors.values_list("source_key", flat=True))


def _fits(told: Told, books: Books, code: str, row: Row) -> bool:
    """Whether an error may stand after a run whose every call succeeded."""
    if code == "refused":  # no run knew yet that whom it joins is deleted or hidden
        company = company_key(books.customers[row["customer_id"]])
        joins: list[tuple[Entity, int | None]] = [
            ("organization", told.organizations.get(company)),
            ("person", told.links.get(row["customer_id"])),
        ]
        return any(at and not told.before.shows((entity, at)) for entity, at in joins)
    if code == "alike_deals":
        return any(not deal.get("CB Subscription ID") for deal in told.before.of("deal").values())
    if code == "hidden_deal":
        return any(kind == "deal" for kind, _ in told.before.hidden)
    return code == "currency_missing" and row["currency_code"] == "PLN"
