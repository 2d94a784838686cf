"""Advice at connecting: what the two accounts are, and what a careful person would do first."""

from collections.abc import Iterator
from dataclasses import dataclass

from chargepipe.accounts.connect import Checked
from chargepipe.accounts.discover import room
from chargepipe.actions.connections import Proposal, everyone, suffix_for
from chargepipe.domain.account_fields import find, problems
from chargepipe.domain.fields import wanted
from chargepipe.domain.quota import choices, too_many
from chargepipe.domain.sites import TEST

REHEARSE = (
    "Rehearse first with the Chargebee test site and an empty Pipedrive account; every step also "
    "has a preview that writes nothing."
)


@dataclass(frozen=True, slots=True)
class Advice:
    """What `connection apply` shows before it asks. All words are for people."""

    badge: str
    """"test site" or "live site"."""
    people: str
    """How many people are in Pipedrive already."""
    fields: str
    """What the settings need of custom fields, and whether that fits."""
    warnings: tuple[str, ...]
    caution: str
    """What to think of before a live account is linked that was not rehearsed; "" for none."""


def advise(proposal: Proposal, checked: Checked) -> Advice:
    """Look at what both services said in the light of what is stored here; changes nothing."""
    return Advice(
        "live site" if checked.live else "test site",
        _people(checked),
        _fields(proposal, checked),
        (*checked.warnings, *_unusable(proposal, checked), *_twins(proposal, checked)),
        _caution(proposal, checked),
    )


def _people(checked: Checked) -> str:
    more = "more than " if checked.more_people else ""
    if checked.people == 1 and not more:
        return "1 person is there already"
    return f"{more}{checked.people} people are there already" if checked.people else "no people yet"


def _fields(proposal: Proposal, checked: Checked) -> str:
    settings = proposal.file.settings
    codes, suffix = _codes(proposal), suffix_for(proposal, checked)
    oauth = proposal.file.pipedrive.oauth
    found = room(settings, checked.fields, codes, suffix, checked.burst, oauth=oauth)
    if not found.short:
        return str(found)
    return too_many(
        found,
        choices(settings, lambda spec: find(spec, checked.fields, codes, suffix) is not None),
    )


def _unusable(proposal: Proposal, checked: Checked) -> Iterator[str]:
    settings = proposal.file.settings
    specs, suffix = wanted(settings), suffix_for(proposal, checked)
    return problems(settings, specs, checked.fields, _codes(proposal), suffix)


def _twins(proposal: Proposal, checked: Checked) -> Iterator[str]:
    """The same site in the same account under another name, where this one is linked anew."""
    file, connection = proposal.file, proposal.connection
    if connection is not None and connection.account_id is not None:
        return
    others = (
        everyone()
        .filter(site=file.chargebee.site, account__company_id=checked.me.company_id)
        .exclude(name=file.name)
    )
    names = ", ".join(others.values_list("name", flat=True))
    if names:
        yield (
            f"This site is connected to this Pipedrive account already, as {names}. Each writes "
            f'the same people, and this one makes its custom fields a second time, with "'
            f'({suffix_for(proposal, checked)})" in their names. Where you did not mean that, '
            f"unlink {file.name} before its first run."
        )


def _codes(proposal: Proposal) -> dict[str, str]:
    return proposal.connection.field_codes if proposal.connection else {}


def _caution(proposal: Proposal, checked: Checked) -> str:
    connection, company = proposal.connection, checked.me.company_id
    if not checked.live or (connection is not None and connection.company_id == company):
        return ""
    twins = {f"{checked.site.domain}{TEST}", f"{proposal.file.chargebee.site}{TEST}"}
    if everyone().filter(site__in=twins, full_done_at__isnull=False).exists():
        return ""
    return f"This is a live site, and it was not rehearsed in this installation. {REHEARSE}"
