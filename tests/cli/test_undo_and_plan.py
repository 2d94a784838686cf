"""`plan apply` and `undo`, as people and scripts use them: shown, asked, printed, refused."""

import re
from collections.abc import Iterator

import pytest
from command_line import Walked, new_cli, serving

from chargepipe.sandbox import Sandbox

REFUSED, WAITS = 2, 4


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walked]:
    """A preview, its plan applied, and taken back again."""
    cli = new_cli(tmp_path_factory.mktemp("undo"))
    sandbox = Sandbox(customers=0, people_before=0.0, plan="ultimate")
    for name in ("ada", "bob", "cleo"):
        sandbox.billing.add_customer(
            id=name, email=f"{name}@x.co", first_name=name.title(), company="Engines"
        )
    sandbox.crm.add_person(name="Cleo of old", emails=[{"value": "cleo@x.co"}])
    with serving(sandbox) as services:
        walked = Walked(cli, services)
        walked.step("connect", "connection", "apply", "-", "--yes", stdin=services.text())
        walked.step("preview", "preview", "acme", "--json")
        plan = str(walked.results["preview"].json["run"])
        walked.step("asks first", "plan", "apply", plan)
        walked.step("applied", "plan", "apply", plan, "--yes", "--json")
        walked.step("again", "plan", "apply", plan, "--yes")
        ada = next(p for p in sandbox.crm.persons() if p["name"] == "Ada")
        sandbox.crm.add_deal(title="Big", person_id=ada["id"])
        run = str(walked.results["applied"].json["run"])
        walked.step("undo asks", "undo", run)
        walked.step("undone", "undo", run, "--yes", "--json")
        walked.step("undo again", "undo", run, "--customer", "bob")
        walked.step("shown", "run", str(walked.results["undone"].json["run"]))
        yield walked


def test_a_plan_asks_like_the_first_full_sync_and_goes_on_with_a_yes(walk: Walked) -> None:
    asks, applied = walk.results["asks first"], walk.results["applied"]
    assert asks.status == WAITS
    assert "first full sync" in asks.err
    counts = applied.json
    assert (applied.status, counts["kind"], counts["state"]) == (0, "apply", "done")
    assert (counts["created"], counts["updated"], counts["moved"]) == (2, 1, 0)


def test_a_plan_is_applied_once(walk: Walked) -> None:
    result = walk.results["again"]
    assert (result.status, result.out) == (REFUSED, "")
    assert "chargepipe preview acme full" in result.line


def test_an_undo_shows_what_it_would_do_and_asks(walk: Walked) -> None:
    result = walk.results["undo asks"]
    assert result.status == WAITS
    assert re.search(r"delete person bob \(\d+\) #\d+ +name: Bob -> -", result.out)
    assert re.search(r"update person cleo .*name: Cleo -> Cleo of old", result.out)
    assert re.search(r"person ada .*stays, for it was changed since: deals", result.out)
    assert "2 changes, 8 tokens" in result.out
    assert "would delete 1 person" in result.err
    assert "chargepipe run approve" in result.err


def test_an_undo_prints_one_object(walk: Walked) -> None:
    result = walk.results["undone"]
    counts = result.json
    assert result.status == 0
    assert (counts["kind"], counts["state"]) == ("undo", "done")
    assert (counts["updated"], counts["unchanged"], counts["kept"]) == (2, 1, 2)
    assert counts["objects"]["person"] == {"deleted": 1}
    names = [person["name"] for person in walk.services.sandbox.crm.persons()]
    assert sorted(names) == ["Ada", "Cleo of old"]


def test_what_is_undone_is_not_undone_twice(walk: Walked) -> None:
    result = walk.results["undo again"]
    assert (result.status, result.out) == (REFUSED, "")
    number = walk.results["undone"].json["run"]
    assert f"taken back already by run {number}" in result.line


def test_a_run_shows_what_its_undo_left(walk: Walked) -> None:
    out = walk.results["shown"].out
    assert "undo of run" in out.splitlines()[0]
    assert "stays, for it was changed since: deals" in out
    assert re.search(r"stays +2", out)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("undo",), "Name a run"),
        (("undo", "1", "--change", "2"), "Name a run"),
        (("undo", "99"), "There is no run 99"),
        (("undo", "--change", "9999"), "There is no change 9999"),
        (("plan", "apply", "99"), "There is no run 99"),
    ],
)
def test_wrong_use_is_refused_in_one_line(walk: Walked, words: tuple[str, ...], why: str) -> None:
    result = walk.cli(*words)
    assert (result.status, result.out) == (REFUSED, "")
    assert why in result.line


def test_a_preview_wrote_nothing_to_take_back(walk: Walked) -> None:
    result = walk.cli("undo", str(walk.results["preview"].json["run"]))
    assert result.status == REFUSED
    assert "wrote nothing" in result.line


def test_one_change_is_taken_back_by_its_number(walk: Walked) -> None:
    undone = walk.results["undone"].json["run"]
    shown = walk.cli("run", str(undone)).out
    found = re.search(r"update person cleo \(\d+\) #(\d+)", shown)
    assert found is not None
    result = walk.cli("undo", "--change", found[1], "--yes", "--json")
    assert (result.status, result.json["updated"]) == (0, 1)
    names = [person["name"] for person in walk.services.sandbox.crm.persons()]
    assert "Cleo" in names


def test_a_held_customer_is_previewed_by_name_and_that_plan_is_applied(walk: Walked) -> None:
    nothing = walk.cli("preview", "acme", "sync", "--json")
    assert nothing.json["changes"] == 0
    shown = walk.cli("preview", "acme", "--customer", "bob", "--json")
    assert (shown.status, shown.json["created"], shown.json["customers"]) == (0, 1, 1)
    applied = walk.cli("plan", "apply", str(shown.json["run"]), "--json")
    assert (applied.status, applied.json["created"], applied.json["moved"]) == (0, 1, 0)
    refused = walk.cli("preview", "acme", "full", "--customer", "bob")
    assert (refused.status, "use sync or trial" in refused.line) == (REFUSED, True)
