from typing import Any

import httpx2
import pytest

from chargepipe.sandbox import Options
from sandbox.line import Line, code

INVALID = (400, "ERR_SCHEMA_VALIDATION_FAILED")


@pytest.fixture
def line() -> Line:
    return Line(customers=40, plan="ultimate")


def field(line: Line, entity: str, kind: str, *labels: str) -> str:
    """The code of a new custom field."""
    body: dict[str, Any] = {"field_name": f"CB {kind}", "field_type": kind}
    if labels:
        body["options"] = [{"label": label} for label in labels]
    return line.crm("POST", f"/{entity}Fields", body).json()["data"]["field_code"]


def person(line: Line, **body: Any) -> dict[str, Any]:
    answer = line.crm("POST", "/persons", {"name": "Ada"} | body)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def refused(answer: httpx2.Response, *keys: str) -> bool:
    return code(answer) == INVALID and all(f"{key}: " in answer.json()["error"] for key in keys)


def test_a_name_is_needed_trimmed_and_split(line: Line) -> None:
    made = person(line, name="  Ada King Lovelace ")
    assert made["name"] == "Ada King Lovelace"
    assert (made["first_name"], made["last_name"]) == ("Ada", "King Lovelace")
    assert person(line, name="Ada")["last_name"] is None
    assert refused(line.crm("POST", "/persons", {}), "name")
    assert refused(line.crm("POST", "/organizations", {"name": "  "}), "name")
    assert refused(line.crm("PATCH", f"/persons/{made['id']}", {"name": ""}), "name")


def test_every_wrong_key_is_named_and_nothing_is_written(line: Line) -> None:
    before = line.crm_ids("/persons")
    body = {"name": "Ada", "nme": 1, "b" * 40: "x", "visible_to": "3", "owner_id": 7}
    answer = line.crm("POST", "/persons", body)
    assert refused(answer, "nme", "b" * 40, "visible_to", "owner_id")
    assert "Parameter 'nme' is not allowed for this request" in answer.json()["error"]
    assert line.crm_ids("/persons") == before


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("emails", None),
        ("emails", ["a@b.example"]),
        ("emails", [{"value": 1}]),
        ("emails", [{"primary": True}]),
        ("emails", [{"value": "a", "kind": "work"}]),
        ("emails", [{"value": "a", "primary": True}, {"value": "b", "primary": True}]),
        ("phones", "123"),
        ("org_id", 99_999),
        ("org_id", "1"),
        ("visible_to", 2),
        ("visible_to", True),
        ("label_ids", 1),
        ("custom_fields", []),
        ("custom_fields", {"f" * 40: "x"}),
        ("add_time", "yesterday"),
    ],
)
def test_values_are_checked_strictly(line: Line, key: str, value: Any) -> None:
    assert refused(line.crm("POST", "/persons", {"name": "Ada", key: value}), key)


def test_emails_are_replaced_whole_and_one_is_primary(line: Line) -> None:
    made = person(line, emails=[{"value": "a@x.example"}, {"value": "b@x.example"}])
    assert [email["primary"] for email in made["emails"]] == [True, False]
    assert made["emails"][0]["label"] == "work"
    path = f"/persons/{made['id']}"
    second = [{"value": "c@x.example"}, {"value": "d@x.example", "primary": True, "label": "home"}]
    changed = line.crm("PATCH", path, {"emails": second}).json()["data"]
    assert [email["value"] for email in changed["emails"]] == ["c@x.example", "d@x.example"]
    assert [email["primary"] for email in changed["emails"]] == [False, True]
    assert line.crm("PATCH", path, {"emails": []}).json()["data"]["emails"] == []


def test_fields_that_need_another_feature_are_forbidden(line: Line) -> None:
    for key in ("birthday", "notes", "job_title", "im", "postal_address", "marketing_status"):
        answer = line.crm("POST", "/persons", {"name": "Ada", key: "x"})
        assert answer.status_code == 403


def test_duplicates_are_refused_nowhere(line: Line) -> None:
    ids = {person(line, emails=[{"value": "same@x.example"}])["id"] for _ in range(2)}
    assert len(ids) == 2
    codes = {field(line, "person", "varchar") for _ in range(2)}
    assert len(codes) == 2
    assert all(len(each) == 40 and set(each) <= set("0123456789abcdef") for each in codes)


def test_an_answer_carries_every_custom_field_or_those_asked_for(line: Line) -> None:
    one, two = field(line, "person", "varchar"), field(line, "person", "double")
    made = person(line, custom_fields={one: "x"})
    assert made["custom_fields"] == {one: "x", two: None}
    path = f"/persons/{made['id']}"
    chosen = line.crm("GET", path, custom_fields=one).json()["data"]
    assert chosen["custom_fields"] == {one: "x"}
    listed = line.crm("GET", "/persons", ids=str(made["id"]), custom_fields=two).json()["data"]
    assert listed[0]["custom_fields"] == {two: None}
    assert code(line.crm("GET", path, custom_fields=",".join("abcdefghijklmnop"))) == INVALID


def test_custom_fields_are_written_one_by_one_and_cleared_by_null(line: Line) -> None:
    one, two = field(line, "person", "varchar"), field(line, "person", "varchar")
    made = person(line, custom_fields={one: "x", two: "y"})
    path = f"/persons/{made['id']}"
    changed = line.crm("PATCH", path, {"custom_fields": {one: None}}).json()["data"]
    assert changed["custom_fields"] == {one: None, two: "y"}


GOOD_AND_BAD: list[tuple[str, list[Any], list[Any]]] = [
    ("varchar", ["x", "x" * 255], [1, "x" * 256, ["x"]]),
    ("text", ["x" * 300], [True]),
    ("phone", ["+49 1"], [[{"value": "1"}], 49]),
    ("double", [1, 2.5], ["1", True]),
    ("monetary", [{"value": 12.5, "currency": "EUR"}], [12, {"value": "1"}, {"currency": "EUR"}]),
    ("date", ["2026-02-28"], ["2026-02-29", "2026-2-1", 20260201, "2026-02-28T00:00:00Z"]),
    ("daterange", [{"value": "2026-01-01", "until": "2026-01-02"}], [{"value": "2026-01-01"}]),
    ("time", [{"value": "09:00:00", "timezone_name": "UTC"}], ["09:00:00", {"value": "9"}]),
    ("address", [{"value": "Main Street"}], ["Main Street", {"city": "Rome"}]),
    ("user", [101], ["101"]),
]


@pytest.mark.parametrize(("kind", "good", "bad"), GOOD_AND_BAD)
def test_custom_values_fit_the_type_of_their_field(
    line: Line, kind: str, good: list[Any], bad: list[Any]
) -> None:
    key = field(line, "person", kind)
    for value in good:
        held = person(line, custom_fields={key: value})["custom_fields"][key]
        assert held == value or kind == "address"
    for value in bad:
        body = {"name": "Ada", "custom_fields": {key: value}}
        assert refused(line.crm("POST", "/persons", body), "custom_fields")


def test_money_without_a_currency_is_of_the_users_own(line: Line) -> None:
    key = field(line, "person", "monetary")
    held = person(line, custom_fields={key: {"value": 1}})["custom_fields"][key]
    assert held == {"value": 1, "currency": line.sandbox.crm.me["default_currency"]}


def test_money_needs_a_currency_of_the_account(line: Line) -> None:
    key = field(line, "person", "monetary")
    body = {"name": "Ada", "custom_fields": {key: {"value": 1, "currency": "XYZ"}}}
    assert refused(line.crm("POST", "/persons", body), "custom_fields")
    body["custom_fields"] = {key: {"value": 1, "currency": "JPY"}}
    assert line.crm("POST", "/persons", body).status_code == 200
    for currency in line.sandbox.crm.currencies:
        currency["active_flag"] = currency["code"] != "JPY"
    assert refused(line.crm("POST", "/persons", body), "custom_fields")


def test_options_are_ids_and_can_be_shown_with_labels(line: Line) -> None:
    one, many = field(line, "person", "enum", "A", "B"), field(line, "person", "set", "C", "D")
    known = line.crm("GET", f"/personFields/{one}").json()["data"]["options"]
    others = line.crm("GET", f"/personFields/{many}").json()["data"]["options"]
    ids, both = known[1]["id"], [option["id"] for option in others]
    made = person(line, custom_fields={one: ids, many: both})
    assert made["custom_fields"] == {one: ids, many: both}
    shown = line.crm("GET", f"/persons/{made['id']}", include_option_labels="true").json()["data"]
    assert shown["custom_fields"][one] == {"id": ids, "label": "B"}
    assert [each["label"] for each in shown["custom_fields"][many]] == ["C", "D"]
    for wrong in ({one: "B"}, {one: both[0]}, {many: []}, {many: ids}):
        answer = line.crm("PATCH", f"/persons/{made['id']}", {"custom_fields": wrong})
        assert refused(answer, "custom_fields")


def test_options_can_be_added_to_choices_alone(line: Line) -> None:
    one, text = field(line, "deal", "enum", "A"), field(line, "deal", "varchar")
    added = line.crm("POST", f"/dealFields/{one}/options", [{"label": "B"}]).json()["data"]
    options = line.crm("GET", f"/dealFields/{one}").json()["data"]["options"]
    assert options[1]["id"] == added[0]["id"]
    assert code(line.crm("POST", f"/dealFields/{text}/options", [{"label": "B"}])) == INVALID
    assert code(line.crm("POST", f"/dealFields/{one}/options", [{"label": " "}])) == INVALID


def test_the_quota_counts_the_fields_of_all_entities() -> None:
    line = Line(customers=5, plan="lite")
    for number in range(30):
        entity = ("person", "organization", "deal")[number % 3]
        line.sandbox.crm.add_field(entity, field_name=f"F{number}", field_type="varchar")
    body = {"field_name": "One more", "field_type": "varchar"}
    answer = line.crm("POST", "/personFields", body)
    assert code(answer) == (403, "feature_capping_custom_fields_limit")
    gone = next(row for row in line.sandbox.crm.fields("deal") if row["is_custom_field"])
    line.sandbox.crm.delete_field("deal", gone["field_code"])
    assert line.crm("POST", "/personFields", body).status_code == 200


def test_a_deleted_field_fails_the_whole_write(line: Line) -> None:
    key = field(line, "person", "varchar")
    made = person(line, custom_fields={key: "x"})
    line.sandbox.crm.delete_field("person", key)
    path = f"/persons/{made['id']}"
    answer = line.crm("PATCH", path, {"name": "New", "custom_fields": {key: "y"}})
    assert refused(answer, "custom_fields")
    assert key in answer.json()["error"]
    assert line.crm("GET", path).json()["data"]["name"] == "Ada"
    assert line.crm("GET", path).json()["data"]["custom_fields"] == {}


def test_fields_can_be_renamed_but_keep_type_and_code(line: Line) -> None:
    key = field(line, "organization", "varchar")
    path = f"/organizationFields/{key}"
    renamed = line.crm("PATCH", path, {"field_name": "New"}).json()["data"]
    assert (renamed["field_name"], renamed["field_code"]) == ("New", key)
    assert code(line.crm("PATCH", path, {"field_type": "text"})) == INVALID
    assert line.crm("PATCH", "/organizationFields/name", {"field_name": "x"}).status_code == 403
    assert line.crm("GET", "/organizationFields/nope").status_code == 404


def test_a_write_moves_the_time_of_update_alone(line: Line) -> None:
    made = person(line)
    line.clock.advance(90)
    changed = line.crm("PATCH", f"/persons/{made['id']}", {"visible_to": 7}).json()["data"]
    assert made["add_time"] == made["update_time"] == changed["add_time"] == "2026-11-02T09:00:00Z"
    assert changed["update_time"] == "2026-11-02T09:01:30Z"


@pytest.mark.parametrize(
    ("option", "read", "write"),
    [
        ("404", (404, "ERR_NOT_FOUND"), (404, "ERR_NOT_FOUND")),
        ("400", (400, "ERR_PERSON_DELETED"), (400, "ERR_PERSON_DELETED")),
        ("200", (200, None), (400, "ERR_PERSON_DELETED")),
    ],
)
def test_a_deleted_record_is_gone(option: Any, read: Any, write: Any) -> None:
    line = Line(customers=20, options=Options(deleted=option))
    made = person(line)
    path = f"/persons/{made['id']}"
    assert line.crm("DELETE", path).json()["data"] == {"id": made["id"]}
    assert code(line.crm("GET", path)) == read
    assert code(line.crm("PATCH", path, {"name": "x"})) == write
    assert code(line.crm("DELETE", path)) == write
    assert made["id"] not in line.crm_ids("/persons")
    assert line.crm_ids("/persons", ids=str(made["id"])) == []
    assert code(line.crm("GET", "/persons/999999")) == (404, "ERR_NOT_FOUND")
    assert person(line)["id"] == made["id"] + 1


def test_merged_persons_leave_the_winner_with_its_gaps_filled(line: Line) -> None:
    key = field(line, "person", "varchar")
    winner = person(line, name="Win", custom_fields={key: "1"})["id"]
    emails = [{"value": "l@x.example"}]
    loser = person(line, name="Lose", emails=emails, org_id=1, custom_fields={key: "2"})["id"]
    line.sandbox.crm.merge_persons(loser, winner)
    kept = line.crm("GET", f"/persons/{winner}").json()["data"]
    assert (kept["name"], kept["org_id"], kept["custom_fields"]) == ("Win", 1, {key: "1"})
    assert kept["emails"][0]["value"] == "l@x.example"
    assert line.crm("GET", f"/persons/{loser}").status_code == 404


def test_merged_organizations_join_their_texts_and_take_the_persons_over(line: Line) -> None:
    crm, key = line.sandbox.crm, field(line, "organization", "varchar")
    winner = crm.add_organization(name="Acme", custom_fields={key: "a"})["id"]
    loser = crm.add_organization(name="Acme", custom_fields={key: "b"})["id"]
    member = crm.add_person(name="Ada", org_id=loser)["id"]
    crm.merge_organizations(loser, winner)
    kept = line.crm("GET", f"/organizations/{winner}").json()["data"]
    assert kept["custom_fields"][key] == "a, b"
    assert crm.person(member)["org_id"] == winner


def test_edits_through_python_are_checked_like_those_of_the_api(line: Line) -> None:
    crm = line.sandbox.crm
    with pytest.raises(ValueError, match="nme"):
        crm.add_person(name="Ada", nme=1)
    made = crm.add_person(name="Ada")
    crm.edit_person(made["id"], name="Bea")
    assert crm.person(made["id"])["first_name"] == "Bea"
    crm.delete_person(made["id"])
    with pytest.raises(KeyError):
        crm.edit_person(made["id"], name="Eve")
    assert made["id"] not in [row["id"] for row in crm.persons()]


def test_who_the_user_is_can_be_edited(line: Line) -> None:
    def me() -> dict[str, Any]:
        return line.send("pipedrive", "GET", "/v1/users/me").json()["data"]

    assert all(entry["admin"] for entry in me()["access"])
    line.sandbox.crm.me["company_id"] = 5
    line.sandbox.crm.me["access"][0]["admin"] = False
    assert me()["company_id"] == 5
    assert not me()["access"][0]["admin"]


@pytest.mark.parametrize("kind", ["double", "monetary"])
def test_whole_numbers_are_kept_as_a_double_keeps_them(line: Line, kind: str) -> None:
    crm = line.sandbox.crm
    key = crm.add_field("person", field_name="N", field_type=kind)["field_code"]
    for given, kept in ((2**53 - 1, 2**53 - 1), (2**53 + 1, 2**53), (-(2**53) - 1, -(2**53))):
        value = {"value": given} if kind == "monetary" else given
        row = line.crm("PATCH", "/persons/1", {"custom_fields": {key: value}}).json()["data"]
        held = row["custom_fields"][key]
        assert (held["value"] if kind == "monetary" else held) == kept
    value = {"value": 10**400} if kind == "monetary" else 10**400
    assert line.crm("PATCH", "/persons/1", {"custom_fields": {key: value}}).status_code == 400
