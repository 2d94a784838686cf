"""The error list, decisions and the duplicate report on the command line."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
from command_line import Cli, Services, serving

from chargepipe.sandbox import Sandbox


@pytest.fixture
def services() -> Iterator[Services]:
    with serving(Sandbox(customers=0, people_before=0.0, plan="ultimate")) as made:
        yield made


def twins(services: Services, email: str) -> tuple[str, list[int]]:
    crm, billing = services.sandbox.crm, services.sandbox.billing
    found = [crm.add_person(name=n, emails=[{"value": email}])["id"] for n in ("Zoë X", "Y")]
    return billing.add_customer(email=email)["id"], found


def rows(text: str) -> list[dict[str, Any]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_an_error_is_decided_and_synced_at_once(cli: Cli, services: Services) -> None:
    ada, (first, second) = twins(services, "a@x.co")
    assert cli("connection", "apply", "-", "--yes", stdin=services.text()).status == 0
    found = cli("validate", "acme")
    assert "1 email shared by 2 people" in found.err
    report = cli("duplicates", "acme").out
    assert f"  {first} Zoë X" in report
    assert [row["id"] for row in rows(cli("duplicates", "acme", "--csv").out)] == [
        str(first),
        str(second),
    ]
    shown = cli("errors", "acme").out
    assert "ambiguous_person" in shown
    assert f"{services.chargebee}/d/customers/{ada}" in shown
    assert f"person {second} Y  {services.pipedrive}/person/{second}" in shown
    (error,) = rows(cli("errors", "acme", "--csv", LANG="de_DE.ISO-8859-1").out)
    assert error["candidates"] == f"{first} Zoë X; {second} Y"
    early = cli("errors", "decide", error["id"], "--person", str(second), "--json")
    assert (early.status, early.json) == (0, {"decided": [ada]})
    assert cli("full", "acme", "--yes", "--json").json["updated"] == 1


def test_a_rule_decides_all_and_says_what_is_left(cli: Cli, services: Services) -> None:
    ada, (first, _) = twins(services, "a@x.co")
    bob, _ = twins(services, "b@x.co")
    services.sandbox.crm.add_deal(title="Open", person_id=first)
    cli("connection", "apply", "-", "--yes", stdin=services.text())
    assert cli("full", "acme", "--yes").status == 3
    result = cli("errors", "decide", "acme", "--all", "--rule", "deals", "--json")
    assert (result.status, result.json["customers"], result.json["updated"]) == (3, 1, 1)
    assert f"customer {bob}" in result.err
    (left,) = rows(cli("errors", "acme", "--csv").out)
    assert left["key"] == bob != ada
    result = cli("errors", "decide", "acme", left["id"], "--new", "--json")
    assert (result.status, result.json["created"]) == (0, 1)


def test_an_organization_is_picked_for_its_company(cli: Cli, services: Services) -> None:
    crm, billing = services.sandbox.crm, services.sandbox.billing
    first, second = (crm.add_organization(name=name)["id"] for name in ("Acme", "ACME"))
    for name in ("Brick", "brick"):
        crm.add_organization(name=name)
    crm.add_deal(title="Open", org_id=second)
    billing.add_customer(email="a@x.co", company="Acme")
    billing.add_customer(email="b@x.co", company="Brick")
    cli("connection", "apply", "-", "--yes", stdin=services.text())
    assert cli("full", "acme", "--yes").status == 3
    shown = cli("errors", "acme").out
    assert f"{first} Acme  {services.pipedrive}/organization/{first}" in shown
    people = cli("errors", "decide", "acme", "--all", "--rule", "deals", "--json")
    assert people.json == {"decided": []}
    assert "2 errors of several organizations are left: add --organizations" in people.err
    result = cli(
        "errors", "decide", "acme", "--all", "--organizations", "--rule", "deals", "--json"
    )
    assert (result.status, result.json["created"]) == (3, 1)
    (left,) = rows(cli("errors", "acme", "--csv").out)
    assert left["code"] == "ambiguous_organization"
    result = cli("errors", "decide", left["id"], "--organization", left["candidates"].split()[0])
    assert (result.status, "organizations" in result.out) == (0, True)
    assert len(list(crm.organizations())) == 4


@pytest.mark.parametrize(
    "words",
    [
        ["acme", "--all"],
        ["acme", "--rule", "newest"],
        ["acme", "--all", "--rule", "newest", "--new"],
        ["acme", "--all", "--rule", "oldest"],
        ["many", "words", "1", "--new"],
        ["one", "--new"],
        ["1", "--new", "--person", "5"],
        ["1", "--new"],
        ["1", "--person", "5", "--organization", "5"],
        ["acme", "--organizations", "--new"],
        ["acme", "--all", "--organizations", "--rule", "company"],
    ],
)
def test_a_decision_that_makes_no_sense_is_refused(
    words: list[str], cli: Cli, services: Services
) -> None:
    cli("connection", "apply", "-", "--yes", stdin=services.text())
    result = cli("errors", "decide", *words)
    assert (result.status, result.out) == (2, "")
    assert result.line
