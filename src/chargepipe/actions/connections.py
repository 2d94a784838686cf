"""Make, change and show connections."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from chargepipe.accounts.connect import Checked
from chargepipe.accounts.connect import check as ask_both
from chargepipe.accounts.environment import Environment
from chargepipe.accounts.granting import release
from chargepipe.accounts.secrets import Typed
from chargepipe.actions.linking import account_of, forget_others, may_link
from chargepipe.actions.refusal import Refused
from chargepipe.domain.settings import (
    STORED,
    ConnectionFile,
    SettingsError,
    check,
    differences,
    dump,
    load,
    locked,
    placed,
    written_otherwise,
)
from chargepipe.store.models import Connection, Run, Secrets
from chargepipe.sync.finish import next_sync
from chargepipe.sync.reconnect import opened
from chargepipe.sync.remembered import compare_again


@dataclass(frozen=True, slots=True)
class Proposal:
    """A file that may be applied: what it says, and what that changes."""

    file: ConnectionFile
    connection: Connection | None
    differences: tuple[tuple[str, Any, Any], ...]


def propose(text: str) -> Proposal:
    """Read a connection file and compare it with what stands.

    Raises SettingsError with every mistake and its line, locks included. Changes nothing.
    """
    file = load(text)
    connection = everyone().filter(name=file.name).first()
    if connection is None:
        return Proposal(file, None, ())
    try:
        _check_locks(connection, file)
    except SettingsError as error:
        raise SettingsError(placed(error.problems, text)) from None
    return Proposal(file, connection, differences(stored_file(connection), file))


def apply(
    proposal: Proposal, env: Environment | None = None, typed: Typed | None = None
) -> tuple[Connection, Checked]:
    """Check both services, then store. Raises what `accounts.connect.check` raises, and Refused.

    Nothing is stored when a service refuses.
    """
    checked = look(proposal, env, typed)
    return store(proposal, checked, env), checked


def look(proposal: Proposal, env: Environment | None = None, typed: Typed | None = None) -> Checked:
    """Ask both services of the file who they are, and warn; changes nothing.

    `typed` are secrets that were just typed in; where there is none, those that stand are used.

    Raises what `accounts.connect.check` raises.
    """
    return ask_both(proposal.file, env or Environment(), _secrets(proposal, typed))


def _secrets(proposal: Proposal, typed: Typed | None) -> Typed:
    """What was typed, else what the connection holds already of the secrets kept "stored"."""
    typed, file = typed or Typed(), proposal.file
    return Typed(
        typed.chargebee_key or _held(proposal, file.chargebee.api_key, "chargebee_key"),
        typed.pipedrive_token or _held(proposal, file.pipedrive.api_token, "pipedrive_token"),
        typed.grant or (proposal.connection.grant_id if proposal.connection else None),
    )


def _held(proposal: Proposal, reference: str | None, column: str) -> str:
    """What is kept for a "stored" reference; others are not read: their keys may be lost."""
    if reference != STORED or proposal.connection is None:
        return ""
    held = Secrets.objects.filter(connection=proposal.connection)
    return held.values_list(column, flat=True).first() or ""


def store(proposal: Proposal, checked: Checked, env: Environment | None = None) -> Connection:
    """Make or change the connection, all or nothing. Raises Refused for other accounts."""
    old = proposal.connection.grant_id if proposal.connection else None
    with transaction.atomic():
        connection = _store(proposal, checked)
    if old not in (None, connection.grant_id):
        release(old, env or Environment())
    return connection


def _store(proposal: Proposal, checked: Checked) -> Connection:
    account = account_of(checked)
    connection = _as_it_is_now(proposal)
    may_link(connection, account, proposal.file.chargebee.site)
    if connection.account_id is None:
        suffix = suffix_for(proposal, checked)
        forget_others(connection, account, proposal.file.chargebee.site)
        connection.account, connection.company_id = account, account.company_id
        connection.field_suffix = suffix
    if connection.pk and written_otherwise(
        stored_file(connection).settings, proposal.file.settings
    ):
        compare_again(connection)
    connection.file = as_json(proposal.file)
    connection.site = proposal.file.chargebee.site
    connection.grant_id = checked.grant
    opened(connection, timezone.now())
    connection.save()
    # Stored anew, not changed: old ones need not be readable.
    Secrets.objects.filter(connection=connection).delete()
    Secrets.objects.create(
        connection=connection,
        chargebee_key=checked.chargebee_key,
        pipedrive_token=checked.pipedrive_token,
    )
    return connection


def _as_it_is_now(proposal: Proposal) -> Connection:
    """The connection's row, locked and fresh: a run may have ended since the file was compared."""
    file = proposal.file
    connection = Connection.objects.select_for_update().filter(name=file.name).first()
    if connection is None:
        return Connection(name=file.name)
    _check_locks(connection, file)
    return connection


def change(name: str, file: ConnectionFile) -> Connection:
    """Change the settings, brake and schedule of a linked connection; asks no service.

    Its accounts and secrets stay. Raises SettingsError for what is locked, Refused for other
    accounts: those are looked at first (`apply`).
    """
    with transaction.atomic():
        proposal = Proposal(file, find(name), ())
        connection = _as_it_is_now(proposal)
        held = stored_file(connection)
        if (held.name, held.chargebee, held.pipedrive) != (
            file.name,
            file.chargebee,
            file.pipedrive,
        ):
            raise Refused("The accounts are changed under Accounts, where both are asked first.")
        if written_otherwise(held.settings, file.settings):
            compare_again(connection)
        connection.file = as_json(file)
        connection.configured_at = timezone.now()
        connection.next_sync_at = next_sync(connection, connection.configured_at)
        connection.save(update_fields=["file", "configured_at", "next_sync_at"])
    return connection


def _check_locks(connection: Connection, file: ConnectionFile) -> None:
    old, begun = stored_file(connection).settings, _first_full_under_way(connection)
    problems = locked(
        old,
        file.settings,
        begun or connection.full_done_at is not None,
        (begun and old.organizations) or connection.full_with_organizations,
    )
    if problems:
        raise SettingsError(problems)


def _first_full_under_way(connection: Connection) -> bool:
    """Whether a full sync has begun and not ended: half of it by one key would be a mixture."""
    under_way = connection.runs.filter(started_at__isnull=False, state__in=Run.UNFINISHED)
    return under_way.filter(Q(kind="full") | Q(kind="apply", about__of="full")).exists()


def suffix_for(proposal: Proposal, checked: Checked) -> str:
    """What the names of a connection's fields end in: "" for the first one of an account.

    Each further one has its site's name, or its own where the same site is linked twice. It is kept
    for good, an unlinked connection's too: its fields, and the marks in them, are still there.
    """
    file, company = proposal.file, checked.me.company_id
    known = everyone().filter(company_id=company)
    own = known.filter(name=file.name, site=file.chargebee.site).first()
    if own is not None:
        return own.field_suffix
    taken = set(known.values_list("field_suffix", flat=True))
    return next(each for each in ("", file.chargebee.site, file.name) if each not in taken)


def stored_file(connection: Connection) -> ConnectionFile:
    """The connection file as it stands."""
    return ConnectionFile.model_validate(connection.file)


def as_json(file: ConnectionFile) -> dict[str, Any]:
    """The form in which a connection file is stored."""
    return file.model_dump(mode="json", by_alias=True)


def export(name: str, other: str = "") -> str:
    """The connection as a file again, secrets as references.

    With `other` the same rules for the connection of that name: with its two accounts where there
    is one, else with those of this one, and a comment that says so. Raises Refused for a name that
    no connection may have.
    """
    file = stored_file(find(name))
    if not other:
        return dump(file)
    theirs = everyone().filter(name=other).first()
    accounts = stored_file(theirs) if theirs else file
    parts = {"name": other, "chargebee": accounts.chargebee, "pipedrive": accounts.pipedrive}
    try:
        made = check(ConnectionFile, file.model_copy(update=parts).model_dump(by_alias=True))
    except SettingsError as error:
        raise Refused(f"--as: {error.problems[0]}.") from None
    return dump(made) if theirs else _FILL_IN.format(name=name, other=other) + dump(made)


_FILL_IN = """\
# The rules of {name}. The two accounts are still those of {name}: put in those of {other}
# (site, addresses, where the secrets are) before you apply this file.
"""


def everyone() -> QuerySet[Connection]:
    """All connections, by name."""
    return Connection.objects.select_related("account").order_by("name")


def find(name: str) -> Connection:
    """The connection of this name. Raises Refused, with the names that there are."""
    connection = everyone().filter(name=name).first()
    if connection is None:
        names = ", ".join(everyone().values_list("name", flat=True)) or "none yet"
        raise Refused(f'There is no connection "{name}". Connections: {names}.')
    return connection
