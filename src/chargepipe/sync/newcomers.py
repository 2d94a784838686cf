"""Newcomers: with what visibility and label new records begin (setting 15)."""

from collections.abc import Mapping
from typing import Any

from chargepipe.sync.fields import read_again
from chargepipe.sync.owners import owner_id
from chargepipe.sync.session import Session
from chargepipe.sync.trouble import UnknownChoice

KINDS = ("person", "organization", "deal")
VISIBLE_TO: Mapping[str, int] = {"owner": 1, "group": 3, "subgroups": 5, "company": 7}
"""Pipedrive's numbers; what they mean depends on the plan (pipedrive-api.md section 3)."""


def choose(session: Session) -> None:
    """Make sure that owner and label are there, before anything is written (setting 15).

    Asked only where something is to be made, and in a validation. Raises UnknownChoice, which
    for a validation and a preview is only told.
    """
    made = session.run.changes.filter(state="planned", action="create", kind__in=KINDS)
    checking = session.run.kind == "validate"
    if checking or made.exists():
        owner_id(session)
    if checking or made.exclude(kind="deal").exists():
        _choose_label(session)


def _choose_label(session: Session) -> None:
    wanted = session.settings.label
    if not wanted or label_id(session) is not None:
        return
    read_again(session, ["person"])
    if label_id(session) is None:
        there = ", ".join(f'"{label}"' for label in session.account.fields["labels"]) or "none"
        raise UnknownChoice(
            f'Pipedrive has no label "{wanted}" for people. Labels that it has: {there}. Choose '
            "one of them as settings.label, or make it in Pipedrive."
        )


def label_id(session: Session) -> int | None:
    """The label's option id; None where there is none of this name, or none is chosen."""
    wanted = session.settings.label.casefold()
    labels: Mapping[str, Any] = session.account.fields.get("labels", {})
    return next((int(id) for label, id in labels.items() if label.casefold() == wanted), None)


def beginning(session: Session, kind: str) -> dict[str, Any]:
    """What the body of a record that we make holds on top: owner, visibility, a person's label."""
    owner = owner_id(session)
    chosen: dict[str, Any] = {} if owner is None else {"owner_id": owner}
    if session.settings.visibility != "default":
        chosen["visible_to"] = VISIBLE_TO[session.settings.visibility]
    if kind == "person" and (label := label_id(session)) is not None:
        chosen["label_ids"] = [label]
    return chosen
