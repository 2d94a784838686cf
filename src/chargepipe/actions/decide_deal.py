"""Decide which deal a subscription or invoice is where one of the same amount is there (rule 2)."""

from django.db import transaction

from chargepipe.accounts.environment import Environment
from chargepipe.actions.decided import Decided
from chargepipe.actions.evidence import look
from chargepipe.actions.refusal import Refused
from chargepipe.domain.codes import ALIKE_DEALS, DUPLICATE_MARK
from chargepipe.store.models import Link, SyncError
from chargepipe.sync import links
from chargepipe.sync.waking import keyed
from chargepipe.sync.work import MAKE_NEW

DECIDABLE = (ALIKE_DEALS, DUPLICATE_MARK)
"""The codes of errors of deals that can be decided."""


def decide_deal(
    error: SyncError, deal: int | None, *, new: bool, env: Environment | None
) -> Decided:
    """Link the record of an error to one of its deals, or have a new one made. Raises Refused."""
    if (deal is None) is not new:
        raise Refused("Name a deal to pick (--deal), or say that a new one shall be made (--new).")
    if new and error.code == DUPLICATE_MARK:
        raise Refused(
            f"Error {error.pk}: all of its deals carry the record's own mark, so none is made. "
            "Pick one of them with --deal."
        )
    if deal is not None:
        _check(error, deal, env)
    with transaction.atomic():
        customers = _keep(error, deal)
    return Decided(error.connection.name, tuple(customers))


def _keep(error: SyncError, deal: int | None) -> list[str]:
    connection, key = error.connection, error.source_key
    linked = Link.objects.filter(connection=connection, kind="deal", source_key=key)
    if linked.exists() or not SyncError.objects.filter(pk=error.pk, state="open").exists():
        raise Refused(
            f"{key} got its deal meanwhile; nothing was decided. "
            f"See: chargepipe errors {connection.name}"
        )
    if deal is not None:
        links.decide(connection, "deal", {key: deal})
    keyed(connection).filter(key=key).update(decision=MAKE_NEW if deal is None else "")
    return links.look_at_deals(connection, [key])


def _check(error: SyncError, deal: int, env: Environment | None) -> None:
    ids = [candidate["id"] for candidate in error.candidates]
    if deal not in ids:
        named = ", ".join(map(str, ids))
        raise Refused(f"Deal {deal} is no candidate of error {error.pk}. Its candidates: {named}")
    if not look(error.connection, "deal", [deal], env):
        raise Refused(
            f"Deal {deal} is no longer there in Pipedrive, or hidden from the connecting user. "
            "Look again which deals there are: "
            f"chargepipe errors retry {error.connection.name} {error.pk}"
        )
