"""Lists, archive and search of deals (fact sheets 4, 5)."""

from typing import Any

import pytest

from chargepipe.sandbox import Options
from sandbox.line import Json, Line, code

INVALID = (400, "ERR_SCHEMA_VALIDATION_FAILED")
DAY = 86_400


@pytest.fixture(scope="module")
def line() -> Line:
    """An account that no test of this module edits."""
    return Line(customers=500, plan="ultimate")


@pytest.fixture(autouse=True)
def _time_passes(line: Line) -> None:
    line.clock.advance(5)


def ids(rows: list[Json]) -> list[int]:
    return [row["id"] for row in rows]


def test_archived_deals_have_a_list_of_their_own(line: Line) -> None:
    rows = line.sandbox.crm.deals()
    archived = ids([row for row in rows if row["is_archived"]])
    assert line.crm_ids("/deals/archived", limit=2) == archived
    assert line.crm_ids("/deals", limit=7) == [id for id in ids(rows) if id not in archived]


@pytest.mark.parametrize("order", ["id", "add_time", "update_time"])
@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_deals_are_sorted_and_paged(line: Line, order: str, direction: str) -> None:
    found = line.crm_ids("/deals", limit=5, sort_by=order, sort_direction=direction)
    expected = ids([row for row in line.sandbox.crm.deals() if not row["is_archived"]])
    assert found == expected[:: 1 if direction == "asc" else -1]


@pytest.mark.parametrize("key", ["owner_id", "person_id", "org_id", "pipeline_id", "stage_id"])
def test_deals_are_narrowed_by_what_they_are_linked_to(line: Line, key: str) -> None:
    rows = [row for row in line.sandbox.crm.deals() if not row["is_archived"]]
    wanted = next(row[key] for row in reversed(rows) if row[key])
    expected = ids([row for row in rows if row[key] == wanted])
    assert line.crm_ids("/deals", **{key: wanted}) == expected
    assert len(expected) < len(rows)


@pytest.mark.parametrize("status", ["open", "won", "lost", "won,lost", "open,won,lost"])
def test_deals_are_narrowed_by_status(line: Line, status: str) -> None:
    rows = line.sandbox.crm.deals()
    chosen = [row for row in rows if row["status"] in status.split(",") and not row["is_archived"]]
    assert line.crm_ids("/deals", status=status) == ids(chosen)


def test_deals_are_narrowed_by_time_of_change_and_by_ids(line: Line) -> None:
    rows = [row for row in line.sandbox.crm.deals() if not row["is_archived"]]
    since, until = rows[4]["update_time"], rows[9]["update_time"]
    found = line.crm_ids("/deals", updated_since=since, updated_until=until)
    assert found == ids(rows[4:9])
    some = f"{rows[2]['id']},{rows[0]['id']},99999"
    assert line.crm_ids("/deals", ids=some) == [rows[0]["id"], rows[2]["id"]]


@pytest.mark.parametrize(
    "params",
    [
        {"status": "gone"},
        {"status": "open,all"},
        {"filter_id": 1},
        {"include_fields": "open_deals_count"},
        {"org_name": "x"},
        {"limit": 501},
    ],
)
def test_wrong_parameters_of_deals_are_refused(line: Line, params: Json) -> None:
    assert code(line.crm("GET", "/deals", **params)) == INVALID


def test_the_archive_takes_no_labels(line: Line) -> None:
    assert code(line.crm("GET", "/deals/archived", include_labels="true")) == INVALID
    body = line.crm("GET", "/deals", include_labels="true", limit=1).json()
    assert body["data"][0]["labels"] == []


def test_deleted_deals_are_listed_for_30_days_when_asked_for() -> None:
    line = Line(customers=100)
    crm = line.sandbox.crm
    kept, gone = crm.add_deal(title="Kept")["id"], crm.add_deal(title="Gone")["id"]
    crm.delete_deal(gone)
    assert gone not in line.crm_ids("/deals")
    assert gone not in line.crm_ids("/deals", updated_since="2020-01-01T00:00:00Z")
    assert line.crm_ids("/deals", status="deleted") == [gone]
    assert line.crm("GET", "/deals", status="deleted").json()["data"][0]["is_deleted"]
    assert line.crm_ids("/deals", status="open,deleted", ids=f"{gone},{kept}") == [kept, gone]
    line.clock.advance(30 * DAY + 1)
    assert line.crm_ids("/deals", status="deleted") == []


def test_deals_tell_what_they_have_when_asked(line: Line) -> None:
    more = "products_count,participants_count,first_won_time,source_lead_id,notes_count"
    rows = line.crm("GET", "/deals", include_fields=more, limit=50).json()["data"]
    assert {row["products_count"] for row in rows} == {0, 2}
    assert {row["participants_count"] for row in rows} == {1}
    assert all((row["first_won_time"] is None) == (row["status"] != "won") for row in rows)


def test_persons_and_organizations_count_their_deals() -> None:
    line = Line(customers=50, people_before=0, plan="ultimate")
    crm = line.sandbox.crm
    acme = crm.add_organization(name="Acme")["id"]
    ada = crm.add_person(name="Ada", org_id=acme)["id"]
    for status in ("open", "open", "won", "lost"):
        crm.add_deal(title="x", status=status, person_id=ada, org_id=acme)
    crm.delete_deal(crm.add_deal(title="x", person_id=ada)["id"])
    names = "open_deals_count,closed_deals_count,won_deals_count,lost_deals_count"
    for path in (f"/persons/{ada}", f"/organizations/{acme}"):
        row = line.crm("GET", path, include_fields=names).json()["data"]
        assert [row[name] for name in names.split(",")] == [2, 2, 1, 1]
    people = line.crm("GET", "/organizations", include_fields="people_count").json()["data"]
    assert people[0]["people_count"] == 1


def test_persons_are_narrowed_by_a_deal(line: Line) -> None:
    deal = line.sandbox.crm.deals()[0]
    assert line.crm_ids("/persons", deal_id=deal["id"]) == [deal["person_id"]]
    assert line.crm_ids("/persons", deal_id=99_999) == []


def hits(line: Line, **params: Any) -> list[int]:
    body = line.crm("GET", "/deals/search", limit=500, **params).json()
    return [hit["item"]["id"] for hit in body["data"]["items"]]


def test_search_finds_deals_by_title_and_custom_texts() -> None:
    line = Line(customers=100, search_lag=3.0)
    crm = line.sandbox.crm
    key = crm.add_field("deal", field_name="Id", field_type="varchar")["field_code"]
    made = crm.add_deal(title="Zeta plan", person_id=1, custom_fields={key: "sub_77"})["id"]
    assert hits(line, term="zeta") == []
    line.clock.advance(3)
    assert hits(line, term="ZETA") == hits(line, term="sub_77") == [made]
    assert hits(line, term="sub_77", fields="title") == []
    assert hits(line, term="zeta", exact_match="true") == []
    body = line.crm("GET", "/deals/search", term="zeta plan", exact_match="true").json()
    item = body["data"]["items"][0]["item"]
    assert (item["title"], item["type"], item["status"]) == ("Zeta plan", "deal", "open")
    assert item["stage"] == {"id": 1, "name": "Qualified"}
    assert item["person"] == {"id": 1, "name": crm.person(1)["name"]}
    assert item["organization"] is None
    assert item["custom_fields"] == []
    found = line.crm("GET", "/deals/search", term="sub_7").json()["data"]["items"]
    assert [hit["item"]["custom_fields"] for hit in found] == [["sub_77"]]
    assert code(line.crm("GET", "/deals/search", term="zeta", fields="name")) == INVALID
    assert code(line.crm("GET", "/deals/search", term="zeta", status="deleted")) == INVALID


def test_search_of_deals_is_narrowed(line: Line) -> None:
    rows = line.sandbox.crm.deals()
    assert hits(line, term="deal") == ids(rows)
    assert hits(line, term="deal", status="won") == ids([r for r in rows if r["status"] == "won"])
    one = rows[0]
    mine = ids([row for row in rows if row["person_id"] == one["person_id"]])
    assert hits(line, term="deal", person_id=one["person_id"]) == mine


def test_deleted_persons_are_listed_where_the_option_says_so() -> None:
    for tells in (False, True):
        line = Line(customers=50, options=Options(lists_deleted=tells))
        line.sandbox.crm.delete_person(1)
        since = "2026-11-02T08:00:00Z"
        rows = line.crm("GET", "/persons", updated_since=since).json()["data"]
        assert [(row["id"], row["is_deleted"]) for row in rows] == [(1, True)] * tells
        assert 1 not in line.crm_ids("/persons")
        line.clock.advance(30 * DAY + 1)
        assert line.crm_ids("/persons", updated_since=since) == []


def test_pipelines_and_stages_are_read_one_by_one_and_sorted(line: Line) -> None:
    pipeline = line.crm("GET", "/pipelines/2").json()["data"]
    assert (pipeline["name"], pipeline["is_deal_probability_enabled"]) == ("Renewals", False)
    assert line.crm("GET", "/stages/8").json()["data"]["pipeline_id"] == 2
    for path in ("/pipelines/3", "/stages/99"):
        assert code(line.crm("GET", path)) == (404, "ERR_NOT_FOUND")
    assert code(line.crm("GET", "/stages/x")) == INVALID
    assert line.crm_ids("/stages", pipeline_id=2, sort_by="order_nr") == [8, 6, 7]
    assert line.crm_ids("/pipelines", sort_direction="desc") == [2, 1]
