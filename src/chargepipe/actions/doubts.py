"""Doubts: settings that are allowed, and that these two accounts can hardly satisfy.

From what both accounts were found to have (`actions.offers`); no service is asked, and what was
never read is not doubted.
"""

from collections.abc import Iterator

from chargepipe.accounts.ledger import daily_tokens
from chargepipe.domain.account_fields import find, key_field, type_of
from chargepipe.domain.fields import wanted
from chargepipe.domain.keys import email_key
from chargepipe.domain.pipelines import NoSuchPlace, PipelineFacts
from chargepipe.domain.settings import ConnectionFile, Settings
from chargepipe.store.models import Account, Connection

SMALL_SHARE = 0.05
"""Of the day's tokens: below it even small syncs are likely to stop half-way."""
TINY_BRAKE = 0.01
"""Of the linked people: a percentage typed as a fraction, or a run that always asks."""


def doubts(connection: Connection, file: ConnectionFile) -> Iterator[tuple[str, str]]:
    """Each doubt: the dotted path of the setting, and words that follow its name."""
    settings, account = file.settings, connection.account
    if account is None:
        return
    yield from _shares(account, file)
    yield from _choices(account, settings)
    yield from _places(account, settings)
    yield from _sources(connection, settings)
    yield from _fields(connection, account, settings)


def _shares(account: Account, file: ConnectionFile) -> Iterator[tuple[str, str]]:
    share, day = file.settings.budget_share, daily_tokens(account, file.settings)
    if share < SMALL_SHARE:
        yield (
            "settings.budget_share",
            f"is {100 * share:g} % of {day:,} tokens: {int(day * share):,} a day. A sync is likely "
            "to need more, and then stands still until the next day.",
        )
    share = file.brake.share_of_people
    if share <= TINY_BRAKE:
        yield "brake.share_of_people", f"is {100 * share:g} %: most runs will ask first."


def _choices(account: Account, settings: Settings) -> Iterator[tuple[str, str]]:
    users = {email_key(email) for email in account.users}
    if settings.owner != "token" and users and email_key(settings.owner) not in users:
        yield (
            "settings.owner",
            "is no active user of this Pipedrive account: nothing can be made until it is one.",
        )
    labels = account.fields.get("labels")
    folded = {label.casefold() for label in labels or ()}
    if settings.label and labels is not None and settings.label.casefold() not in folded:
        yield (
            "settings.label",
            "is no label of this Pipedrive account: nobody can be made until it is one.",
        )


def _places(account: Account, settings: Settings) -> Iterator[tuple[str, str]]:
    facts = PipelineFacts.from_json(account.pipelines)
    if not facts.pipelines:
        return
    tables = {
        "subscription_deals": settings.subscription_deals,
        "invoice_deals": settings.invoice_deals,
    }
    for table, deals in tables.items():
        if not deals.enabled:
            continue
        if words := _no_place(facts, deals.pipeline, None):
            yield f"settings.{table}.pipeline", words
            continue
        for status, rule in deals.status:
            if rule.status != "none" and (words := _no_place(facts, deals.pipeline, rule.stage)):
                yield f"settings.{table}.status.{status}.stage", words


def _no_place(facts: PipelineFacts, pipeline: str | int | None, stage: str | int | None) -> str:
    try:
        facts.place(pipeline, stage)
    except NoSuchPlace as error:
        return f"is not there: {error}."
    return ""


def _sources(connection: Connection, settings: Settings) -> Iterator[tuple[str, str]]:
    known = connection.attributes
    asked = [
        (f"settings.additional_fields.{index}.from", field.record, field.source)
        for index, field in enumerate(settings.additional_fields)
    ]
    key = settings.match_key.chargebee
    if key.startswith("cf_"):
        asked.append(("settings.match_key.chargebee", "customer", f"customer.{key}"))
    for path, record, source in asked:
        looked = any(name.startswith(f"{record}.") for name in known)
        if looked and source not in known:
            yield path, f"is in none of the first {record}s of the site: look at its spelling."


def _fields(
    connection: Connection, account: Account, settings: Settings
) -> Iterator[tuple[str, str]]:
    rows = account.fields
    specs = {(spec.entity, spec.name): spec for spec in wanted(settings) if spec.chosen}
    for index, field in enumerate(settings.additional_fields):
        spec = specs.get((field.entity, field.name))
        row = find(spec, rows, connection.field_codes, connection.field_suffix) if spec else None
        if spec and row and not spec.takes(row["type"]):
            held = type_of(row["type"])
            yield (
                f"settings.additional_fields.{index}.to",
                f"holds {held.holds or held.words} in Pipedrive, and this would be "
                f"{type_of(spec.type).holds}: nothing can be written until they agree.",
            )
    key = settings.match_key.pipedrive
    row = None if key in ("email", "phone") else key_field(rows.get("person", ()), key)
    if key not in ("email", "phone") and "person" in rows:
        if row is None:
            yield "settings.match_key.pipedrive", "is no field of the person in Pipedrive."
        elif not type_of(row["type"]).key:
            yield "settings.match_key.pipedrive", "is no text field in Pipedrive."
