"""The named unknowns of records, each in both readings."""

from typing import Any

import pytest

from chargepipe.sandbox import Options
from chargepipe.sandbox.pipedrive import company
from sandbox.line import Line, code

INVALID = (400, "ERR_SCHEMA_VALIDATION_FAILED")


def test_a_name_is_as_long_as_the_option_says() -> None:
    for longest in (255, 10):
        line = Line(customers=5, options=Options(longest_name=longest))
        for path, key in (("/persons", "name"), ("/organizations", "name"), ("/deals", "title")):
            assert line.crm("POST", path, {key: "x" * longest}).status_code == 200
            answer = line.crm("POST", path, {key: "x" * (longest + 1)})
            assert code(answer) == INVALID
            assert f"{key}: must be at most {longest} characters long" in answer.json()["error"]


def test_a_name_is_escaped_where_the_option_says_so() -> None:
    for escapes, held in ((False, "<b> & co"), (True, "&lt;b&gt; & co")):
        line = Line(customers=5, options=Options(escapes_html=escapes))
        for path, key in (("/persons", "name"), ("/deals", "title")):
            assert line.crm("POST", path, {key: "<b> & co"}).json()["data"][key] == held


def test_null_emails_are_refused_or_clear_in_a_change_alone() -> None:
    for option, status, left in (("refuse", 400, 1), ("clear", 200, 0)):
        line = Line(customers=5, options=Options(null_emails=option))  # pyright: ignore[reportArgumentType]
        one = line.sandbox.crm.add_person(name="Ada", emails=[{"value": "a@x.example"}])["id"]
        assert line.crm("PATCH", f"/persons/{one}", {"emails": None}).status_code == status
        assert len(line.sandbox.crm.person(one)["emails"]) == left
        assert code(line.crm("POST", "/persons", {"name": "x", "emails": None})) == INVALID


def test_null_links_of_a_deal_are_refused_or_clear_in_a_change_alone() -> None:
    for option, status in (("refuse", 400), ("clear", 200)):
        line = Line(customers=5, options=Options(null_links=option))  # pyright: ignore[reportArgumentType]
        crm = line.sandbox.crm
        person, org = crm.add_person(name="Ada")["id"], crm.add_organization(name="Engines")["id"]
        full = {"person_id": person, "org_id": org, "expected_close_date": "2026-12-24"}
        deal = line.crm("POST", "/deals", {"title": "Big", **full}).json()["data"]["id"]
        empty = dict.fromkeys(full)
        assert line.crm("PATCH", f"/deals/{deal}", empty).status_code == status
        held = {name: crm.deal(deal)[name] for name in full}
        assert held == (full if option == "refuse" else empty)
        assert code(line.crm("POST", "/deals", {"title": "x", **empty})) == INVALID


def test_reopening_a_deal_needs_room_where_the_option_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for option, status in ((False, 200), (True, 403)):
        line = Line(customers=0, options=Options(reopening_counts=option))
        deal = line.sandbox.crm.add_deal(title="Lost", status="lost")["id"]
        line.sandbox.crm.add_deal(title="Open")
        full = dict.fromkeys(company.DEAL_QUOTA, line.sandbox.crm.open_deals)
        monkeypatch.setattr(company, "DEAL_QUOTA", full)
        assert line.crm("PATCH", f"/deals/{deal}", {"title": "Still lost"}).status_code == 200
        assert line.crm("PATCH", f"/deals/{deal}", {"status": "open"}).status_code == status


def test_unknown_parameters_are_refused_or_ignored() -> None:
    calls: list[tuple[str, str, Any]] = [
        ("GET", "/persons", None),
        ("GET", "/deals/archived", None),
        ("GET", "/pipelines", None),
        ("POST", "/persons", {"name": "Ada"}),
    ]
    for option, expected in (("refuse", 400), ("ignore", 200)):
        line = Line(customers=5, options=Options(unknown_params=option))  # pyright: ignore[reportArgumentType]
        before = len(list(line.sandbox.crm.persons()))
        for method, path, body in calls:
            answer = line.crm(method, path, body, nonsense="1")
            assert answer.status_code == expected
        assert len(list(line.sandbox.crm.persons())) == before + (expected == 200)
    line = Line(customers=100, options=Options(unknown_params="ignore"))
    assert len(line.crm("GET", "/persons", nonsense="1", limit=3).json()["data"]) == 3
    assert code(line.crm("GET", "/persons", nonsense="1", limit="x")) == INVALID


def test_a_currency_that_is_switched_off_is_refused_or_accepted() -> None:
    for option, expected in (("refuse", 400), ("accept", 200)):
        line = Line(customers=5, options=Options(inactive_currency=option))  # pyright: ignore[reportArgumentType]
        line.sandbox.crm.currencies[3]["active_flag"] = False
        body = {"title": "x", "currency": line.sandbox.crm.currencies[3]["code"]}
        assert line.crm("POST", "/deals", body).status_code == expected
        assert code(line.crm("POST", "/deals", body | {"currency": "XYZ"})) == INVALID


@pytest.mark.parametrize("kind", ["person", "organization"])
def test_a_record_deleted_30_days_ago_was_never_there(kind: str) -> None:
    line = Line(customers=100, options=Options(deleted="200"))
    line.crm("DELETE", f"/{kind}s/1")
    assert line.crm("GET", f"/{kind}s/1").json()["data"]["is_deleted"]
    line.clock.advance(30 * 86_400 + 1)
    assert code(line.crm("GET", f"/{kind}s/1")) == (404, "ERR_NOT_FOUND")


def test_the_page_finds_records_by_any_text() -> None:
    crm = Line(customers=200, search_lag=60).sandbox.crm
    key = crm.add_field("person", field_name="Id", field_type="varchar")["field_code"]
    ada = crm.add_person(
        name="Ada", emails=[{"value": "zeb@x.example"}], custom_fields={key: "cus_77"}
    )["id"]
    acme = crm.add_organization(name="Zebra Works")["id"]
    deal = crm.add_deal(title="Zebra plan")["id"]
    found = crm.search("ZEB")
    assert [[row["id"] for row in rows] for rows in found.values()] == [[ada], [acme], [deal]]
    assert [row["id"] for row in crm.search("cus_77")["persons"]] == [ada]
    assert [row["id"] for row in crm.search("", limit=2)["persons"]] == [ada, ada - 1]
    crm.delete_person(ada)
    assert crm.search("zeb@")["persons"] == []
