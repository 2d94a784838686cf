"""Why: for every field of a customer's person, organization and deals, what we wrote, and why.

Answers "why does this person have this value, and when did it get it" (rule 17).
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chargepipe.accounts.environment import Environment
from chargepipe.actions.connections import stored_file
from chargepipe.actions.journal import in_words, stages
from chargepipe.actions.names import companies_of
from chargepipe.actions.now import Now, look
from chargepipe.actions.origin import Origin, origin_of
from chargepipe.actions.records import RecordPage, page
from chargepipe.domain.deal_diff import LINKS
from chargepipe.domain.erasure import erased_at, is_erased
from chargepipe.domain.held_deal import DEAL_NAMES
from chargepipe.domain.inverse import same
from chargepipe.store.models import Change, Link
from chargepipe.sync.backward import ATTRIBUTES

NEVER = "chargepipe never wrote it: it was so already"
_CONTACTS = {"emails": "email", "phones": "phone"}
_BUILT_IN = ("name", "email", "phone")


@dataclass(frozen=True, slots=True)
class FieldStory:
    """One field of one record. Values are in words; "-" is an empty field."""

    kind: str
    """person, organization or deal."""
    pipedrive_id: int
    field: str
    value: str
    """What we last wrote, or found there as it should be."""
    since: datetime | None
    """When it was written; None where we never wrote it, or the journal no longer says."""
    run: int | None
    source: str
    """Chargebee's record and attribute, in words."""
    working: tuple[str, ...]
    """How a sum came about, a line for each subscription, as of that write."""
    note: str
    """What else is to be known: never written by us, erased, taken back."""
    now: str | None = None
    """What Pipedrive holds at this moment, where it was asked."""
    moved: bool = False
    """Whether that differs from what we last wrote: somebody changed it in Pipedrive since."""


@dataclass(frozen=True, slots=True)
class Story:
    """A customer, its records field by field, and why nothing is written where nothing is."""

    page: RecordPage
    fields: tuple[FieldStory, ...]
    gone: tuple[str, ...]
    """Records that Pipedrive does not show now, in words; only where it was asked."""


def explain(name: str, key: str, *, now: bool = False, env: Environment | None = None) -> Story:
    """The story of the customer that `key` names (`records.page`); `now` asks Pipedrive, too.

    Raises Refused where nobody or more than one is meant; with `now` what `actions.now` raises.
    """
    found = page(name, key)
    held = look(found.connection, found.links, env) if now else {}
    origin, wrote = origin_of(found), _last_writes(found)
    fields = [
        story
        for link in found.links
        for story in _stories(
            found, link, origin, held.get(link.pk), wrote[link.kind, link.pipedrive_id]
        )
    ]
    gone = [
        f"{link.kind} {link.pipedrive_id}: {held[link.pk].words}"
        for link in found.links
        if link.pk in held and held[link.pk].words
    ]
    return Story(found, tuple(fields), tuple(gone))


def _stories(
    found: RecordPage, link: Link, origin: Origin, now: Now | None, wrote: Mapping[str, Change]
) -> Iterator[FieldStory]:
    known = _known(link)
    zero_decimal = stored_file(found.connection).settings.zero_decimal
    places = stages(found.connection)
    named = companies_of(found.record)
    for name in dict.fromkeys([*known, *wrote]):
        change = wrote.get(name)
        # Of emails and phones our own is meant; once undone, none is.
        if change is None or (name in _CONTACTS and link.last):
            value = known.get(name)
        else:
            value = change.after[name]
        if change is not None and is_erased(change.after[name]) and not value:
            value = change.after[name]
        held = now.values.get(name) if now and now.values else None
        yield FieldStory(
            link.kind,
            link.pipedrive_id,
            name,
            in_words(value, zero_decimal, places, named),
            change.written_at if change else None,
            change.run_id if change else None,
            origin.of(link.kind, name, link.source_key),
            tuple(_working(change, name, zero_decimal)),
            _note(link, name, change),
            in_words(held, zero_decimal, places, named) if now and now.values else None,
            bool(now and now.values) and _moved(name, value, change, held),
        )


def _known(link: Link) -> dict[str, Any]:
    """The fields of the last target, by the names that a Change uses."""
    last: Mapping[str, Any] = link.last
    if link.kind == "deal":
        # What billing does not say, and what was left to a person, we never wrote.
        built_in = {name: link.ours[name] for name in DEAL_NAMES if name in link.ours}
        return {**built_in, **last.get("fields", {})}
    built_in = {"name": "name"} if link.kind == "organization" else _PERSON
    known = {name: last.get(key) for name, key in built_in.items()} if last else {}
    return {**known, **last.get("fields", {})}


_PERSON = {
    "name": "name",
    "emails": "email",
    "phones": "phone",
    "organization": "organization_name",
}


def _last_writes(found: RecordPage) -> dict[tuple[str, int], dict[str, Change]]:
    """The newest write of each field by kind and id of its record, by any customer's sync."""
    changes = Change.objects.filter(
        connection=found.connection,
        kind__in={link.kind for link in found.links},
        pipedrive_id__in={link.pipedrive_id for link in found.links},
        state="written",
    ).exclude(action="delete")
    wrote: dict[tuple[str, int], dict[str, Change]] = defaultdict(dict)
    for change in sorted(changes.select_related("reverts"), key=lambda each: each.pk):
        if change.pipedrive_id is not None:
            names = (name for name in change.after if name not in ATTRIBUTES)
            wrote[change.kind, change.pipedrive_id] |= dict.fromkeys(names, change)
    return wrote


def _moved(name: str, value: Any, change: Change | None, held: Any) -> bool:
    """Whether Pipedrive holds something else than after our last write."""
    if change is not None and not is_erased(change.after[name]):
        return not same(name, change.after[name], held)
    if name in _CONTACTS:
        return bool(value) and not any(row["value"] == value for row in held or ())
    return name not in LINKS and not is_erased(value) and not same(name, value, held)


def _note(link: Link, name: str, change: Change | None) -> str:
    if change is None:
        return NEVER
    if moment := erased_at(change.after[name]) or erased_at(change.before.get(name)):
        return f"erased on {moment[:10]}: personal data were cleared in Chargebee"
    if change.reverts_id is not None:
        return f"taken back: what stood before run {change.reverts.run_id}"
    if change.kind == "person" and change.source_key != link.source_key:
        return f"written for customer {change.source_key}, who shares the person"
    contact = _CONTACTS.get(name)
    if contact and link.last.get(contact) and link.ours.get(contact) != link.last[contact]:
        return "the person had it before us"
    return "found by its mark, nothing was sent" if change.adopted else ""


def _working(change: Change | None, name: str, zero_decimal: Collection[str]) -> Iterator[str]:
    lines: Sequence[Mapping[str, Any]] = change.working.get(name, ()) if change else ()
    for line in lines:
        if not line["counted"]:
            yield f"{line['subscription_id']}: not counted ({line['why']})"
            continue
        own = _money(line["amount"], line["currency"], zero_decimal)
        other = _money(line["converted"], line["into"], zero_decimal)
        into = "" if line["currency"] == line["into"] else f" = {other}"
        yield f"{line['subscription_id']}: {own}{into} ({line['why']})"


def _money(amount: int, currency: str, zero_decimal: Collection[str]) -> str:
    return in_words({"amount": amount, "currency": currency}, zero_decimal)
