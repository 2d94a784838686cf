"""Forecast: what a step of the set-up costs, as far as that is known before it starts.

All is a bound from above, by the prices of the calls that such a run makes; nobody is asked. A
preview says it exactly.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from django.db.models import Count, QuerySet
from django.utils import timezone

from chargepipe.accounts.discover import ENTITIES
from chargepipe.accounts.ledger import allowance, share_of_day
from chargepipe.actions.connections import stored_file
from chargepipe.actions.fields_needed import room_of
from chargepipe.domain.cost import Cost
from chargepipe.domain.deals import records_with_deals
from chargepipe.domain.quota import Room
from chargepipe.domain.settings import Settings
from chargepipe.pipedrive import costs
from chargepipe.store.models import Account, Connection, IndexRecord, IndexState, Link, Record
from chargepipe.sync.fields import TRUSTED_FOR
from chargepipe.sync.owners import CONNECTING_USER
from chargepipe.sync.scope import TRIAL_SIZE

PAGE = 500
"""Records on a page of Pipedrive's lists."""
BATCH = 100
"""Records that are read at once before they are changed."""
RECORDS_A_MINUTE = 12_000
"""Of Chargebee's: 100 a request, by 80 % of the 150 requests a minute of its smallest plan."""
NAMES: Mapping[str, str] = {"person": "people", "organization": "organizations"}


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a step does and costs at most."""

    kinds: tuple[str, ...]
    """What of Pipedrive's is read and written: people, and organizations where they are on."""
    customers: int | None
    """In Chargebee, as they were read last; None: not read yet."""
    writes: int | None
    """People and organizations that are made or changed; None: customers are not counted yet."""
    cost: Cost
    """Its tokens are without those of `uncounted`."""
    minutes: int | None
    """Of a validation, to read all of Chargebee; None: not counted yet."""
    uncounted: tuple[str, ...]
    """What of Pipedrive's is not counted yet: 10 tokens for each 500 beyond the first 500."""
    room: Room | None
    """The custom fields; None: those of the account were never read."""


def of_step(connection: Connection, step: str, now: datetime | None = None) -> Forecast | None:
    """Of "validate", "trial" or "all"; None for an unlinked connection."""
    account = connection.account
    if account is None:
        return None
    settings, now = stored_file(connection).settings, now or timezone.now()
    customers = _records(connection).count() or None
    writes = _writes(connection, settings, step, customers)
    room, counts = room_of(connection, settings), _counts(account, settings)
    making = room.missing if room and step != "validate" else 0
    tokens = _reading(account, settings, now, counts) + _writing(writes or 0, making, len(counts))
    today = now.date()
    left, a_day = allowance(account, settings, today), share_of_day(account, settings)
    return Forecast(
        tuple(NAMES[entity] for entity in counts),
        customers,
        writes,
        Cost((writes or 0) + making, tokens, left, a_day, today),
        _minutes(connection) if customers and step == "validate" else None,
        tuple(NAMES[entity] for entity, count in counts.items() if count is None),
        room,
    )


def _records(connection: Connection) -> QuerySet[Record]:
    return Record.objects.filter(connection=connection, kind="customer")


def _writes(
    connection: Connection, settings: Settings, step: str, customers: int | None
) -> int | None:
    """People and organizations at most; one that is linked already is taken to be right."""
    if step == "validate":
        return 0
    if step == "trial":
        return TRIAL_SIZE * (2 if settings.organizations else 1)
    if customers is None:
        return None
    rows = Link.objects.filter(connection=connection).order_by("kind").values_list("kind")
    links = dict(rows.annotate(n=Count("pk")))
    people = max(0, customers - links.get("person", 0))
    if not settings.organizations:
        return people
    named = _records(connection).exclude(company_key="")
    companies = named.values("company_key").distinct().count()
    return people + max(0, companies - links.get("organization", 0))


def _counts(account: Account, settings: Settings) -> dict[str, int | None]:
    """Records of Pipedrive's that are walked: by the index, people else as once counted."""
    walked = IndexState.objects.filter(account=account, since__isnull=False)
    known = set(walked.values_list("entity", flat=True))
    found: dict[str, int | None] = {}
    for entity in ENTITIES[: 2 if settings.organizations else 1]:
        held = IndexRecord.objects.filter(account=account, entity=entity)
        guess = account.people if entity == "person" else None
        found[entity] = held.count() if entity in known else guess
    return found


def _reading(
    account: Account, settings: Settings, now: datetime, counts: Mapping[str, int | None]
) -> int:
    """Tokens of what every run reads of Pipedrive before it plans."""
    tokens = costs.ME.cost + costs.CURRENCIES.cost
    if account.fields_at is None or now - account.fields_at >= TRUSTED_FOR:
        tokens += sum(operation.cost for operation in costs.LIST_FIELDS.values())
    if settings.owner != CONNECTING_USER:
        tokens += costs.USERS.cost
    if records_with_deals(settings):
        tokens += costs.PIPELINES.cost + costs.STAGES.cost
    pages = (max(1, ceil((count or 0) / PAGE)) for count in counts.values())
    return tokens + costs.LIST["person"].cost * sum(pages)


def _writing(writes: int, making: int, entities: int) -> int:
    """Tokens of the writes, of a look at each target before, and of the custom fields."""
    looks = ceil(writes / BATCH) + entities if writes else 0
    fields = costs.LIST_FIELDS["person"].cost * entities if making else 0
    write, field = costs.CREATE["person"].cost, costs.CREATE_FIELD["person"].cost
    return writes * write + looks * costs.LIST["person"].cost + making * field + fields


def _minutes(connection: Connection) -> int:
    records = Record.objects.filter(connection=connection).count()
    return max(1, ceil(records / RECORDS_A_MINUTE))
