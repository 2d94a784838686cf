"""Walked: which rows of the walks to come a plan keeps, so that it need not read them by id."""

from collections.abc import Callable, Collection
from functools import partial

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Right

from chargepipe.domain.fields import entities
from chargepipe.domain.keys import NUMBER_END
from chargepipe.pipedrive import Entity
from chargepipe.store.models import IndexKey, Record
from chargepipe.sync.carried import Carried
from chargepipe.sync.fields import field_map
from chargepipe.sync.session import Session


def carry(
    session: Session, entity: Entity, wanted: Callable[[Collection[int]], Collection[int]]
) -> None:
    """Keep what the walks to come show of the records that are `wanted`, for the plan."""
    codes = tuple(known.code for known in field_map(session, entity).fields.values())
    session.carried[entity] = Carried(wanted, codes, session.env.clock.now())


def carry_matching(session: Session) -> None:
    """Keep the people and organizations that customers may match, where nothing is kept yet.

    Not for a preview: the run after it walks only what is new, and costs what the preview says.
    """
    for entity in entities(session.settings):
        if entity != "deal" and entity not in session.carried:
            carry(session, entity, partial(_matching, session, entity))


def _matching(session: Session, entity: Entity, ids: Collection[int]) -> set[int]:
    """The records among `ids` that hold the key or the mark of a customer, or a company's name.

    Of phone numbers the mirror holds how they end.
    """
    customers = Record.objects.filter(connection=session.connection, kind="customer")
    value, end = OuterRef("value"), Right(OuterRef("value"), NUMBER_END)
    key = end if session.settings.match_key.by_phone else value
    own = {"match_key": key, "source_id": value} if entity == "person" else {"company_key": value}
    theirs = Q()
    for name, wanted in own.items():
        theirs |= Q(Exists(customers.filter(**{name: wanted})))
    keys = IndexKey.objects.filter(
        account=session.account, entity=entity, pipedrive_id__in=list(ids)
    )
    return set(keys.filter(theirs).values_list("pipedrive_id", flat=True))
