"""Candidates of an error side by side: what is known of each without asking, and on request more.

From the index comes what matching used (names, emails, phones): it costs nothing. `asked` adds
what only Pipedrive can say now (10 tokens for each 100).
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from chargepipe.accounts.environment import Environment
from chargepipe.actions.decide import KINDS
from chargepipe.actions.decide_deal import DECIDABLE
from chargepipe.actions.errors import Place, places
from chargepipe.actions.evidence import look
from chargepipe.domain.codes import DUPLICATE_MARK
from chargepipe.domain.decisions import Evidence
from chargepipe.pipedrive import Entity
from chargepipe.store.models import IndexKey, IndexRecord, SyncError

_SHOWN = ("email", "phone")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One record of Pipedrive that the record of an error may be."""

    place: Place
    added_at: datetime | None
    emails: tuple[str, ...]
    phones: tuple[str, ...]
    """As keys are compared: folded, phones as E.164 where they can be."""
    evidence: Evidence | None
    """What Pipedrive says now; None where it was not asked, or does not show the record."""


def choice(error: SyncError) -> Entity | None:
    """Among what a person can choose to settle this error; None where there is no choice."""
    if error.state != "open":
        return None
    if error.kind == "deal":
        return "deal" if error.code in DECIDABLE else None
    return KINDS.get(error.code) if error.kind == "customer" else None


def may_be_new(error: SyncError) -> bool:
    """Whether a new record may be made beside the candidates: not where all carry our own mark."""
    return error.code != DUPLICATE_MARK


def candidates(
    error: SyncError, *, asked: bool = False, env: Environment | None = None
) -> list[Candidate]:
    """The candidates of an error, or what its record is linked to.

    `asked` asks Pipedrive; raises then what `actions.evidence.look` does.
    """
    found = places(error)
    if not found:
        return []
    kind, ids = found[0].kind, [place.id for place in found]
    known: Mapping[int, Evidence] = {}
    if asked and (chosen := choice(error)):
        known = look(error.connection, chosen, ids, env)
    added, keys = _added(error, kind, ids), _keys(error, kind, ids)
    return [
        Candidate(
            place,
            added.get(place.id),
            tuple(sorted(keys[place.id, "email"])),
            tuple(sorted(keys[place.id, "phone"])),
            known.get(place.id),
        )
        for place in found
    ]


def _added(error: SyncError, kind: str, ids: Collection[int]) -> dict[int, datetime | None]:
    rows = IndexRecord.objects.filter(
        account=error.connection.account_id, entity=kind, pipedrive_id__in=ids
    )
    return dict(rows.values_list("pipedrive_id", "added_at"))


def _keys(error: SyncError, kind: str, ids: Collection[int]) -> dict[tuple[int, str], set[str]]:
    rows = IndexKey.objects.filter(
        account=error.connection.account_id, entity=kind, pipedrive_id__in=ids, field__in=_SHOWN
    )
    found: dict[tuple[int, str], set[str]] = defaultdict(set)
    for id, field, value in rows.values_list("pipedrive_id", "field", "value"):
        found[id, field].add(value)
    return found
