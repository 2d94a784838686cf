"""The laws: nobody twice, nobody missing, nothing left over, nothing more to do."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from soaking.scene import MADE, Scene, until

ENDS_WITHIN = 600.0
"""Seconds in which a worker has to end what is unfinished."""
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
    """Each record that the API made stands in the journal as made, and once."""
    for kind in MADE:
        written = scene.rows(
            "SELECT count(*) FROM {change} WHERE action = 'create' AND state = 'written'"
            f" AND kind = '{kind}'"
        )[0][0]
        if (made := scene.made(kind)) != written:
            yield f"{made} {kind}s were made, and the journal tells of {written}"


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
        "SELECT state, count(*) FROM {change} JOIN {run} ON {run}.id = run_id"
        " WHERE {change}.state IN ('planned', 'intended', 'unknown') GROUP BY 1".replace(
            "SELECT state", "SELECT {change}.state"
        )
    ):
        yield f"{number} changes are {state}"
    for number, kind, state, words in unfinished(scene):
        yield f"run {number} ({kind}) is {state}: {words}"


def unfinished(scene: Scene) -> list[tuple[Any, ...]]:
    """Runs that are not over."""
    return scene.rows(
        "SELECT id, kind, state, message FROM {run}"
        " WHERE state IN ('queued', 'running', 'waiting', 'paused')"
    )


def nothing_more_to_do(scene: Scene) -> Iterator[str]:
    """A sync that runs again writes nothing."""
    before = len(scene.sandbox.requests)
    last = scene.home.json("sync", "acme", "--yes")
    if last["state"] != "done":
        yield f"the last sync is {last['state']}"
    new = list(scene.sandbox.requests)[before:]
    if wrote := [(m, p) for s, m, p, *_ in new if s == "pipedrive" and m != "GET"]:
        yield f"the last sync still wrote {wrote[:5]}"


def let_all_end(scene: Scene) -> Iterator[str]:
    """A worker ends what is unfinished; a run that it does not end is stuck."""
    worker = scene.home.fork("worker")
    try:
        if not until(lambda: not _under_way(scene), ENDS_WITHIN, 0.2):
            yield f"a run is stuck: {unfinished(scene)}"
    finally:
        worker.kill()
        worker.communicate()


def _under_way(scene: Scene) -> bool:
    for number, _, state, _ in unfinished(scene):
        if state == "waiting":
            scene.home.run("run", "approve", str(number), "--yes")
        elif state == "paused":
            scene.home.run("run", "resume", str(number), "--yes")
    return bool(unfinished(scene))


def all_laws(scene: Scene) -> list[str]:
    """Bring everything to its end and hold every law; what is wrong, in words."""
    wrong = list(let_all_end(scene))
    for command in ("full", "sync"):
        last = scene.home.json(command, "acme", "--yes")
        if last["state"] != "done":
            wrong.append(f"a {command} without trouble is {last['state']}")
    for law in (nothing_left_over, nobody_twice, journal_knows_all, nobody_missing):
        wrong += law(scene)
    return wrong + list(nothing_more_to_do(scene))
