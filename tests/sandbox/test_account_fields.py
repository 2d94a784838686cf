"""Custom fields: options, limits, rights, and fields that are gone (fact sheets 2.5 and 6)."""

from typing import Any

import pytest

from chargepipe.sandbox import Options
from chargepipe.sandbox.pipedrive import field_options
from sandbox.line import Json, Line, code

CAPPED = "feature_capping_custom_fields_limit"


@pytest.fixture
def line() -> Line:
    return Line(customers=5)


def add(line: Line, entity: str = "person", **more: Any) -> Any:
    body = {"field_name": "Plan", "field_type": "varchar"} | more
    return line.crm("POST", f"/{entity}Fields", body)


def choices(line: Line, *labels: str) -> tuple[str, list[Json]]:
    """The path of a new field with options, and those."""
    made = add(line, field_type="enum", options=[{"label": label} for label in labels]).json()
    return f"/personFields/{made['data']['field_code']}", made["data"]["options"]


def labels(line: Line, path: str) -> dict[int, str]:
    held = line.crm("GET", path).json()["data"]["options"]
    return {option["id"]: option["label"] for option in held}


def options(line: Line, method: str, path: str, body: Any) -> Any:
    return line.crm(method, f"{path}/options", body)


def test_options_are_renamed_in_bulk(line: Line) -> None:
    path, (first, second, third) = choices(line, "a", "b", "c")
    line.clock.advance(60)
    new = [{"id": third["id"], "label": "C"}, {"id": first["id"], "label": "A"}]
    answer = options(line, "PATCH", path, new)
    assert answer.json() == {"success": True, "data": new, "additional_data": None}
    assert labels(line, path) == {first["id"]: "A", second["id"]: "b", third["id"]: "C"}
    held = line.crm("GET", path).json()["data"]["options"]
    assert [option["update_time"][14:16] for option in held] == ["01", "00", "01"]


def test_options_are_deleted_in_bulk_and_records_keep_the_id(line: Line) -> None:
    path, (first, second) = choices(line, "a", "b")
    field = path.rpartition("/")[2]
    person = line.sandbox.crm.add_person(name="Ada", custom_fields={field: first["id"]})
    answer = options(line, "DELETE", path, [{"id": first["id"]}])
    assert answer.json()["data"] == [{"id": first["id"], "label": "a"}]
    assert labels(line, path) == {second["id"]: "b"}
    assert line.sandbox.crm.person(person["id"])["custom_fields"][field] == first["id"]
    again = line.crm("PATCH", f"/persons/{person['id']}", {"custom_fields": {field: first["id"]}})
    assert again.status_code == 400


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_an_unknown_option_fails_the_whole_call(line: Line, method: str) -> None:
    path, (first,) = choices(line, "a")
    more = {"label": "x"} if method == "PATCH" else {}
    body = [{"id": first["id"]} | more, {"id": 999} | more]
    assert options(line, method, path, body).status_code == 400
    assert labels(line, path) == {first["id"]: "a"}


@pytest.mark.parametrize(
    ("method", "body"),
    [
        ("POST", []),
        ("POST", {"label": "x"}),
        ("POST", [{"label": "x" * 256}]),
        ("POST", [{"label": " "}]),
        ("POST", [{"name": "x"}]),
        ("PATCH", [{"id": 1}]),
        ("PATCH", [{"id": "1", "label": "x"}]),
        ("DELETE", [1]),
        ("DELETE", [{"id": 1, "label": "a"}]),
    ],
)
def test_malformed_options_are_refused(line: Line, method: str, body: Any) -> None:
    path, _ = choices(line, "a")
    assert code(options(line, method, path, body)) == (400, "ERR_SCHEMA_VALIDATION_FAILED")
    assert labels(line, path) == {1: "a"}


def test_a_field_without_options_takes_none(line: Line) -> None:
    path = f"/personFields/{add(line).json()['data']['field_code']}"
    for method, body in (("POST", [{"label": "x"}]), ("DELETE", [{"id": 1}])):
        assert options(line, method, path, body).status_code == 400


def test_a_field_has_ten_thousand_options_at_most(line: Line) -> None:
    path, _ = choices(line, "a")
    many = [{"label": f"n{number}"} for number in range(field_options.MOST - 1)]
    assert options(line, "POST", path, [*many, {"label": "one more"}]).status_code == 400
    assert options(line, "POST", path, many).status_code == 200
    assert options(line, "POST", path, [{"label": "one more"}]).status_code == 400


def test_names_have_255_characters_at_most(line: Line) -> None:
    assert add(line, field_name="x" * 255).status_code == 200
    assert add(line, field_name="x" * 256).status_code == 400
    assert add(line, field_name="  ").status_code == 400


def test_a_patch_has_to_say_something(line: Line) -> None:
    path = f"/personFields/{add(line).json()['data']['field_code']}"
    assert line.crm("PATCH", path, {}).status_code == 400
    assert line.crm("PATCH", path, {"field_type": "text"}).status_code == 400


@pytest.mark.parametrize(("same", "status"), [("accept", 200), ("refuse", 400)])
def test_whether_two_fields_may_have_one_name_is_an_option(same: Any, status: int) -> None:
    line = Line(customers=5, options=Options(same_field_name=same))
    path = f"/personFields/{add(line, field_name='Plan').json()['data']['field_code']}"
    assert add(line, field_name="plan ").status_code == status
    assert add(line, field_name="Email").status_code == status
    assert add(line, "deal", field_name="Plan").status_code == 200
    other = f"/personFields/{add(line, field_name='Other').json()['data']['field_code']}"
    assert line.crm("PATCH", other, {"field_name": "Plan"}).status_code == status
    assert line.crm("PATCH", path, {"field_name": "Plan"}).status_code == 200


def test_the_quota_is_one_for_all_entities_and_follows_the_plan(line: Line) -> None:
    for number in range(30):
        line.clock.advance(1)
        entity = ("person", "organization", "deal")[number % 3]
        assert add(line, entity, field_name=f"f{number}").status_code == 200
    assert code(add(line)) == (403, CAPPED)
    line.sandbox.company.plan = "growth"
    assert add(line).status_code == 200


def downgraded(line: Line) -> tuple[list[str], int]:
    """Codes of 31 fields where the plan has room for 30, and the id of a person."""
    line.sandbox.company.plan = "growth"
    crm = line.sandbox.crm
    fields = [crm.add_field("person", field_name=f"f{n}", field_type="varchar") for n in range(31)]
    codes = [field["field_code"] for field in fields]
    person = crm.add_person(name="Ada", custom_fields={codes[30]: "x"})["id"]
    line.sandbox.company.plan = "lite"
    return codes, person


def test_fields_beyond_the_quota_are_read_only_after_a_downgrade(line: Line) -> None:
    codes, person = downgraded(line)
    path = f"/persons/{person}"
    assert line.crm("GET", path).json()["data"]["custom_fields"][codes[30]] == "x"
    whole = {"name": "Eve", "custom_fields": {codes[0]: "y", codes[30]: "y"}}
    refused = line.crm("PATCH", path, whole)
    assert code(refused) == (403, CAPPED)
    assert codes[30] in refused.json()["error"]
    assert line.sandbox.crm.person(person)["name"] == "Ada"
    assert line.crm("PATCH", path, {"custom_fields": {codes[29]: "y"}}).status_code == 200
    rename = line.crm("PATCH", f"/personFields/{codes[30]}", {"field_name": "z"})
    assert code(rename) == (403, CAPPED)


def test_deleting_a_field_makes_room_for_the_next_one(line: Line) -> None:
    codes, person = downgraded(line)
    assert line.crm("DELETE", f"/personFields/{codes[0]}").status_code == 200
    body = {"custom_fields": {codes[30]: "y"}}
    assert line.crm("PATCH", f"/persons/{person}", body).status_code == 200


@pytest.mark.parametrize(
    ("verb", "method", "tail", "body"),
    [
        ("add", "POST", "", {"field_name": "x", "field_type": "text"}),
        ("edit", "PATCH", "/{code}", {"field_name": "x"}),
        ("edit", "POST", "/{code}/options", [{"label": "x"}]),
        ("edit", "PATCH", "/{code}/options", [{"id": 1, "label": "x"}]),
        ("edit", "DELETE", "/{code}/options", [{"id": 1}]),
        ("delete", "DELETE", "/{code}", None),
    ],
)
def test_a_user_without_the_right_cannot_touch_fields(
    line: Line, verb: str, method: str, tail: str, body: Any
) -> None:
    path, _ = choices(line, "a")
    target = "/personFields" + tail.format(code=path.rpartition("/")[2])
    line.sandbox.crm.forbid(f"can_{verb}_custom_fields")
    assert code(line.crm(method, target, body)) == (403, "ERR_FORBIDDEN")
    assert labels(line, path) == {1: "a"}
    line.sandbox.crm.allow(f"can_{verb}_custom_fields")
    assert line.crm(method, target, body).status_code == 200


@pytest.mark.parametrize("plural", ["persons", "organizations"])
def test_a_deleted_field_fails_the_whole_write_and_is_named(line: Line, plural: Any) -> None:
    entity = plural.removesuffix("s")
    gone = add(line, entity).json()["data"]["field_code"]
    kept = add(line, entity, field_name="Kept").json()["data"]["field_code"]
    made = line.crm("POST", f"/{plural}", {"name": "A", "custom_fields": {kept: "x"}}).json()
    path = f"/{plural}/{made['data']['id']}"
    line.sandbox.crm.delete_field(entity, gone)
    body = {"name": "B", "custom_fields": {kept: "y", gone: "z"}}
    for answer in (line.crm("PATCH", path, body), line.crm("POST", f"/{plural}", body)):
        assert code(answer) == (400, "ERR_SCHEMA_VALIDATION_FAILED")
        assert f"Parameter '{gone}' is not allowed for this request" in answer.json()["error"]
        assert answer.json()["error"].startswith("Validation failed: ")
    row = line.crm("GET", path).json()["data"]
    assert (row["name"], row["custom_fields"]) == ("A", {kept: "x"})


def test_a_deleted_field_cannot_be_selected(line: Line) -> None:
    gone = add(line).json()["data"]["field_code"]
    assert line.crm("GET", "/persons", custom_fields=gone).status_code == 200
    line.sandbox.crm.delete_field("person", gone)
    answer = line.crm("GET", "/persons", custom_fields=gone)
    assert code(answer) == (400, "ERR_SCHEMA_VALIDATION_FAILED")
    assert gone in answer.json()["error"]


@pytest.mark.parametrize(
    ("plan", "quota"), [("lite", 30), ("growth", 100), ("premium", 300), ("ultimate", 500)]
)
def test_the_quota_of_custom_fields(line: Line, plan: Any, quota: int) -> None:
    line.sandbox.company.plan = plan
    for number in range(quota):
        line.sandbox.crm.add_field("deal", field_name=str(number), field_type="text")
    assert code(add(line)) == (403, CAPPED)


def test_ten_thousand_options_are_taken_and_no_more(line: Line) -> None:
    path, _ = choices(line, *map(str, range(10_000)))
    assert options(line, "POST", path, [{"label": "x"}]).status_code == 400


def test_a_call_selects_fifteen_custom_fields_at_most(line: Line) -> None:
    codes = [add(line).json()["data"]["field_code"] for _ in range(16)]
    line.clock.advance(2)
    for path in ("/persons", "/persons/1"):
        taken = line.crm("GET", path, custom_fields=",".join(codes[:15]))
        assert taken.status_code == 200
        refused = line.crm("GET", path, custom_fields=",".join(codes))
        assert code(refused) == (400, "ERR_SCHEMA_VALIDATION_FAILED")


def test_writes_of_fields_refuse_unknown_parameters_too(line: Line) -> None:
    path, (first, *_) = choices(line, "a", "b")
    body = {"field_name": "New"}
    calls: list[tuple[str, str, Any]] = [
        ("POST", "/personFields", body | {"field_type": "text"}),
        ("PATCH", path, body),
        ("POST", f"{path}/options", [{"label": "c"}]),
        ("PATCH", f"{path}/options", [{"id": first["id"], "label": "c"}]),
        ("DELETE", f"{path}/options", [{"id": first["id"]}]),
        ("DELETE", path, None),
    ]
    for method, at, given in calls:
        answer = line.crm(method, at, given, nonsense="1")
        assert code(answer) == (400, "ERR_SCHEMA_VALIDATION_FAILED"), (method, at)
    assert labels(line, path) == {1: "a", 2: "b"}
