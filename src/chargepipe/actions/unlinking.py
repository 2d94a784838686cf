"""Unlink: forget the accounts, or some business entities; keep or clear what we wrote."""

from collections.abc import Collection, Sequence

from django.db import transaction

from chargepipe.accounts.environment import Environment
from chargepipe.accounts.granting import release
from chargepipe.actions import runs
from chargepipe.actions.connections import as_json, find, stored_file
from chargepipe.actions.refusal import Refused
from chargepipe.domain.settings import ConnectionFile, check
from chargepipe.store.models import Connection, Link, Record, Run, Secrets


def unlink(name: str, *, keep_links: bool = True, env: Environment | None = None) -> str:
    """Forget the accounts and their secrets; links stay unless told otherwise, history stays.

    No record in Pipedrive changes. Returns what became of the access by OAuth, in words; "" for
    none. Raises Refused while a run is under way.
    """
    connection = find(name)
    _at_rest(connection)
    grant_id = connection.grant_id
    with transaction.atomic():
        connection.account, connection.next_sync_at = None, None
        connection.grant, connection.disconnected = None, ""
        connection.barred, connection.barred_since = "", None
        connection.save(
            update_fields=[
                *("account", "next_sync_at", "grant", "disconnected", "barred", "barred_since")
            ]
        )
        Secrets.objects.filter(connection=connection).delete()
        if not keep_links:
            Link.objects.filter(connection=connection).delete()
            Record.objects.filter(connection=connection).update(settled=0)
    return "" if grant_id is None else _HANDED_BACK[release(grant_id, env or Environment())]


_HANDED_BACK = {
    True: "Its access to Pipedrive was handed back: the app is uninstalled there.",
    False: "Pipedrive could not be told that its access is over: uninstall the app there.",
    None: "Its access to Pipedrive stays, for other connections use it.",
}


def leave(name: str, entities: Sequence[str]) -> Connection:
    """Take business entities off the list of those that are synced (setting 0).

    What was written of them stays, and so do their links. Raises Refused for an entity that is not
    on the list, for the last one, and while a run is under way.
    """
    connection = find(name)
    _at_rest(connection)
    file = stored_file(connection)
    rest = _without(connection, file, entities)
    settings = file.settings.model_copy(update={"business_entities": tuple(rest)})
    made = check(ConnectionFile, as_json(file.model_copy(update={"settings": settings})))
    connection.file = as_json(made)
    connection.save(update_fields=["file"])
    return connection


def clear(name: str, *, entities: Sequence[str] = (), confirmed: bool = False) -> Run:
    """Start the run that takes what we wrote off people and organizations; it asks first.

    `entities`: only off those of these business entities, which are no longer synced. Raises
    Refused for one that still is, or that no customer has.
    """
    if here := still_synced(name, entities):
        raise Refused(f"{name} still syncs the business entity {', '.join(here)}: leave it first.")
    customers = find(name).records.filter(kind="customer")
    for entity in entities:
        if not customers.filter(attributes__business_entity_id=entity).exists():
            raise Refused(f"{name} knows no customer of a business entity {entity}.")
    return runs.start(name, "clear", only=entities, confirmed=confirmed)


def still_synced(name: str, entities: Sequence[str]) -> list[str]:
    """Those of these business entities that the connection syncs now."""
    chosen = stored_file(find(name)).settings.business_entities
    return [entity for entity in entities if chosen == "all" or entity in chosen]


def _without(connection: Connection, file: ConnectionFile, entities: Collection[str]) -> list[str]:
    chosen = file.settings.business_entities
    if chosen == "all":
        raise Refused(
            f"{connection.name} syncs all business entities. Choose a list of them as "
            "settings.business_entities first, or unlink the whole connection."
        )
    strange = [entity for entity in entities if entity not in chosen]
    if strange:
        raise Refused(
            f"{connection.name} does not sync the business entity {', '.join(strange)}. "
            f"It syncs: {', '.join(chosen)}."
        )
    rest = [entity for entity in chosen if entity not in entities]
    if not rest:
        raise Refused(
            f"That would leave {connection.name} without a business entity: unlink it altogether."
        )
    return rest


def _at_rest(connection: Connection) -> None:
    run = connection.runs.filter(state__in=Run.UNFINISHED).first()
    if run is not None:
        raise Refused(
            f"Run {run.pk} of {connection.name} ({run.kind}) is {run.state}; wait for it, or end "
            f"it: chargepipe run cancel {run.pk}"
        )
