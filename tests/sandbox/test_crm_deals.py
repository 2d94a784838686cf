"""Bodies of deals, and what the server sets itself (fact sheet 4)."""

from typing import Any

import httpx2
import pytest

from chargepipe.sandbox import Options
from sandbox.line import Json, Line, code

INVALID = (400, "ERR_SCHEMA_VALIDATION_FAILED")
NOW = "2026-11-02T09:00:00Z"
LATER = "2026-11-02T09:01:30Z"


@pytest.fixture
def line() -> Line:
    return Line(customers=40, plan="ultimate")


def deal(line: Line, **body: Any) -> Json:
    answer = line.crm("POST", "/deals", {"title": "Team plan"} | body)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def patched(line: Line, id: int, **body: Any) -> Json:
    answer = line.crm("PATCH", f"/deals/{id}", body)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def refused(answer: httpx2.Response, *keys: str) -> bool:
    return code(answer) == INVALID and all(f"{key}: " in answer.json()["error"] for key in keys)


def test_a_title_is_all_that_a_deal_needs(line: Line) -> None:
    made = deal(line, title="  Team plan ")
    assert (made["title"], made["status"], made["value"]) == ("Team plan", "open", 0)
    assert (made["currency"], made["owner_id"], made["origin"]) == ("USD", 101, "API")
    assert (made["pipeline_id"], made["stage_id"]) == (1, 1)
    assert made["add_time"] == made["update_time"] == NOW
    assert not made["is_deleted"]
    assert not made["is_archived"]
    for key in ("won_time", "lost_time", "close_time", "lost_reason", "stage_change_time"):
        assert made[key] is None
    assert refused(line.crm("POST", "/deals", {"value": 1}), "title")
    assert refused(line.crm("POST", "/deals", {"title": " "}), "title")


def test_a_deal_is_read_back_as_it_was_written(line: Line) -> None:
    field = line.sandbox.crm.add_field("deal", field_name="Id", field_type="varchar")
    body = {
        "title": "Renewal",
        "person_id": 1,
        "org_id": 1,
        "value": 12.5,
        "currency": "EUR",
        "stage_id": 3,
        "probability": 40,
        "visible_to": 7,
        "owner_id": 102,
        "expected_close_date": "2026-12-31",
        "label_ids": [4],
        "custom_fields": {field["field_code"]: "sub_1"},
    }
    made = deal(line, **body)
    read = line.crm("GET", f"/deals/{made['id']}").json()["data"]
    assert read == made
    assert {key: read[key] for key in body} == body


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("value", "12"),
        ("value", None),
        ("value", True),
        ("currency", "XYZ"),
        ("currency", ["USD"]),
        ("status", "gone"),
        ("status", "deleted"),
        ("person_id", 99_999),
        ("person_id", "1"),
        ("org_id", 99_999),
        ("pipeline_id", 9),
        ("stage_id", 99),
        ("stage_id", None),
        ("probability", 101),
        ("probability", -1),
        ("probability", "50"),
        ("expected_close_date", "31.12.2026"),
        ("expected_close_date", "2026-02-30"),
        ("is_archived", 1),
        ("is_deleted", True),
        ("is_deleted", False),
        ("owner_id", 7),
        ("label_ids", "1"),
        ("custom_fields", {"f" * 40: "x"}),
    ],
)
def test_values_of_a_deal_are_checked_strictly(line: Line, key: str, value: Any) -> None:
    before = line.crm_ids("/deals")
    assert refused(line.crm("POST", "/deals", {"title": "x", key: value}), key)
    assert refused(line.crm("PATCH", "/deals/1", {key: value}), key)
    assert line.crm_ids("/deals") == before


@pytest.mark.parametrize(
    "key",
    ["add_time", "update_time", "stage_change_time", "arr", "mrr", "acv", "origin", "channel"],
)
def test_what_the_server_sets_cannot_be_written(line: Line, key: str) -> None:
    answer = line.crm("POST", "/deals", {"title": "x", key: None})
    assert refused(answer, key)
    assert f"Parameter '{key}' is not allowed for this request" in answer.json()["error"]
    assert refused(line.crm("PATCH", "/deals/1", {key: None}), key)


def test_null_is_taken_where_the_api_describes_it_alone(line: Line) -> None:
    made = deal(line, person_id=1, probability=5, status="lost", lost_reason="Price")["id"]
    cleared = patched(line, made, probability=None, lost_reason=None, close_time=None)
    assert cleared["probability"] is cleared["lost_reason"] is None
    for key in ("person_id", "org_id", "expected_close_date", "lost_time", "owner_id"):
        assert refused(line.crm("PATCH", f"/deals/{made}", {key: None}), key)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        ("open", {"lost_reason": "Price"}),
        ("won", {"lost_reason": "Price"}),
        ("open", {"won_time": NOW}),
        ("lost", {"won_time": NOW}),
        ("open", {"lost_time": NOW}),
        ("won", {"lost_time": NOW}),
        ("open", {"close_time": NOW}),
    ],
)
def test_a_reason_and_times_need_their_status(line: Line, status: str, body: Json) -> None:
    key = next(iter(body))
    assert refused(line.crm("POST", "/deals", {"title": "x", "status": status} | body), key)
    held = deal(line, status=status)["id"]
    assert refused(line.crm("PATCH", f"/deals/{held}", body), key)


def test_times_of_closing_may_be_given(line: Line) -> None:
    won = deal(line, status="won", won_time="2026-10-01T08:00:00+02:00")
    assert (won["won_time"], won["close_time"]) == ("2026-10-01T06:00:00Z", "2026-10-01T06:00:00Z")
    lost = deal(line, status="lost", lost_reason="Price", close_time="2026-10-01T06:00:00Z")
    assert (lost["lost_time"], lost["close_time"]) == (NOW, "2026-10-01T06:00:00Z")
    assert lost["lost_reason"] == "Price"


def test_the_server_notes_when_a_deal_is_closed_and_opened_again(line: Line) -> None:
    made = deal(line)["id"]
    line.clock.advance(90)
    won = patched(line, made, status="won")
    assert (won["won_time"], won["close_time"], won["lost_time"]) == (LATER, LATER, None)
    line.clock.advance(90)
    assert patched(line, made, title="New")["won_time"] == LATER
    assert patched(line, made, status="won")["won_time"] == LATER
    lost = patched(line, made, status="lost", lost_reason="Price")
    assert lost["won_time"] is None
    assert lost["lost_time"] == lost["close_time"] == "2026-11-02T09:03:00Z"
    opened = patched(line, made, status="open")
    for key in ("won_time", "lost_time", "close_time", "lost_reason"):
        assert opened[key] is None
    first = line.crm("GET", f"/deals/{made}", include_fields="first_won_time").json()["data"]
    assert first["first_won_time"] == LATER


def test_a_stage_brings_its_pipeline_and_a_pipeline_its_first_stage(line: Line) -> None:
    assert deal(line, stage_id=7)["pipeline_id"] == 2
    assert deal(line, pipeline_id=2)["stage_id"] == 8
    assert deal(line, pipeline_id=1, stage_id=7)["pipeline_id"] == 2
    made = deal(line, stage_id=3)
    line.clock.advance(90)
    assert patched(line, made["id"], pipeline_id=1)["stage_id"] == 3
    assert patched(line, made["id"], stage_id=3)["stage_change_time"] is None
    moved = patched(line, made["id"], pipeline_id=2)
    assert (moved["pipeline_id"], moved["stage_id"], moved["stage_change_time"]) == (2, 8, LATER)


def test_the_default_pipeline_is_the_first_one_in_order(line: Line) -> None:
    line.sandbox.crm.pipelines[1]["order_nr"] = 0
    assert deal(line)["stage_id"] == 8


def test_a_probability_needs_a_pipeline_that_has_it(line: Line) -> None:
    assert deal(line, probability=55)["probability"] == 55
    assert refused(
        line.crm("POST", "/deals", {"title": "x", "pipeline_id": 2, "probability": 1}),
        "probability",
    )
    assert deal(line, pipeline_id=2, probability=None)["probability"] is None


def test_archiving_is_apart_from_the_status(line: Line) -> None:
    made = deal(line, status="won")["id"]
    kept = patched(line, made, is_archived=True)
    assert (kept["is_archived"], kept["status"]) == (True, "won")
    assert made not in line.crm_ids("/deals")
    assert made in line.crm_ids("/deals/archived")
    assert line.crm("GET", f"/deals/{made}").status_code == 200
    patched(line, made, is_archived=False)
    assert made in line.crm_ids("/deals")


def test_the_time_of_archiving_has_a_form_of_its_own(line: Line) -> None:
    assert deal(line, is_archived=True, archive_time="2026-10-01 08:00:00")["is_archived"]
    for body in (
        {"is_archived": True, "archive_time": "2026-10-01T08:00:00Z"},
        {"archive_time": "2026-10-01 08:00:00"},
    ):
        assert refused(line.crm("POST", "/deals", {"title": "x"} | body), "archive_time")


def test_a_deleted_deal_says_so_to_an_edit_for_30_days(line: Line) -> None:
    made = deal(line)["id"]
    assert line.crm("DELETE", f"/deals/{made}").json()["data"] == {"id": made}
    answer = line.crm("PATCH", f"/deals/{made}", {"title": "New"})
    assert code(answer) == (400, "ERR_DEAL_DELETED")
    words = "Entity is deleted. You must first restore it before you can edit"
    assert answer.json()["error"] == words
    assert code(line.crm("GET", f"/deals/{made}")) == (404, "ERR_NOT_FOUND")
    assert code(line.crm("DELETE", f"/deals/{made}")) == (404, "ERR_NOT_FOUND")
    line.clock.advance(30 * 86_400 + 1)
    assert code(line.crm("PATCH", f"/deals/{made}", {"title": "New"})) == (404, "ERR_NOT_FOUND")


def test_a_deleted_deal_comes_back_where_the_option_says_so() -> None:
    line = Line(customers=40, options=Options(restores=True))
    made = deal(line, value=5)["id"]
    open_deals = line.sandbox.crm.open_deals
    line.crm("DELETE", f"/deals/{made}")
    assert line.sandbox.crm.open_deals == open_deals - 1
    assert code(line.crm("PATCH", f"/deals/{made}", {"title": "x"})) == (400, "ERR_DEAL_DELETED")
    back = line.crm("PATCH", f"/deals/{made}", {"is_deleted": False, "title": "Back"})
    assert back.json()["data"]["title"] == "Back"
    assert made in line.crm_ids("/deals")
    assert line.sandbox.crm.open_deals == open_deals
    assert refused(line.crm("PATCH", f"/deals/{made}", {"is_deleted": True}), "is_deleted")


def test_a_value_empties_other_attributes_where_the_option_says_so() -> None:
    body: Json = {"person_id": 1, "probability": 20, "label_ids": [1]}
    for blanks, kept in (
        (False, body),
        (True, {"person_id": None, "probability": 30, "label_ids": []}),
    ):
        line = Line(customers=40, plan="ultimate", options=Options(value_blanks=blanks))
        key = line.sandbox.crm.add_field("deal", field_name="Id", field_type="varchar")[
            "field_code"
        ]
        made = deal(line, **body, custom_fields={key: "x"})["id"]
        change: Json = {"value": 9} | ({"probability": 30} if blanks else {})
        changed = patched(line, made, **change)
        assert {name: changed[name] for name in kept} == kept
        assert changed["custom_fields"] == {key: None if blanks else "x"}


def test_open_deals_are_as_many_as_the_plan_and_its_seats_allow() -> None:
    line = Line(customers=40, plan="lite")
    crm = line.sandbox.crm
    while crm.open_deals < 2_500:
        crm.add_deal(title="One of many")
    answer = line.crm("POST", "/deals", {"title": "One more"})
    assert code(answer) == (403, "feature_capping_deals_limit")
    assert answer.json()["error"] == "Couldn't add the deal. Open deals limit reached."
    assert line.crm("POST", "/deals", {"title": "Won", "status": "won"}).status_code == 200
    crm.win_deal(crm.deals()[-2]["id"])
    assert line.crm("POST", "/deals", {"title": "One more"}).status_code == 200
    crm.archive_deal(crm.deals()[-1]["id"])
    assert code(line.crm("POST", "/deals", {"title": "One more"}))[0] == 403
    line.sandbox.company.seats = 2
    assert line.crm("POST", "/deals", {"title": "One more"}).status_code == 200


@pytest.mark.parametrize(
    ("plan", "seats", "quota"),
    [("lite", 1, 2_500), ("growth", 3, 15_000), ("premium", 1, 15_000), ("ultimate", 99, 300_000)],
)
def test_the_quota_of_open_deals(plan: Any, seats: int, quota: int) -> None:
    company = Line(customers=5, plan=plan).sandbox.company
    company.seats = seats
    assert company.deal_quota == quota


def test_deals_at_the_page_are_closed_moved_and_put_away(line: Line) -> None:
    crm = line.sandbox.crm
    made = crm.add_deal(title="Team plan", person_id=1)["id"]
    assert crm.deal(made)["origin"] == "ManuallyCreated"
    assert crm.win_deal(made)["status"] == "won"
    assert crm.lose_deal(made, "Price")["lost_reason"] == "Price"
    assert crm.lose_deal(made)["lost_reason"] is None
    assert crm.reopen_deal(made)["status"] == "open"
    assert crm.move_deal(made, 6)["pipeline_id"] == 2
    assert crm.archive_deal(made)["is_archived"]
    assert not crm.unarchive_deal(made)["is_archived"]
    assert made in [row["id"] for row in crm.deals()]
    crm.delete_deal(made)
    with pytest.raises(KeyError, match=str(made)):
        crm.win_deal(made)
    with pytest.raises(ValueError, match="stage_id"):
        crm.move_deal(1, 99)


def test_the_account_has_deals_of_every_sort_from_the_start() -> None:
    line = Line(customers=250)
    rows = line.sandbox.crm.deals()
    assert {row["status"] for row in rows} == {"open", "won", "lost"}
    assert {row["pipeline_id"] for row in rows} == {1, 2}
    assert any(row["is_archived"] for row in rows)
    products = [line.crm("GET", f"/deals/{row['id']}/products").json()["data"] for row in rows[:8]]
    assert any(products)
    assert rows == Line(customers=250).sandbox.crm.deals()
    assert rows != Line(customers=250, seed=2).sandbox.crm.deals()
    people = {row["id"] for row in line.sandbox.crm.persons()}
    assert {row["person_id"] for row in rows} <= people
    assert Line(customers=250, people_before=0).sandbox.crm.deals() == []


def test_the_time_of_archiving_stays_through_other_changes(line: Line) -> None:
    made = deal(line, is_archived=True, archive_time="2026-10-01 08:00:00")["id"]
    line.clock.advance(60)
    for body in ({"title": "New"}, {"is_archived": True}):
        patched(line, made, **body)
        assert line.sandbox.crm.kept("deal", made)["archive_time"] == "2026-10-01T08:00:00Z"
    patched(line, made, is_archived=False)
    patched(line, made, is_archived=True)
    assert line.sandbox.crm.kept("deal", made)["archive_time"] == "2026-11-02T09:01:00Z"
