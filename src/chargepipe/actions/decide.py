"""Decide who a customer is, or its company, where several match: one by one, or by a rule (rule 2).

What is decided of a company holds for all of its customers.
"""

from collections.abc import Collection, Mapping, Sequence

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from chargepipe.accounts.environment import Environment
from chargepipe.actions.connections import find
from chargepipe.actions.decide_deal import DECIDABLE, decide_deal
from chargepipe.actions.decided import Decided
from chargepipe.actions.evidence import look
from chargepipe.actions.refusal import Refused
from chargepipe.domain.codes import AMBIGUOUS_ORGANIZATION, AMBIGUOUS_PERSON, DUPLICATE_MARK
from chargepipe.domain.decisions import OF_ORGANIZATIONS, PICK_RULES, pick
from chargepipe.domain.keys import company_key
from chargepipe.pipedrive import Entity
from chargepipe.store.models import Connection, Record, SyncError
from chargepipe.sync import links
from chargepipe.sync.work import MAKE_NEW, customer_of

KINDS: Mapping[str, Entity] = {
    AMBIGUOUS_PERSON: "person",
    DUPLICATE_MARK: "person",
    AMBIGUOUS_ORGANIZATION: "organization",
}
"""The codes of errors that can be decided, and what is chosen among."""
_KEYS: Mapping[Entity, str] = {"person": "source_id", "organization": "company_key"}
"""By which column of a customer a decision is for it."""
_BY_RULE: Mapping[Entity, str] = {
    "person": AMBIGUOUS_PERSON,
    "organization": AMBIGUOUS_ORGANIZATION,
}


def decide(
    error_id: int,
    *,
    person: int | None = None,
    organization: int | None = None,
    deal: int | None = None,
    new: bool = False,
    name: str | None = None,
    env: Environment | None = None,
) -> Decided:
    """Link the record of an error, or its company, to a candidate, or have a new one made.

    The next sync of the customers does it. Raises Refused for an error that is not open or has
    nothing to choose from, for a record that is no candidate or no longer there; and what
    `chargepipe.http` raises. 10 tokens, none for a new person.
    """
    error = _open_error(error_id, name)
    if error.kind == "deal":
        return decide_deal(error, deal, new=new, env=env)
    kind = KINDS[error.code]
    chosen = {"person": person, "organization": organization, "deal": deal}
    picked = chosen.pop(kind)
    if (picked is None) is not new or any(other is not None for other in chosen.values()):
        option = f"--{kind}"
        raise Refused(f"Name one {kind} to pick ({option}), or say that a new one shall be made.")
    if picked is None:
        _may_be_new(error, env)
    else:
        _check_candidate(error, kind, picked, env)
    key = _keys(error.connection, [error]).get(error.pk)
    if key is None:
        raise Refused(
            f"The company of customer {error.source_key} has changed since error {error.pk}. "
            f"{_again(error)}"
        )
    return Decided(error.connection.name, _keep(error.connection, kind, {key: picked}))


def decide_all(
    name: str, rule: str, env: Environment | None = None, *, kind: Entity = "person"
) -> Decided:
    """Decide all open errors of several people, or organizations, by a rule (`domain.decisions`).

    What somebody has decided already stays as it is, also where no sync has carried it out yet.
    10 tokens for each 100 candidates. Raises Refused for a rule that does not tell them apart.
    """
    rules = OF_ORGANIZATIONS if kind == "organization" else PICK_RULES
    if rule not in rules:
        raise Refused(f'"{rule}" is no rule for {kind}s; use one of {", ".join(rules)}.')
    connection = find(name)
    errors = list(_undecided(connection, kind).order_by("pk"))
    evidence = look(connection, kind, {c for e in errors for c in _candidates(e)}, env)
    keys, companies = _keys(connection, errors), _companies(connection, errors)
    chosen: dict[str, int | None] = {}
    left: list[SyncError] = []
    for error in errors:
        known = [evidence[c] for c in _candidates(error) if c in evidence]
        picked = pick(rule, known, companies.get(error.source_key))
        if picked is None or error.pk not in keys:
            left.append(error)
        else:
            chosen[keys[error.pk]] = picked
    return Decided(name, _keep(connection, kind, chosen), tuple(left))


def undecided(connection: Connection, kind: Entity) -> int:
    """How many open errors of a connection wait for a decision on one of these."""
    return _undecided(connection, kind).count()


def _undecided(connection: Connection, kind: Entity) -> QuerySet[SyncError]:
    own = connection.records.filter(kind="customer", source_id=OuterRef("source_key"))
    picked = links.undone(connection).filter(kind=kind, source_key=OuterRef(_KEYS[kind]))
    made = Q(decision=MAKE_NEW)
    if kind == "organization":
        made = Q(own_organization=F("company_key")) & ~Q(company_key="")
    errors = connection.errors.filter(kind="customer", state="open", code=_BY_RULE[kind])
    return errors.exclude(Exists(own.filter(made | Q(Exists(picked)))))


def _open_error(error_id: int, name: str | None) -> SyncError:
    errors = SyncError.objects.select_related("connection__account").filter(pk=error_id)
    if name is not None:
        errors = errors.filter(connection=find(name))
    error = errors.first()
    if error is None or error.state != "open":
        raise Refused(f"There is no open error {error_id}. See: chargepipe errors NAME")
    known = {"customer": tuple(KINDS), "deal": DECIDABLE}
    if error.code not in known.get(error.kind, ()):
        raise Refused(
            f"Error {error_id} ({error.code}) leaves nothing to choose. What to do is in the list: "
            f"chargepipe errors {error.connection.name}"
        )
    return error


def _keys(connection: Connection, errors: Sequence[SyncError]) -> dict[int, str]:
    """What each error decides on, by its number: the customer, or its company's key.

    Left out are customers that have another company since than the candidates of their error.
    """
    companies = _companies(connection, errors)
    found: dict[int, str] = {}
    for error in errors:
        company = company_key(companies.get(error.source_key))
        if KINDS[error.code] == "person":
            found[error.pk] = error.source_key
        elif company in {company_key(candidate["name"]) for candidate in error.candidates}:
            found[error.pk] = company
    return found


def _companies(connection: Connection, errors: Sequence[SyncError]) -> dict[str, str | None]:
    records = Record.objects.filter(
        connection=connection, kind="customer", source_id__in=[e.source_key for e in errors]
    )
    return {record.source_id: customer_of(record).company_name for record in records}


def _may_be_new(error: SyncError, env: Environment | None) -> None:
    """Raise Refused where what we make could not be told from what is there."""
    if error.code == DUPLICATE_MARK:
        raise Refused(
            f"Error {error.pk}: all of its people carry the customer's own mark, so none is "
            "made. Pick one of them with --person."
        )
    if error.code == AMBIGUOUS_ORGANIZATION:
        found = look(error.connection, "organization", _candidates(error), env)
        ours = ", ".join(str(each.id) for each in found.values() if each.ours)
        if ours:
            raise Refused(
                f"Error {error.pk}: organization {ours} has a CB Status, as one that we made, so "
                "none is made. Pick it with --organization, or empty that field first."
            )


def _check_candidate(error: SyncError, kind: Entity, picked: int, env: Environment | None) -> None:
    """Raise Refused for a record that is no candidate, or that is no longer to be seen."""
    ids = _candidates(error)
    if picked not in ids:
        raise Refused(
            f"{kind.capitalize()} {picked} is no candidate of error {error.pk}. Its candidates: "
            f"{', '.join(map(str, ids))}"
        )
    if not look(error.connection, kind, [picked], env):
        raise Refused(
            f"{kind.capitalize()} {picked} is no longer there in Pipedrive, or hidden from the "
            f"connecting user. {_again(error)}"
        )


def _candidates(error: SyncError) -> list[int]:
    return [candidate["id"] for candidate in error.candidates]


def _again(error: SyncError) -> str:
    retry = f"chargepipe errors retry {error.connection.name} {error.pk}"
    return f"Sync the customer again to see what matches now: {retry}"


def _keep(
    connection: Connection, kind: Entity, chosen: Mapping[str, int | None]
) -> tuple[str, ...]:
    """Store the decisions, all or none; None is a new record. Returns the customers that wait."""
    with transaction.atomic():
        waiting = _waiting(connection, kind, chosen.keys())
        if settled := chosen.keys() - set(waiting.values()) | _decided(connection, kind, chosen):
            who = "Customer" if kind == "person" else "Company"
            raise Refused(
                f"{who} {min(settled)} was decided or linked meanwhile; nothing was decided. "
                f"See: chargepipe errors {connection.name}"
            )
        links.decide(connection, kind, {k: pid for k, pid in chosen.items() if pid is not None})
        _note_new(connection, kind, chosen)
        links.look_again(connection, list(waiting))
    return tuple(sorted(waiting))


def _waiting(connection: Connection, kind: Entity, keys: Collection[str]) -> dict[str, str]:
    """The customers that these decisions are for and whose errors are still open, with their key.

    A run may have settled one meanwhile: what it linked is not turned over unasked.
    """
    codes = [code for code, each in KINDS.items() if each == kind]
    errors = connection.errors.filter(kind="customer", state="open", code__in=codes)
    by = _KEYS[kind]
    rows = Record.objects.filter(connection=connection, kind="customer", **{f"{by}__in": keys})
    return dict(rows.filter(source_id__in=errors.values("source_key")).values_list("source_id", by))


def _decided(connection: Connection, kind: Entity, keys: Collection[str]) -> set[str]:
    """Those for which somebody has picked one already that no run has synced yet."""
    picked = links.undone(connection).filter(kind=kind, source_key__in=keys)
    return set(picked.values_list("source_key", flat=True))


def _note_new(connection: Connection, kind: Entity, chosen: Mapping[str, int | None]) -> None:
    """Note on the customers whether a new record is to be made, though others match."""
    note: Mapping[str, object] = {"decision": MAKE_NEW}
    if kind == "organization":
        note = {"own_organization": F("company_key")}
    for made in (True, False):
        keys = [key for key, picked in chosen.items() if (picked is None) is made]
        rows = Record.objects.filter(connection=connection, kind="customer")
        rows = rows.filter(**{f"{_KEYS[kind]}__in": keys})
        rows.update(**(note if made else dict.fromkeys(note, "")))
