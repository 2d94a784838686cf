"""What a run did, for people."""

from typing import TYPE_CHECKING, Any

from chargepipe.cli.output import facts, say, when

if TYPE_CHECKING:
    from chargepipe.store.models import Run

BUCKETS = ("created", "updated", "unchanged", "skipped", "failed")
WORDS = {
    "preview": {"created": "to create", "updated": "to update", "deleted": "to delete"},
    "validate": {"unchanged": "in order"},
    "reconcile": {"unchanged": "in order", "updated": "differ"},
}


WORDS_LEFT = {"kept": "stays", "moved": "moved since"}
"""What an undo leaves as it is, and changes of a preview that were not written."""


def summarize(run: "Run", counts: dict[str, Any]) -> None:
    """Print the counts of a run."""
    name = run.connection.name
    what = _what(run)
    say(f"Run {run.pk}, {what} of {name}: {counts['state']}, {counts['seconds']} s")
    facts(_rows(run, counts))


def _what(run: "Run") -> str:
    if run.kind == "undo":
        return f"undo of {run.of or f'run {run.about_id}'}"
    if run.kind == "apply":
        return f"plan of preview {run.about_id}"
    if run.window:
        from chargepipe.domain.backfill import Window

        what = f"backfill of deals ({Window.from_json(run.window)})"
        return f"preview of a {what}" if run.of else what
    return f"preview of {run.of}" if run.kind == "preview" else run.kind


def point_to(run: "Run", counts: dict[str, Any]) -> None:
    """Say where to look further."""
    name = run.connection.name
    more = f", its errors: chargepipe errors {name}" if counts["errors_open"] else ""
    say(f"  See it: chargepipe run {run.pk}{more}")


def _rows(run: "Run", counts: dict[str, Any]) -> list[tuple[str, Any]]:
    requests = counts["requests"]
    return [
        ("  customers", _customers(run, counts)),
        *([] if run.kind == "validate" else _objects(run, counts)),
        *((f"  {WORDS_LEFT[name]}", counts[name]) for name in WORDS_LEFT if counts.get(name)),
        ("  requests", f"Chargebee {requests['chargebee']}, Pipedrive {requests['pipedrive']}"),
        ("  tokens", counts["tokens"]),
        ("  open errors", counts["errors_open"]),
        *([("  started", when(run.started_at))] if run.started_at else []),
    ]


def words_of(run: "Run") -> dict[str, str]:
    """How the buckets are called where a run writes nothing: "to update", not "updated"."""
    return {} if run.repair else WORDS.get(run.kind, {})


def _customers(run: "Run", counts: dict[str, Any]) -> str:
    words = words_of(run)
    parts = [f"{counts[name]} {words.get(name, name)}" for name in _buckets(run)]
    return f"{counts['customers']}: {', '.join(parts)}"


def _buckets(run: "Run") -> tuple[str, ...]:
    """Validation writes nothing: nobody is created or updated."""
    return BUCKETS[2:] if run.kind == "validate" else BUCKETS


def _objects(run: "Run", counts: dict[str, Any]) -> list[tuple[str, Any]]:
    rows, called = [], words_of(run)
    for kind, done in counts["objects"].items():
        words = ", ".join(f"{number} {called.get(verb, verb)}" for verb, number in done.items())
        if any(done.values()):
            rows.append((f"  {kind}s", words))
    return rows
