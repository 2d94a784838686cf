"""The way of a connection, command by command: exit statuses, --json, what people read."""

import csv
import io
import json
import tomllib

import pytest
from command_line import Walked

KEYS = {
    *("run", "kind", "state", "customers", "created", "updated", "unchanged", "skipped", "failed"),
    *("objects", "errors_open", "requests", "tokens", "seconds"),
}
BUCKETS = ("created", "updated", "unchanged", "skipped", "failed")
DONE_WITH_ERRORS = 3


def test_apply_says_what_comes_next(walked: Walked) -> None:
    result = walked.results["apply"]
    assert (result.status, result.err) == (0, "")
    assert "New connection acme" in result.out
    assert "chargepipe validate acme" in result.out


def test_a_sync_before_the_first_full_one_is_wrong_use(walked: Walked) -> None:
    result = walked.results["too early"]
    assert (result.status, result.out) == (2, "")
    assert "chargepipe full acme" in result.line


@pytest.mark.parametrize("kind", ["validate", "preview", "trial", "full", "sync"])
def test_a_run_prints_exactly_one_object_and_its_sums_agree(kind: str, walked: Walked) -> None:
    result = walked.results[kind]
    counts = result.json
    more = {"changes", "tokens_planned", "days", "ends"} if kind == "preview" else set()
    assert result.out.count("\n") == 1
    assert set(counts) == KEYS | more
    assert (counts["kind"], counts["state"]) == (kind, "done")
    assert counts["customers"] == sum(counts[bucket] for bucket in BUCKETS)
    assert result.status == (DONE_WITH_ERRORS if counts["errors_open"] else 0)


def test_validate_and_full_look_at_everybody(walked: Walked) -> None:
    everybody = len(list(walked.services.sandbox.billing.customers()))
    assert walked.results["validate"].json["customers"] == everybody
    assert walked.results["full"].json["customers"] == everybody


def test_a_preview_plans_what_trial_and_full_then_write(walked: Walked) -> None:
    planned = walked.results["preview"].json
    runs = [walked.results[kind].json for kind in ("trial", "full")]
    assert planned["created"] == sum(run["created"] for run in runs)
    known_then = 3 * 10 + 20  # lists of fields, and currencies
    read_again = 2 * 10  # the fields of people and organizations, before some are made
    reading = planned["tokens"] - known_then + read_again
    assert planned["tokens_planned"] == 5 * planned["changes"] + reading


def test_a_trial_takes_ten(walked: Walked) -> None:
    assert walked.results["trial"].json["customers"] == 10


def test_the_first_full_sync_waits_for_a_yes_where_there_is_no_terminal(walked: Walked) -> None:
    result = walked.results["asks"]
    run = result.json["run"]
    assert (result.status, result.json["state"]) == (4, "waiting")
    assert f"chargepipe run approve {run}" in result.err
    assert walked.results["full"].json["run"] == run  # the yes joined it


def test_the_first_sync_after_the_full_one_writes_nothing(walked: Walked) -> None:
    counts = walked.results["sync"].json
    assert (counts["created"], counts["updated"]) == (0, 0)


def test_runs_lists_them_newest_first(walked: Walked) -> None:
    lines = walked.cli("runs", "acme").out.splitlines()
    numbers = [int(line.split()[0]) for line in lines[1:]]
    assert lines[0].split()[:3] == ["run", "kind", "state"]
    assert numbers == sorted(numbers, reverse=True)
    assert len(walked.cli("runs", "acme", "--limit", "2").out.splitlines()) == 3


def test_a_run_is_shown_with_and_without_the_word_show(walked: Walked) -> None:
    number = str(walked.results["trial"].json["run"])
    short, written_out = walked.cli("run", number), walked.cli("run", "show", number)
    assert short.out == written_out.out
    assert "CB Customer ID: - -> " in short.out
    assert walked.cli("run", number, "--json").json == walked.results["trial"].json


@pytest.mark.parametrize("word", ["approve", "cancel", "pause", "resume"])
def test_a_run_that_is_over_takes_no_answer(word: str, walked: Walked) -> None:
    result = walked.cli("run", word, str(walked.results["trial"].json["run"]))
    assert (result.status, "done" in result.line) == (2, True)


def test_errors_are_the_same_in_the_table_and_in_the_csv(walked: Walked) -> None:
    table = walked.cli("errors", "acme")
    rows = list(csv.DictReader(io.StringIO(walked.cli("errors", "acme", "--csv").out)))
    assert rows
    assert len(rows) == walked.results["sync"].json["errors_open"]
    assert all(row["key"] in table.out and row["what to do"] for row in rows)
    assert walked.cli("errors", "show", "acme").out == table.out


def test_an_ignored_error_leaves_the_list_and_comes_back(walked: Walked) -> None:
    rows = list(csv.DictReader(io.StringIO(walked.cli("errors", "acme", "--csv").out)))
    number = rows[0]["id"]
    assert walked.cli("errors", "ignore", "acme", number, "--reason", "known").status == 0
    fewer = walked.cli("errors", "acme", "--csv").out
    everything = walked.cli("errors", "acme", "--csv", "--all").out
    assert f"acme,{number},open" not in fewer
    assert f"acme,{number},ignored" in everything
    again = walked.cli("errors", "ignore", "acme", number)
    assert (again.status, f"number {number}" in again.line) == (2, True)
    assert walked.cli("errors", "unignore", "acme", "--all").status == 0
    assert len(walked.cli("errors", "acme", "--csv").out.splitlines()) == len(rows) + 1


def test_errors_are_named_or_all_of_them(walked: Walked) -> None:
    for words in (["ignore", "acme"], ["ignore", "acme", "1", "--all"], ["retry", "acme"]):
        result = walked.cli("errors", *words)
        assert (result.status, "--all" in result.line) == (2, True)


def test_a_retry_looks_at_the_customers_of_these_errors_alone(walked: Walked) -> None:
    rows = list(csv.DictReader(io.StringIO(walked.cli("errors", "acme", "--csv").out)))
    result = walked.cli("errors", "retry", "acme", rows[0]["id"], "--json")
    assert result.status == DONE_WITH_ERRORS
    assert (result.json["customers"], result.json["failed"]) == (1, 1)


def test_findings_come_as_csv_and_nothing_else(walked: Walked) -> None:
    result = walked.cli("validate", "acme", "--csv")
    rows = list(csv.DictReader(io.StringIO(result.out)))
    assert result.status == DONE_WITH_ERRORS
    assert {row["state"] for row in rows} == {"open", "warning"}
    both = walked.cli("validate", "acme", "--csv", "--json")
    assert (both.status, both.out) == (2, "")


def test_a_record_is_found_by_id_email_and_person(walked: Walked) -> None:
    sandbox = walked.services.sandbox
    trial = walked.cli("run", str(walked.results["trial"].json["run"]), "--all").out
    line = next(line for line in trial.splitlines() if line.startswith("create person cust_"))
    key, person = line.split()[2], line.split("(")[1].split(")")[0]
    email = sandbox.billing.customer(key)["email"]
    page = walked.cli("record", "acme", key)
    assert page.status == 0
    assert f"person {person}, linked by made" in page.out
    assert f"  CB Customer ID: - -> {key}" in page.out
    assert "(run " in page.out
    assert walked.cli("record", "acme", person).out == page.out
    assert walked.cli("record", "acme", email.upper()).out == page.out


def test_a_key_that_means_nobody_or_several_is_refused(walked: Walked) -> None:
    nobody = walked.cli("record", "acme", "nobody@example.com")
    assert (nobody.status, "knows no customer" in nobody.line) == (2, True)
    cases = walked.services.sandbox.billing.cases
    shared = walked.services.sandbox.billing.customer(cases["shared_email"][0])["email"]
    several = walked.cli("record", "acme", shared)
    assert (several.status, "several customers" in several.line) == (2, True)


def test_a_customer_with_an_error_shows_what_to_do(walked: Walked) -> None:
    rows = list(csv.DictReader(io.StringIO(walked.cli("errors", "acme", "--csv").out)))
    page = walked.cli("record", "acme", rows[0]["key"])
    assert rows[0]["what to do"] in page.out
    assert "no link" in page.out


def test_an_export_applies_without_a_change(walked: Walked) -> None:
    text = walked.cli("connection", "export", "acme").out
    again = walked.cli("connection", "apply", "-", stdin=text)
    assert tomllib.loads(text)["chargebee"]["api_key"] == "env:CHARGEBEE_API_KEY"
    assert again.status == 0
    assert "no setting changes" in again.out


def test_a_changed_file_shows_the_difference_and_a_locked_one_is_refused(walked: Walked) -> None:
    changed = walked.services.text(more="organizations = true\nbudget_share = 0.5")
    shown = walked.cli("connection", "apply", "-", stdin=changed)
    assert (shown.status, "settings.budget_share: 0.7 -> 0.5" in shown.out) == (4, True)
    locked = walked.cli(
        "connection",
        "apply",
        "-",
        "--yes",
        stdin=walked.services.text(more="organizations = false"),
    )
    assert (locked.status, "cannot be switched off" in locked.line) == (2, True)


def test_the_schedule_is_set_and_told(walked: Walked) -> None:
    assert "every 15m" in walked.cli("schedule", "acme", "every", "15m").out
    assert "only when told" in walked.cli("schedule", "acme", "off").out
    assert walked.cli("schedule", "acme", "every").status == 2
    assert walked.cli("schedule", "acme", "every", "0m").status == 2
    assert "every 15m" in walked.cli("schedule", "acme", "on").out


def test_the_doctor_finds_services_and_a_missing_worker(walked: Walked) -> None:
    result = walked.cli("doctor", "--json")
    checks = {check["name"]: check["state"] for check in result.json["checks"]}
    assert result.status == 0
    assert checks.items() >= {
        ("home", "ok"),
        ("database", "ok"),
        ("queue", "ok"),
        ("acme: Chargebee", "ok"),
        ("acme: Pipedrive", "ok"),
    }


def test_the_doctor_fails_where_a_key_or_a_right_is_lost(walked: Walked) -> None:
    me = walked.services.sandbox.crm.me
    access = me["access"]
    me["access"] = [{"app": "sales", "admin": False}]
    try:
        result = walked.cli("doctor")
    finally:
        me["access"] = access
    assert result.status == 1
    assert "fail  acme: Pipedrive" in result.out
    keyless = walked.cli("doctor", "--json", CHARGEPIPE_KEYS="A" * 43 + "=")
    states = [check["state"] for check in json.loads(keyless.out)["checks"]]
    assert (keyless.status, states.count("fail")) == (1, 3)


def test_an_unlinked_connection_runs_nothing_until_it_is_linked_again(walked: Walked) -> None:
    assert walked.cli("connection", "unlink", "acme").status == 0
    refused = walked.cli("sync", "acme")
    assert (refused.status, "unlinked" in refused.line) == (2, True)
    assert "unlinked" in walked.cli("connection", "list").out
    text = walked.services.text()
    assert walked.cli("connection", "apply", "-", "--yes", stdin=text).status == 0
    counts = walked.cli("full", "acme", "--yes", "--json").json
    assert (counts["created"], counts["updated"]) == (0, 0)
