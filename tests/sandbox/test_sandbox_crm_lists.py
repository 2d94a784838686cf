from functools import partial
from typing import Any

import pytest

from chargepipe.sandbox import Options
from sandbox.line import Line, code

INVALID = (400, "ERR_SCHEMA_VALIDATION_FAILED")


@pytest.fixture(scope="module")
def line() -> Line:
    """An account that no test of this module edits."""
    return Line(customers=500, plan="ultimate")


@pytest.fixture(autouse=True)
def _time_passes(line: Line) -> None:
    line.clock.advance(5)


def test_a_page_has_100_rows_unless_asked_otherwise_and_500_at_most(line: Line) -> None:
    assert len(line.crm("GET", "/persons").json()["data"]) == 100
    body = line.crm("GET", "/persons", limit=500).json()
    assert len(body["data"]) == sum(1 for _ in line.sandbox.crm.persons())
    assert body["additional_data"] == {"next_cursor": None}
    for limit in ("0", "501", "x"):
        assert code(line.crm("GET", "/persons", limit=limit)) == INVALID


@pytest.mark.parametrize("order", ["id", "add_time", "update_time"])
@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_all_pages_hold_each_record_once_in_order(line: Line, order: str, direction: str) -> None:
    ids = line.crm_ids("/persons", limit=37, sort_by=order, sort_direction=direction)
    expected = [row["id"] for row in line.sandbox.crm.persons()]
    assert ids == expected[:: 1 if direction == "asc" else -1]


def test_a_cursor_is_good_for_its_own_sort_alone(line: Line) -> None:
    cursor = line.crm("GET", "/persons", limit=2).json()["additional_data"]["next_cursor"]
    assert line.crm("GET", "/persons", limit=2, cursor=cursor).json()["data"][0]["id"] == 3
    other = line.crm("GET", "/persons", limit=2, cursor=cursor, sort_by="add_time")
    assert code(other) == INVALID
    for broken in ("x", "e30", "W10", "!"):
        assert code(line.crm("GET", "/persons", cursor=broken)) == INVALID


def test_updated_since_takes_the_moment_in_and_updated_until_does_not(line: Line) -> None:
    rows = list(line.sandbox.crm.persons())
    since, until = rows[10]["update_time"], rows[20]["update_time"]
    found = line.crm_ids("/persons", updated_since=since, updated_until=until, limit=3)
    assert found == [row["id"] for row in rows[10:20]]
    offset = since.replace("Z", "+00:00")
    assert line.crm_ids("/persons", updated_since=offset)[0] == rows[10]["id"]


@pytest.mark.parametrize(
    "moment",
    ["2026-01-01T10:20:00.5Z", "2026-01-01", "2026-01-01T10:20:00", "2026-13-01T00:00:00Z"],
)
def test_only_whole_seconds_in_rfc_3339_are_times(line: Line, moment: str) -> None:
    answer = line.crm("GET", "/persons", updated_since=moment)
    assert code(answer) == INVALID
    assert "updated_since: not a valid datetime" in answer.json()["error"]


def test_ids_choose_records_and_leave_out_what_is_not_there(line: Line) -> None:
    assert line.crm_ids("/persons", ids="3,999999,1") == [1, 3]
    assert line.crm_ids("/persons", ids="3,1,2", limit=1, sort_direction="desc") == [3, 2, 1]
    assert code(line.crm("GET", "/persons", ids=",".join(["1"] * 101))) == INVALID
    assert code(line.crm("GET", "/persons", ids="a")) == INVALID


def test_persons_are_narrowed_by_organization_and_owner(line: Line) -> None:
    rows = list(line.sandbox.crm.persons())
    organization = next(row["org_id"] for row in rows if row["org_id"])
    found = line.crm_ids("/persons", org_id=organization, limit=500)
    assert found == [row["id"] for row in rows if row["org_id"] == organization]
    owned = line.crm_ids("/persons", owner_id=102, limit=500)
    assert owned == [row["id"] for row in rows if row["owner_id"] == 102]


@pytest.mark.parametrize(
    "params",
    [{"filter_id": 1}, {"email": "x"}, {"sort_by": "name"}, {"include_fields": "x"}, {"start": 0}],
)
def test_unknown_parameters_are_refused(line: Line, params: dict[str, Any]) -> None:
    assert code(line.crm("GET", "/persons", **params)) == INVALID


def test_more_fields_can_be_included(line: Line) -> None:
    row = line.crm("GET", "/persons/1", include_fields="notes_count,next_activity_id").json()
    assert row["data"]["notes_count"] == 0
    assert row["data"]["next_activity_id"] is None


def test_fields_are_paged_too(line: Line) -> None:
    first = line.crm("GET", "/personFields", limit=4).json()
    cursor = first["additional_data"]["next_cursor"]
    rest = line.crm("GET", "/personFields", cursor=cursor).json()
    codes = [row["field_code"] for row in first["data"] + rest["data"]]
    assert codes == [row["field_code"] for row in line.sandbox.crm.fields("person")]
    assert rest["additional_data"]["next_cursor"] is None


def test_the_pipeline_has_its_stages(line: Line) -> None:
    names = [row["name"] for row in line.crm("GET", "/pipelines").json()["data"]]
    assert names == ["Sales", "Renewals"]
    stages = line.crm("GET", "/stages", pipeline_id=1).json()["data"]
    assert [stage["order_nr"] for stage in stages] == [1, 2, 3, 4, 5]
    assert "Proposal Made" in [stage["name"] for stage in stages]
    assert line.crm("GET", "/stages", pipeline_id=3).json()["data"] == []


def test_lists_show_a_write_only_after_it_settled() -> None:
    line = Line(customers=50, settle=30.0)
    made = line.sandbox.crm.add_person(name="New")["id"]
    line.sandbox.crm.delete_person(1)
    line.sandbox.crm.edit_person(2, name="Changed")
    name = line.crm("GET", "/persons", ids="2").json()["data"][0]["name"]
    assert name != "Changed"
    listed = line.crm_ids("/persons")
    assert made not in listed
    assert 1 in listed
    assert line.crm("GET", f"/persons/{made}").status_code == 200
    assert line.crm("GET", "/persons/1").status_code == 404
    line.clock.advance(30)
    listed = line.crm_ids("/persons")
    assert made in listed
    assert 1 not in listed
    assert line.crm("GET", "/persons", ids="2").json()["data"][0]["name"] == "Changed"


def test_search_lags_behind_the_lists() -> None:
    line = Line(customers=20, search_lag=3.0)
    made = line.sandbox.crm.add_person(name="Zebulon", emails=[{"value": "zeb@x.example"}])["id"]

    def found() -> list[int]:
        hits = line.crm("GET", "/persons/search", term="zeb@x.example", fields="email").json()
        return [hit["item"]["id"] for hit in hits["data"]["items"]]

    assert made in line.crm_ids("/persons")
    assert found() == []
    line.clock.advance(3)
    assert found() == [made]
    line.sandbox.crm.delete_person(made)
    assert found() == [made]
    line.clock.advance(3)
    assert found() == []


def test_search_finds_parts_in_any_case_and_exact_ones_alone_when_asked(line: Line) -> None:
    person = next(row for row in line.sandbox.crm.persons() if row["emails"])
    email = person["emails"][0]["value"]

    def found(**params: Any) -> list[int]:
        body = line.crm("GET", "/persons/search", limit=500, **params).json()
        return [hit["item"]["id"] for hit in body["data"]["items"]]

    assert person["id"] in found(term=email.upper(), exact_match="true")
    assert person["id"] in found(term=email[1:-1], fields="email")
    assert person["id"] not in found(term=email[1:-1], exact_match="true")
    assert person["id"] not in found(term=email, fields="name,phone")


def test_search_refuses_short_terms_and_unknown_fields(line: Line) -> None:
    for params in ({}, {"term": "a"}, {"term": "abc", "fields": "emails"}):
        assert code(line.crm("GET", "/persons/search", **params)) == INVALID


def test_search_finds_organizations_and_custom_texts() -> None:
    line = Line(customers=20, search_lag=0)
    crm = line.sandbox.crm
    key = crm.add_field("organization", field_name="Id", field_type="varchar")["field_code"]
    made = crm.add_organization(name="Zeta Works", custom_fields={key: "cust_77"})["id"]
    body = line.crm("GET", "/organizations/search", term="cust_77", fields="custom_fields").json()
    item = body["data"]["items"][0]["item"]
    assert (item["id"], item["type"], item["custom_fields"]) == (made, "organization", ["cust_77"])


def test_one_letter_is_enough_for_an_exact_search() -> None:
    line = Line(customers=20, search_lag=0)
    made = line.sandbox.crm.add_person(name="Q")["id"]
    answer = line.crm("GET", "/persons/search", term="q", exact_match="true")
    assert [hit["item"]["id"] for hit in answer.json()["data"]["items"]] == [made]
    assert code(line.crm("GET", "/persons/search", term="", exact_match="true")) == INVALID


def test_a_search_includes_what_is_described_and_nothing_else(line: Line) -> None:
    for path, name in (("/persons", "person.picture"), ("/deals", "deal.cc_email")):
        ask = partial(line.crm, "GET", f"{path}/search", term="an")
        assert ask(include_fields=name).status_code == 200
        assert code(ask(include_fields="nonsense")) == INVALID


@pytest.mark.parametrize("path", ["/persons", "/personFields", "/stages", "/persons/search"])
def test_a_cursor_is_good_for_a_while_and_how_long_is_an_option(path: str) -> None:
    more = {"limit": 1} | ({"term": "an"} if "search" in path else {})
    for seconds, late, status in ((3600.0, 3600, 200), (3600.0, 3601, 400), (None, 10**7, 200)):
        line = Line(customers=100, options=Options(cursor_seconds=seconds))
        first = line.crm("GET", path, **more).json()
        cursor = first["additional_data"]["next_cursor"]
        line.clock.advance(late)
        answer = line.crm("GET", path, cursor=cursor, **more)
        assert answer.status_code == status, (seconds, late)
        if status == 400:
            assert "begin the list again" in answer.json()["error"]
