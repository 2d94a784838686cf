"""Send: put a page of intended changes on the wire and say what became of each."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chargepipe.accounts.lease import LeaseShort
from chargepipe.domain.held_deal import MAY_STAY
from chargepipe.http import (
    BadRecord,
    Breaker,
    Gone,
    NeedsAdmin,
    PauseUntilReset,
    Reconnect,
    ServiceError,
    Transient,
    Uncertain,
)
from chargepipe.store.models import Account, Change
from chargepipe.sync.session import Halted, Session

CAPPED = "feature_capping_deals_limit"
"""Pipedrive's code for a plan that takes no more open deals (pipedrive-api.md section 2.5)."""
PRODUCTS = "products attached"
"""In Pipedrive's refusal of a deal's value, which has no code (pipedrive-api.md section 4)."""
FORBIDDEN = 3
"""So many writes that are forbidden, and none that is not, mean that the user may not write."""
# The throttle paces the calls; this bounds how many wait for their answers at once.
AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Sent:
    """The answer to one write. Exactly one of the four is the case."""

    change: Change
    record: dict[str, Any] | None = None  # done, and this is what Pipedrive holds now
    refused: ServiceError | None = None  # certainly not done, for a reason of this record
    uncertain: bool = False  # may have been done
    unsent: bool = False  # nothing was sent, or certainly not done for a reason of the account


def send(session: Session, page: Sequence[tuple[Change, dict[str, Any]]]) -> list[Sent]:
    """Send the body of each change. What stops the whole run is kept in `session.halted`."""
    knew = session.nothing_emptied
    sent = session.call(_send_all(session, page))
    if session.nothing_emptied and not knew:
        now = session.env.clock.now()
        with session.commit():
            Account.objects.filter(pk=session.account.pk).update(nothing_emptied_at=now)
    return sent


async def _send_all(session: Session, page: Sequence[tuple[Change, dict[str, Any]]]) -> list[Sent]:
    gate, answers = asyncio.Semaphore(AT_ONCE), list[Sent]()

    async def one(change: Change, body: dict[str, Any]) -> Sent:
        async with gate:
            capped = change.action in session.capped and opens_deal(change)
            if capped or _right_lost(session, answers, change.action):
                return Sent(change, unsent=True)
            answers.append(await _send(session, change, body))
            return answers[-1]

    # A full account is met by one write of each kind, not by eight at once; and so is a right
    # that was missing.
    openers = {each[0].action: each for each in reversed(page) if opens_deal(each[0])}
    ahead = [openers[action] for action in ("update", "create") if action in openers]
    if session.connection.barred and not ahead:
        ahead = list(page[:1])
    first = {change.pk: await one(change, body) for change, body in ahead}
    rest = [each for each in page if each[0].pk not in first]
    sent = [*first.values(), *await asyncio.gather(*(one(*each) for each in rest))]
    lost = [_right_lost(session, answers, action) for action in ("create", "update", "delete")]
    session.halted = next(filter(None, lost), session.halted)
    if not any(lost):
        return sent
    return [Sent(each.change, unsent=True) if _forbids(each) else each for each in sent]


def _right_lost(session: Session, answers: Sequence[Sent], action: str) -> ServiceError | None:
    """The refusal that speaks for all: several such writes were forbidden, none was let through.

    A single one may be about its record; but where the connection was barred before, it is not.
    """
    same = [answer for answer in answers if answer.change.action == action]
    forbidden = [answer.refused for answer in same if _forbids(answer)]
    enough = 1 if session.connection.barred else FORBIDDEN
    let_through = any(answer.record is not None for answer in same)
    return forbidden[0] if len(forbidden) >= enough and not let_through else None


def _forbids(answer: Sent) -> bool:
    return isinstance(answer.refused, NeedsAdmin)


def opens_deal(change: Change) -> bool:
    """Whether a change makes or reopens a deal, which may count against the plan's limit."""
    status = change.after.get("status") if change.kind == "deal" else None
    return status is not None and status["status"] == "open"


async def _send(session: Session, change: Change, body: dict[str, Any]) -> Sent:
    try:
        return Sent(change, record=await _write(session, change, body))
    except (LeaseShort, Halted):
        return Sent(change, unsent=True)
    except (Uncertain, Breaker) as error:
        if isinstance(error, Breaker):
            session.halted = error
        return Sent(change, uncertain=True)
    except (BadRecord, Gone) as error:
        if change.action == "delete" and isinstance(error, Gone):
            return Sent(change, record={"id": change.pipedrive_id})  # gone is done
        return Sent(change, refused=error)
    except (PauseUntilReset, Reconnect, Transient) as error:
        session.halted = error
        return Sent(change, unsent=True)
    except NeedsAdmin as error:
        return _forbidden(session, change, error)


def _forbidden(session: Session, change: Change, error: NeedsAdmin) -> Sent:
    """A right or a quota that stops making records stops the run; one record's update does not.

    The limit of open deals stops only what makes or reopens one.
    """
    if opens_deal(change) and error.code == CAPPED:
        # Where one may not be opened again, a new one needs the same room.
        session.capped |= dict.fromkeys(("create", change.action), error)
        return Sent(change, unsent=True)
    if change.action != "create" and error.status == 403:
        return Sent(change, refused=error)
    session.halted = error
    return Sent(change, unsent=True)


async def _write(session: Session, change: Change, body: dict[str, Any]) -> dict[str, Any]:
    entity: Any = change.kind
    if change.action == "create":
        return await session.pipedrive.create(entity, body)
    assert change.pipedrive_id is not None
    if change.action == "update":
        return await _update(session, change, body)
    await session.pipedrive.delete(entity, change.pipedrive_id)
    return {"id": change.pipedrive_id}


async def _update(session: Session, change: Change, body: dict[str, Any]) -> dict[str, Any]:
    """What Pipedrive does not take of a deal is left out, and all else is sent once more.

    What it has once not let be emptied is not tried again for a day.
    """
    entity: Any = change.kind
    pipedrive_id: Any = change.pipedrive_id
    if entity == "deal" and session.nothing_emptied:
        body = _without(change, body, _emptied(body))
    if not body:
        return await session.pipedrive.get(entity, pipedrive_id)
    try:
        return await session.pipedrive.update(entity, pipedrive_id, body)
    except BadRecord as error:
        left_out = _not_taken(body, str(error)) if entity == "deal" else {}
        if not left_out or (len(left_out) == len(body) and "value" in left_out):
            raise
    answer = await _update(session, change, _without(change, body, left_out))
    session.nothing_emptied |= not MAY_STAY.keys().isdisjoint(left_out.values())
    return answer


def _without(change: Change, body: dict[str, Any], left_out: Mapping[str, str]) -> dict[str, Any]:
    """The rest of a body; its change says what of the deal stays."""
    names = dict.fromkeys(left_out.values())
    change.after = {name: value for name, value in change.after.items() if name not in names}
    change.kept = [*change.kept, *(name for name in names if name in MAY_STAY)]
    return {name: value for name, value in body.items() if name not in left_out}


def _not_taken(body: Mapping[str, Any], refusal: str) -> dict[str, str]:
    """Attributes of a refused deal to leave out, and what a change calls them.

    Products that came since the deal was read lock its value. Else what is emptied may have to
    stay; Pipedrive's words for that are not known.
    """
    if PRODUCTS in refusal:
        return {name: "value" for name in ("value", "currency") if name in body}
    return _emptied(body)


def _emptied(body: Mapping[str, Any]) -> dict[str, str]:
    """Attributes that a body empties and that may have to stay."""
    return {at: name for name, at in MAY_STAY.items() if body.get(at, at) is None}
