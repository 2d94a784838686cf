"""Foretell: what a validation or a preview says of the run as a whole (product.md 2.3).

What a validation finds are warnings too, in the list and its CSV; they stop nobody.
"""

from collections.abc import Iterator
from functools import partial

from chargepipe.accounts.ledger import allowance, share_of_day
from chargepipe.domain.change import price
from chargepipe.domain.codes import (
    COST,
    FIELDS_SHORT,
    PLACE_MISSING,
    UNFIT_VALUES,
    UNKNOWN_CHOICE,
)
from chargepipe.domain.cost import Cost
from chargepipe.domain.deals import records_with_deals
from chargepipe.domain.pipelines import problems
from chargepipe.domain.quota import choices, too_many
from chargepipe.domain.validation import Finding
from chargepipe.sync import settle_errors
from chargepipe.sync.fields import find
from chargepipe.sync.newcomers import choose
from chargepipe.sync.places import pipeline_facts
from chargepipe.sync.room import room
from chargepipe.sync.session import Session
from chargepipe.sync.trouble import UnknownChoice
from chargepipe.sync.unfit import unfit


def foretell(session: Session, unlinked: int) -> None:
    """Say, in a validation or a preview, what is missing or unfit and what linking will cost.

    `unlinked` is how many customers and companies a full sync would make or link.
    """
    found = list(_findings(session, unlinked))
    fields = room(session)
    words = ([] if fields.short else [str(fields)]) + [finding.words for finding in found]
    session.note += "".join(f"{each} " for each in words)
    if session.run.kind == "validate":
        with session.commit():
            settle_errors.foretold(session, found)


def _findings(session: Session, unlinked: int) -> Iterator[Finding]:
    of = partial(Finding.of, record=session.connection.name, kind="connection")
    fields = room(session)
    if fields.short:
        offered = choices(session.settings, lambda spec: find(session, spec) is not None)
        yield of(FIELDS_SHORT, words=too_many(fields, offered))
    for words in unfit(session):
        yield of(UNFIT_VALUES, words=words)
    try:
        choose(session)
    except UnknownChoice as error:
        yield of(UNKNOWN_CHOICE, words=str(error))
    if records_with_deals(session.settings):
        for table, words in problems(session.settings, pipeline_facts(session)):
            yield Finding.of(PLACE_MISSING, table, kind="connection", table=table, words=words)
    if session.run.kind == "validate" and unlinked:
        yield of(COST, number=unlinked, cost=_cost(session, unlinked + fields.missing))


def _cost(session: Session, writes: int) -> Cost:
    account, settings = session.account, session.settings
    account.refresh_from_db(fields=["tokens_day", "tokens_used", "tokens_limit", "tokens_left"])
    left = allowance(account, settings, session.env.clock.now().date())
    return Cost(writes, writes * price("create"), left, share_of_day(account, settings))
