"""Titles: what a run is called, in the same words wherever it is named."""

from collections.abc import Mapping

from chargepipe.store.models import Run

KINDS: Mapping[str, str] = {
    "validate": "validation",
    "preview": "preview",
    "trial": "trial",
    "full": "full sync",
    "sync": "sync",
    "backfill": "backfill",
    "reconcile": "reconcile",
    "undo": "undo",
    "apply": "plan",
    "clear": "clearing",
}
"""Each kind of run."""


def called(run: Run) -> str:
    """What a run does, in a few words: "full sync", "preview of the trial", "undo of run 3"."""
    about = f"run {run.about_id}" if run.about_id else ""
    of = f"the {KINDS[run.of]}" if run.of in KINDS else run.of
    return " of ".join(filter(None, (kind_called(run.kind), of, about)))


def kind_called(kind: str) -> str:
    """A kind of run, in words."""
    return KINDS.get(kind, kind)
