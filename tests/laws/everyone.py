"""The law of everyone: each customer is synced, skipped in words, or has an error."""

from collections.abc import Callable

from chargepipe.domain.codes import AMBIGUOUS_PERSON
from chargepipe.store.models import Record, SyncError
from laws.memory import Memory, Told
from laws.oracle import (
    Books,
    Unconvertible,
    company_key,
    counts,
    email_key,
    organization_fields,
    person_target,
)
from laws.writing import SYNCED, outcomes


def hold(memory: Memory, told: Told) -> None:
    """Hold the law after a run over everybody that ended "done"."""
    made, books = outcomes(told), memory.books()
    full = told.run.kind == "full" or told.run.of == "full"
    for customer in books.customers if full else memory.touched - memory.passing:
        assert customer in made, f"{customer} was not looked at by the {told.run.kind}"
    links = memory.links()
    errors = {
        (e.source_key, e.code) for e in SyncError.objects.filter(kind="customer", state="open")
    }
    last = Record.objects.filter(kind="customer").values_list("source_id", "outcome")
    states = dict(last)
    _mirror_is_true(memory, books)
    for customer in made:
        _holds(memory, told, customer, states[customer], links, errors)


MIRRORED = ("email", "company", "first_name", "mrr", "status", "customer_id")


def _mirror_is_true(memory: Memory, books: Books) -> None:
    """The mirror holds what Chargebee holds, but for what changed quietly since all was read."""
    for kind, rows in (("customer", books.customers), ("subscription", books.subscriptions)):
        records = {record.source_id: record for record in Record.objects.filter(kind=kind)}
        assert records.keys() == rows.keys(), f"the mirror lacks a {kind}"
        for id in rows.keys() - memory.quiet[kind].keys():
            held, row = records[id], rows[id]
            assert held.deleted == row["deleted"], f"{kind} {id}: deleted is {held.deleted}"
            for name in MIRRORED:
                known = held.attributes.get(name)
                assert known == row.get(name), f"{kind} {id}: {name} is out of date: {known}"


def _holds(
    memory: Memory,
    told: Told,
    customer: str,
    state: str,
    links: dict[str, int],
    errors: set[tuple[str, str]],
) -> None:
    possible = list(memory.possible())
    cleared = any(b.customers[customer].get("pii_cleared") == "cleared" for b in possible)
    stopped = memory.ignored.get(customer, False) and not cleared
    assert state == "skipped" or not stopped, f"{customer} is {state}, and its error is ignored"
    if state == "skipped":
        # The words of a run that was interrupted tell of its last part alone; so do those of one
        # that met a field which is gone, and began anew.
        told_all = told.clean and not memory.dropped
        assert told.run.message or not told_all, "the run says nothing of what it skipped"
        reasons = [w for books in possible for w in skips(memory, told, books, customer)]
        assert reasons, f"{customer} was skipped for no reason: {told.run.message}"
    elif state == "failed":
        codes = {code for key, code in errors if key == customer}
        assert codes, f"{customer} failed without an error"
        assert len(codes & FOUND_FIRST) <= 1, f"{customer} has errors that are over: {codes}"
        fit = any(FAILS[code](memory, told, b, customer) for code in codes for b in possible)
        assert fit or not told.clean, f"{customer} failed for no reason: {codes}"
    else:
        assert state in SYNCED, (customer, state)
        row = memory.books().customers[customer]
        gone = row["deleted"] and memory.rules.deleted_customers == "delete"
        assert gone or ("person", links.get(customer, 0)) in told.after.records, customer
        assert not any(key == customer for key, _ in errors), f"{customer} synced, and has an error"
        if told.clean and _lost(memory, told, customer) and not gone:
            _may_be_linked(memory, told, possible, customer, links[customer])


def _may_be_linked(
    memory: Memory, told: Told, possible: list[Books], customer: str, pid: int
) -> None:
    """Nobody is linked whom a finding stops, or to a person that has neither mark nor key.

    Who was linked before goes on without a subscription, also to a person that took the place.
    """
    marked = _marked(told, customer)
    assert not marked or pid in marked, f"{customer} has {pid}, its mark is on {marked}"
    assert memory.rules.create_people or pid in told.before.of("person"), f"{pid} was made"
    emails = [books.customers[customer].get("email") for books in possible]
    keyed = {p for e in emails for p in told.before.with_email(e) | told.after.with_email(e)}
    new = pid not in told.before.of("person")
    assert new or pid in marked | keyed, f"{customer} has {pid}, which has not its key"
    known = customer in told.links
    for stops in (_no_key, _several, _dead, *(() if known else (_no_subscription,))):
        found = not marked and all(stops(memory, told, books, customer) for books in possible)
        assert not found or customer in memory.new, f"{customer} was linked: {stops.__name__}"


def _marked(told: Told, customer: str) -> set[int]:
    """The person that has its mark; after a merge it may be that of one who shared its person."""
    own, lost = told.before.with_mark(customer), told.links.get(customer)
    sharers = [each for each, pid in told.links.items() if pid == lost]
    theirs = {pid for each in sharers for pid in told.before.with_mark(each)}
    return own or (theirs if len(theirs) == 1 else set())


def _dead(memory: Memory, told: Told, books: Books, customer: str) -> bool:
    return bool(books.customers[customer]["deleted"])


def _lost(memory: Memory, told: Told, customer: str) -> bool:
    """Whether it had no living person before the run."""
    pid = told.links.get(customer)
    return pid is None or ("person", pid) not in told.before.records or customer in told.left


def skips(memory: Memory, told: Told, books: Books, customer: str) -> list[str]:
    """The reasons for which a customer may be skipped (settings 2 and 4, rules 3, 4, 7, 12)."""
    row, rules = books.customers[customer], memory.rules
    lost, dead = _lost(memory, told, customer), row["deleted"]
    others = {pid for each, pid in memory.links().items() if each != customer}  # also since
    shares = _shares(told, books, customer) or told.links.get(customer) in others
    cleared = row.get("pii_cleared") == "cleared"
    reasons = {
        "held": customer in memory.held,
        "ignored": customer in memory.ignored,
        "moved to another entity": row.get("active_id", customer) != customer,
        "gone before it was linked, or its person is": lost and (dead or cleared),
        "left as it is": dead and rules.deleted_customers == "leave",
        "its person is another's too": dead and rules.deleted_customers == "delete" and shares,
        "not made": lost and not rules.create_people,
        "left deleted": customer in told.links and lost and rules.deleted_persons == "leave",
        "another owns its person": rules.shared_keys == "first" and shares,
    }
    return [words for words, holds in reasons.items() if holds]


def _shares(told: Told, books: Books, customer: str) -> bool:
    """Whether another customer has its key, its person, or a person with its key."""
    key = email_key(books.customers[customer].get("email"))
    others = [row for id, row in books.customers.items() if id != customer]
    keyed = any(key and email_key(row.get("email")) == key for row in others)
    people = told.before.with_email(key) | {told.links.get(customer, 0)}
    people |= told.before.with_mark(customer)
    return keyed or any(told.links.get(row["id"]) in people for row in others)


def _no_key(memory: Memory, told: Told, books: Books, customer: str) -> bool:
    return _lost(memory, told, customer) and not email_key(books.customers[customer].get("email"))


def _several(memory: Memory, told: Told, books: Books, customer: str) -> bool:
    people = told.before.with_email(books.customers[customer].get("email"))
    return _lost(memory, told, customer) and len(people) > 1


def _several_organizations(memory: Memory, told: Told, books: Books, customer: str) -> bool:
    """One that is hidden now may have been seen with that name before."""
    seen = told.before.named(company_key(books.customers[customer]))
    return len(seen) > 1 or bool(seen and _hidden_organization(memory, told, books, customer))


def _shared(memory: Memory, told: Told, books: Books, customer: str) -> bool:
    return memory.rules.shared_keys == "fail" and _shares(told, books, customer)


def _no_currency(memory: Memory, told: Told, books: Books, customer: str) -> bool:
    return any(row["currency_code"] == "PLN" for row in books.owned(customer))


def _unconvertible(memory: Memory, told: Told, books: Books, customer: str) -> bool:
    row = books.customers[customer]
    try:
        person_target(books, row, memory.rules)
        if books.of_company(company_key(row)):
            organization_fields(books, company_key(row), memory.rules)
    except Unconvertible:
        return True
    return False


def _no_subscription(memory: Memory, told: Told, books: Books, customer: str) -> bool:
    none = not any(map(counts, books.owned(customer)))
    return memory.rules.customers == "with_subscriptions" and none and _lost(memory, told, customer)


def _hidden_person(memory: Memory, told: Told, books: Books, customer: str) -> bool:
    return ("person", told.links.get(customer, 0)) in told.before.hidden


def _hidden_organization(memory: Memory, told: Told, books: Books, customer: str) -> bool:
    """Its own, one of its name, or one into which that was merged: nobody can see which."""
    pid = told.organizations.get(company_key(books.customers[customer]), 0)
    merged = pid and ("organization", pid) not in told.before.records
    hidden = {at for entity, at in told.before.hidden if entity == "organization"}
    return pid in hidden or bool((merged or not pid) and hidden)


def _never(memory: Memory, told: Told, books: Books, customer: str) -> bool:
    return False


FAILS: dict[str, Callable[[Memory, Told, Books, str], bool]] = {
    "no_match_key": _no_key,
    "no_subscription": _no_subscription,
    "ambiguous_person": _several,
    "ambiguous_organization": _several_organizations,
    "shared_key": _shared,
    "currency_missing": _no_currency,
    "unconvertible": _unconvertible,
    "hidden_person": _hidden_person,
    "hidden_organization": _hidden_organization,
    "duplicate_mark": _never,
    "newer_same_key": _never,
    "not_made": _never,
    "organization_failed": _never,
    "refused": _never,
    "field_missing": _never,
}
"""When each error may stand; those of `_never` need a call that failed."""
FOUND_FIRST = frozenset(list(FAILS)[:7]) | {"duplicate_mark"}
"""What a plan looks for in turn: it stops at the first, so another one of these is over."""


def fewer_match(told: Told) -> set[str]:
    """Whom several people matched; with personal data the run took keys off one of those."""
    if not told.run.changes.filter(kind="person", state="written", target__cleared=True).exists():
        return set()
    errors = SyncError.objects.filter(state="open", code=AMBIGUOUS_PERSON)
    return set(errors.values_list("source_key", flat=True))
