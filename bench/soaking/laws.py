"""The laws: nobody twice, nobody missing, nothing left over, nothing more to do."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from soaking.scene import MADE, Scene

MARKS = {
    "person": ("CB Customer ID",),
    "deal": ("CB Subscription ID", "CB Invoice ID"),
}


def nobody_twice(scene: Scene) -> Iterator[str]:
    """No two living records with one mark, no second organization of a company, no field twice."""
    crm = scene.sandbox.crm
    living = {"person": list(crm.persons()), "deal": list(crm.deals())}
    for kind, names in MARKS.items():
        for name in names:
            held = Counter(_values(scene, kind, name, living[kind]))
            yield from (f"two {kind}s with {name} {key}" for key, n in held.items() if n > 1)
    code = _code(scene, "organization", "CB Status")
    ours = [o for o in crm.organizations() if code and o["custom_fields"].get(code) is not None]
    companies = Counter(" ".join(o["name"].casefold().split()) for o in ours)
    yield from (f"two organizations named {name}" for name, n in companies.items() if n > 1)
    for kind in MADE:
        fields = Counter(f["field_name"] for f in crm.fields(kind))  # type: ignore[arg-type]
        yield from (
            f"two fields {name} of {kind}"
            for name, n in fields.items()
            if n > 1 and name.startswith("CB ")
        )


def _code(scene: Scene, kind: Any, name: str) -> str | None:
    found = (f["field_code"] for f in scene.sandbox.crm.fields(kind) if f["field_name"] == name)
    return next(found, None)


def _values(scene: Scene, kind: str, name: str, rows: list[dict[str, Any]]) -> Iterator[str]:
    if code := _code(scene, kind, name):
        yield from (v for row in rows if (v := row["custom_fields"].get(code)))


def journal_knows_all(scene: Scene) -> Iterator[str]:
    """Each record that the API made stands in the journal as made.

    One may stand there twice: taken back by an undo, found by its mark when that was undone. One
    that people deleted may be missing there: its maker was killed, and nobody could find it since.
    """
    for kind in MADE:
        made = scene.made(kind)
        journal = "FROM {change} WHERE action = 'create' AND state = 'written' AND kind = "
        rows = scene.rows(f"SELECT pipedrive_id, run_id, source_key, adopted {journal} '{kind}'")
        known = {row[0] for row in rows}
        yield from (
            f"{kind} {id} was made, and no journal tells it"
            for id in made - known - scene.deleted[kind]
        )
        for id, run, key, adopted in rows:
            if id not in made:
                how = "found" if adopted else "answered"
                yield f"run {run} says that it made {kind} {id} of {key} ({how}), and did not"


def nobody_missing(scene: Scene) -> Iterator[str]:
    """Each customer is linked to a living person, skipped in words, or has an error."""
    crm = scene.sandbox.crm
    living = {person["id"] for person in crm.persons()}
    known = {
        source: (outcome, dirty)
        for source, outcome, dirty in scene.rows(
            "SELECT source_id, outcome, dirty FROM {record} WHERE kind = 'customer'"
        )
    }
    links = dict(scene.rows("SELECT source_key, pipedrive_id FROM {link} WHERE kind = 'person'"))
    errors = {
        key
        for (key,) in scene.rows(
            "SELECT source_key FROM {syncerror}"
            " WHERE kind = 'customer' AND state IN ('open', 'ignored')"
        )
    }
    for customer in scene.sandbox.billing.customers():
        name = customer["id"]
        outcome, dirty = known.get(name, ("not known", True))
        if outcome == "skipped" or name in errors:
            continue
        if links.get(name) not in living:
            yield f"{name} ({outcome}) has neither a person nor an error"
        elif dirty:
            yield f"{name} ({outcome}) is still dirty"


def nothing_left_over(scene: Scene) -> Iterator[str]:
    """No unfinished change, no run that stands still."""
    for state, number in scene.rows(
        "SELECT state, count(*) FROM {change} WHERE state IN ('intended', 'unknown')"
        " OR (state = 'planned' AND run_id IN (SELECT id FROM {run} WHERE kind != 'preview'))"
        " GROUP BY state"
    ):
        yield f"{number} changes are {state}"
    for number, kind, state, words in scene.unfinished():
        yield f"run {number} ({kind}) is {state}: {words}"


def told_in_words(scene: Scene) -> Iterator[str]:
    """A run that failed says why, and never that nobody thought of it."""
    for number, kind, words in scene.rows(
        "SELECT id, kind, message FROM {run} WHERE state = 'failed'"
    ):
        if not words or words.startswith("Internal error"):
            yield f"run {number} ({kind}) failed: {words or 'no word'}"


def nothing_more_to_do(scene: Scene) -> Iterator[str]:
    """A sync that runs again writes nothing."""
    log = scene.sandbox.requests
    before = len(log)
    state = scene.run("sync")
    if state != "done":
        yield f"the last sync is {state}"
    new = list(log)[before:]
    if wrote := [(m, p) for s, m, p, *_ in new if s == "pipedrive" and m != "GET"]:
        yield f"the last sync still wrote {wrote[:5]}"


def all_laws(scene: Scene) -> list[str]:
    """Bring everything to its end and hold every law; what is wrong, in words."""
    scene.let_all_end()
    wrong = [
        f"run {number} ({kind}) is stuck: {state}" for number, kind, state, _ in scene.unfinished()
    ]
    for kind in ("full", "sync"):
        state = scene.run(kind)
        if state != "done":
            wrong.append(f"a {kind} without trouble is {state}")
    for law in (told_in_words, nothing_left_over, nobody_twice, journal_knows_all, nobody_missing):
        wrong += law(scene)
    return wrong + list(nothing_more_to_do(scene))
