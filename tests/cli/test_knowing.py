"""reconcile and record, as their users meet them."""

import csv
import io
import re
from urllib.parse import quote

import pytest
from command_line import Walked

from chargepipe.sandbox import Sandbox

COLUMNS = ["customer", "record", "id", "field", "in Pipedrive", "in billing", "last changed"]


def test_reconcile_shows_what_somebody_changed_and_writes_nothing(walked: Walked) -> None:
    sandbox: Sandbox = walked.services.sandbox
    customer, person = linked(walked)
    before = sandbox.crm.person(person)
    sandbox.crm.edit_person(person, name="Typed by hand")
    result = walked.cli("reconcile", "acme", "--json")
    (row,) = result.json["drift"]
    assert (row["customer"], row["pipedrive_id"], row["field"]) == (customer, person, "name")
    assert (row["holds"], row["billing"]) == ("Typed by hand", before["name"])
    assert (result.json["kind"], result.json["updated"]) == ("reconcile", 1)
    text = walked.cli("reconcile", "acme", "--csv").out.lstrip("\ufeff")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0] == COLUMNS
    assert rows[1][3:6] == ["name", "Typed by hand", before["name"]]
    table = walked.cli("reconcile", "acme").out
    assert "Typed by hand" in table
    assert "chargepipe reconcile acme --repair" in table
    assert sandbox.crm.person(person)["name"] == "Typed by hand"
    shown = walked.cli("record", "acme", customer, "--now").out
    assert "changed in Pipedrive since: Typed by hand" in shown
    repaired = walked.cli("reconcile", "acme", "--repair", "--yes").out
    assert "1 field repaired" in repaired
    assert sandbox.crm.person(person)["name"] == before["name"]
    assert "holds what billing says" in walked.cli("reconcile", "acme").out


def linked(walked: Walked) -> tuple[str, int]:
    """The first customer of the trial and its person."""
    crm = walked.services.sandbox.crm
    code = next(
        f["field_code"] for f in crm.fields("person") if f["field_name"] == "CB Customer ID"
    )
    person = next(p for p in crm.persons() if p["custom_fields"].get(code))
    return person["custom_fields"][code], person["id"]


def test_record_says_where_a_value_comes_from(walked: Walked) -> None:
    customer, person = linked(walked)
    out = walked.cli("record", "acme", customer).out
    assert f"person {person}, linked by" in out
    assert f"from customer {customer}: id" in out
    quoted = quote(customer, safe="")
    assert f"{walked.services.chargebee}/d/customers/{quoted}" in out
    page = f"{walked.services.pipedrive}/person/{person}"
    assert f"  {page}" in out.splitlines()
    number = re.search(rf"(?:create|update) person {person} #\d+ \(run (\d+)", out)
    assert number is not None
    run = walked.cli("run", number[1], "--all").out
    assert any(line.endswith(page) for line in run.splitlines())
    found = walked.cli("record", "acme", customer, "--json").json
    names = [field["field"] for field in found["fields"] if field["kind"] == "person"]
    assert {"name", "emails", "CB Customer MRR", "CB Customer CMRR"} <= set(names)
    assert found["customer"] == customer


@pytest.mark.parametrize("words", [["--csv", "--json"]])
def test_one_form_at_a_time(words: list[str], walked: Walked) -> None:
    assert walked.cli("reconcile", "acme", *words).status == 2
