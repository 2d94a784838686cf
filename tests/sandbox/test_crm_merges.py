"""Merges as calls of API v1 (fact sheets 3, 4)."""

from typing import Any

import httpx2
import pytest

from chargepipe.sandbox import Options
from sandbox.line import Json, Line, code


@pytest.fixture
def line() -> Line:
    return Line(customers=40, people_before=0, plan="ultimate")


def merge(line: Line, plural: str, loser: int, winner: Any) -> httpx2.Response:
    path = f"/v1/{plural}/{loser}/merge"
    return line.send("pipedrive", "PUT", path, json={"merge_with_id": winner})


def emails(*values: str) -> list[Json]:
    return [{"value": value} for value in values]


def test_the_person_in_the_path_is_lost_and_the_named_one_stays(line: Line) -> None:
    crm = line.sandbox.crm
    acme = crm.add_organization(name="Acme")["id"]
    winner = crm.add_person(name="Ada", emails=emails("a@x.example"), label_ids=[1])["id"]
    loser = crm.add_person(
        name="Bea Smith",
        org_id=acme,
        emails=emails("b@x.example", "A@x.example"),
        phones=emails("1"),
        label_ids=[2],
    )["id"]
    deal = crm.add_deal(title="x", person_id=loser)["id"]
    answer = merge(line, "persons", loser, winner)
    assert answer.status_code == 200
    data = answer.json()["data"]
    assert (data["id"], data["merge_what_id"], data["name"]) == (winner, loser, "Ada")
    assert (data["last_name"], data["org_name"], data["open_deals_count"]) == (None, "Acme", 1)
    assert [email["value"] for email in data["email"]] == ["a@x.example", "b@x.example"]
    kept = line.crm("GET", f"/persons/{winner}").json()["data"]
    assert [email["primary"] for email in kept["emails"]] == [True, False]
    assert (kept["phones"][0]["value"], kept["org_id"], kept["label_ids"]) == ("1", acme, [1])
    assert crm.deal(deal)["person_id"] == winner
    assert code(line.crm("GET", f"/persons/{loser}")) == (404, "ERR_NOT_FOUND")
    assert line.crm_ids("/persons", ids=f"{loser},{winner}") == [winner]


def test_organizations_join_texts_keep_numbers_and_take_over_what_is_linked(line: Line) -> None:
    crm = line.sandbox.crm
    codes = {
        kind: crm.add_field("organization", field_name=kind, field_type=kind)["field_code"]
        for kind in ("varchar", "double", "text", "enum")
        if kind != "enum"
    }
    first = {codes["varchar"]: "cus_1", codes["double"]: 1}
    second = {codes["varchar"]: "cus_2", codes["double"]: 2, codes["text"]: "note"}
    winner = crm.add_organization(name="Acme", custom_fields=first)["id"]
    loser = crm.add_organization(name="Acme Inc", website="x.example", custom_fields=second)["id"]
    person = crm.add_person(name="Ada", org_id=loser)["id"]
    deal = crm.add_deal(title="x", org_id=loser)["id"]
    assert merge(line, "organizations", loser, winner).json()["data"] == {"id": winner}
    kept = crm.organization(winner)
    assert (kept["name"], kept["website"]) == ("Acme", "x.example")
    assert kept["custom_fields"] == {
        codes["varchar"]: "cus_1, cus_2",
        codes["double"]: 1,
        codes["text"]: "note",
    }
    assert crm.person(person)["org_id"] == crm.deal(deal)["org_id"] == winner


def test_equal_texts_of_organizations_are_not_doubled(line: Line) -> None:
    crm = line.sandbox.crm
    key = crm.add_field("organization", field_name="Id", field_type="varchar")["field_code"]
    ids = [crm.add_organization(name="A", custom_fields={key: "x"})["id"] for _ in range(2)]
    assert crm.merge_organizations(*ids)["custom_fields"] == {key: "x"}


def test_a_merged_deal_keeps_its_status_and_gets_the_products(line: Line) -> None:
    crm = line.sandbox.crm
    ada = crm.add_person(name="Ada")["id"]
    winner = crm.add_deal(title="Open", value=7)["id"]
    loser = crm.add_deal(title="Won", value=9, person_id=ada, status="won")["id"]
    crm.add_products(loser, [30])
    data = merge(line, "deals", loser, winner).json()["data"]
    assert (data["id"], data["merge_what_id"], data["title"]) == (winner, loser, "Open")
    assert (data["status"], data["won_time"], data["person_name"]) == ("open", None, "Ada")
    assert (data["value"], data["products_count"], data["deleted"]) == (30, 1, False)
    assert data["add_time"] == "2026-11-02 09:00:00"
    assert crm.deal(winner)["value"] == 30
    assert code(line.crm("PATCH", f"/deals/{loser}", {"title": "x"})) == (400, "ERR_DEAL_DELETED")


@pytest.mark.parametrize(
    ("option", "expected"), [("404", (404, "ERR_NOT_FOUND")), ("400", (400, "ERR_PERSON_DELETED"))]
)
def test_the_loser_is_gone_as_deleted_records_are(option: Any, expected: Any) -> None:
    line = Line(customers=40, options=Options(deleted=option))
    assert merge(line, "persons", 1, 2).status_code == 200
    assert code(line.crm("GET", "/persons/1")) == expected
    assert code(merge(line, "persons", 1, 2)) == expected
    assert code(merge(line, "persons", 2, 1)) == expected


def test_a_merge_needs_two_records_that_are_there(line: Line) -> None:
    one = line.sandbox.crm.add_person(name="Ada")["id"]
    assert merge(line, "persons", one, 99).status_code == 404
    assert merge(line, "persons", 99, one).status_code == 404
    assert merge(line, "persons", one, one).status_code == 400
    assert merge(line, "persons", one, "2").status_code == 400
    assert merge(line, "persons", one, None).status_code == 400
    assert line.sandbox.crm.person(one)["name"] == "Ada"


def test_a_merge_costs_40_tokens(line: Line) -> None:
    crm = line.sandbox.crm
    ids = [crm.add_person(name="Ada")["id"] for _ in range(2)]
    merge(line, "persons", *ids)
    assert line.sandbox.tokens_used == 40


def test_the_winner_has_its_own_products_first_and_the_loser_none(line: Line) -> None:
    crm = line.sandbox.crm
    winner, loser = (crm.add_deal(title=title)["id"] for title in ("a", "b"))
    mine, theirs = (crm.add_products(id, [price])[0] for id, price in ((winner, 5), (loser, 30)))
    crm.merge_deals(loser, winner)
    rows = line.crm("GET", f"/deals/{winner}/products").json()["data"]
    assert rows == [mine, theirs | {"deal_id": winner, "order_nr": 2}]
    assert crm.products.of(crm.kept("deal", loser)) == []


@pytest.mark.parametrize("kind", ["person", "organization", "deal"])
@pytest.mark.parametrize("joins", ["organizations", "all"])
def test_whose_texts_a_merge_joins_is_an_option(kind: Any, joins: Any) -> None:
    crm = Line(customers=5, options=Options(merge_joins=joins)).sandbox.crm
    key = crm.add_field(kind, field_name="Id", field_type="varchar")["field_code"]
    named = "title" if kind == "deal" else "name"
    winner, loser = (
        crm.add(kind, {named: "A", "custom_fields": {key: text}})["id"] for text in ("w", "l")
    )
    kept = crm.merge(kind, loser, winner)["custom_fields"][key]
    assert kept == ("w, l" if "all" in joins or kind == "organization" else "w")


def test_a_joined_text_is_cut_at_what_its_field_holds(line: Line) -> None:
    crm = line.sandbox.crm
    short, long = (
        crm.add_field("organization", field_name=kind, field_type=kind)["field_code"]
        for kind in ("varchar", "text")
    )
    winner, loser = (
        crm.add_organization(name="A", custom_fields={short: sign * 200, long: sign * 200})["id"]
        for sign in "ab"
    )
    kept = crm.merge_organizations(loser, winner)["custom_fields"]
    assert kept[short] == "a" * 200 + ", " + "b" * 53
    assert kept[long] == "a" * 200 + ", " + "b" * 200


def test_merges_of_api_v1_do_not_mind_an_unknown_parameter(line: Line) -> None:
    one, two = (line.sandbox.crm.add_person(name="Ada")["id"] for _ in range(2))
    path, body = f"/v1/persons/{one}/merge?nonsense=1", {"merge_with_id": two}
    assert line.send("pipedrive", "PUT", path, json=body).status_code == 200
