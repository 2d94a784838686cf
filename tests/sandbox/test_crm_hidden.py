"""Hidden records and missing permissions (fact sheets 3, 6, 9)."""

from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from chargepipe.sandbox import Options
from sandbox.line import Json, Line, code

INVALID = (400, "ERR_SCHEMA_VALIDATION_FAILED")
KINDS = ("person", "organization", "deal")
FORBIDDEN = (403, "ERR_FORBIDDEN")


def made(line: Line, kind: str) -> int:
    body = {"title" if kind == "deal" else "name": "Zebulon"}
    return line.crm("POST", f"/{kind}s", body).json()["data"]["id"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("option", "expected"), [("404", (404, "ERR_NOT_FOUND")), ("403", FORBIDDEN)]
)
def test_a_hidden_record_is_not_there(kind: Any, option: Any, expected: Any) -> None:
    line = Line(customers=40, search_lag=0, options=Options(hidden=option))
    crm, one = line.sandbox.crm, made(line, kind)
    path = f"/{kind}s"
    crm.hide(kind, one)
    assert one not in line.crm_ids(path)
    assert line.crm_ids(path, ids=str(one)) == []
    assert line.crm("GET", f"{path}/search", term="zebulon").json()["data"]["items"] == []
    assert code(line.crm("GET", f"{path}/{one}")) == expected
    assert code(line.crm("PATCH", f"{path}/{one}", {"visible_to": 3})) == expected
    assert code(line.crm("DELETE", f"{path}/{one}")) == expected
    assert getattr(crm, kind)(one)["owner_id"] == 102
    assert one in [row["id"] for row in crm.search("zebulon")[f"{kind}s"]]
    crm.show(kind, one)
    assert one in line.crm_ids(path)
    assert line.crm("GET", f"{path}/{one}").json()["data"]["owner_id"] == 101


def test_what_is_shown_again_goes_back_to_the_owner_that_it_had() -> None:
    crm = Line(customers=40).sandbox.crm
    ada, bob, eve = (crm.add_person(name=name)["id"] for name in ("Ada", "Bob", "Eve"))
    crm.hide("person", ada)
    crm.hide("person", ada)
    assert crm.show("person", ada)["owner_id"] == 101
    crm.edit_person(bob, owner_id=102, visible_to=1)
    assert crm.show("person", bob)["owner_id"] == 102
    crm.hide("person", eve)
    crm.edit_person(eve, owner_id=101)
    assert crm.show("person", eve)["owner_id"] == 101
    crm.edit_person(eve, owner_id=102)
    assert crm.show("person", eve)["owner_id"] == 102


@pytest.mark.parametrize(
    ("visible_to", "owner", "is_hidden"),
    [(1, 102, True), (5, 102, True), (3, 102, False), (7, 102, False), (1, 101, False)],
)
def test_who_sees_a_record_depends_on_its_owner(
    visible_to: int, owner: int, is_hidden: bool
) -> None:
    line = Line(customers=40)
    row = line.sandbox.crm.add_person(name="Ada", visible_to=visible_to, owner_id=owner)
    status = line.crm("GET", f"/persons/{row['id']}").status_code
    assert status == (404 if is_hidden else 200)


def test_a_record_can_be_hidden_by_the_call_that_gives_it_away() -> None:
    line = Line(customers=40)
    body = {"name": "Ada", "owner_id": 102, "visible_to": 1}
    answer = line.crm("POST", "/persons", body)
    assert answer.status_code == 200
    assert line.crm("GET", f"/persons/{answer.json()['data']['id']}").status_code == 404


def test_nothing_can_be_linked_to_or_merged_with_a_hidden_record() -> None:
    line = Line(customers=40)
    crm = line.sandbox.crm
    person, organization = made(line, "person"), made(line, "organization")
    other = made(line, "person")
    crm.add_deal(title="Before", person_id=person)
    crm.hide("person", person)
    crm.hide("organization", organization)
    for body in ({"person_id": person}, {"org_id": organization}):
        assert code(line.crm("POST", "/deals", {"title": "x"} | body)) == INVALID
    assert crm.add_deal(title="At the page", person_id=person)["person_id"] == person
    for loser, winner in ((person, other), (other, person)):
        path = f"/v1/persons/{loser}/merge"
        answer = line.send("pipedrive", "PUT", path, json={"merge_with_id": winner})
        assert answer.status_code == 404


def test_what_is_linked_to_a_hidden_record_keeps_the_id_but_tells_no_name() -> None:
    line = Line(customers=40, search_lag=0)
    crm, person = line.sandbox.crm, made(line, "person")
    deal = crm.add_deal(title="Zeta", person_id=person)["id"]
    crm.hide("person", person)
    assert line.crm("GET", f"/deals/{deal}").json()["data"]["person_id"] == person
    hit = line.crm("GET", "/deals/search", term="zeta").json()["data"]["items"][0]
    assert hit["item"]["person"] is None


def test_there_is_nothing_to_hide_of_another_kind() -> None:
    crm = Line(customers=5).sandbox.crm
    with pytest.raises(ValueError, match="lead"):
        crm.hide("lead", 1)  # pyright: ignore[reportArgumentType]
    with pytest.raises(KeyError, match="99"):
        crm.hide("person", 99)


CALLS: dict[str, Callable[[Line], httpx2.Response]] = {
    "can_add_people": lambda line: line.crm("POST", "/persons", {"name": "x"}),
    "can_add_organizations": lambda line: line.crm("POST", "/organizations", {"name": "x"}),
    "can_add_deals": lambda line: line.crm("POST", "/deals", {"title": "x"}),
    "can_edit_people": lambda line: line.crm("PATCH", "/persons/2", {"name": "x"}),
    "can_edit_organizations": lambda line: line.crm("PATCH", "/organizations/2", {"name": "x"}),
    "can_edit_deals": lambda line: line.crm("PATCH", "/deals/2", {"title": "x"}),
    "can_edit_deals_closed_date": lambda line: line.crm(
        "PATCH", "/deals/2", {"status": "won", "won_time": "2026-10-01T08:00:00Z"}
    ),
    "can_delete_people": lambda line: line.crm("DELETE", "/persons/2"),
    "can_delete_organizations": lambda line: line.crm("DELETE", "/organizations/2"),
    "can_delete_deals": lambda line: line.crm("DELETE", "/deals/2"),
    "can_merge_people": lambda line: merge(line, "persons"),
    "can_merge_organizations": lambda line: merge(line, "organizations"),
    "can_merge_deals": lambda line: merge(line, "deals"),
}


def merge(line: Line, plural: str) -> httpx2.Response:
    return line.send("pipedrive", "PUT", f"/v1/{plural}/2/merge", json={"merge_with_id": 1})


@pytest.mark.parametrize("permission", CALLS)
def test_a_missing_permission_refuses_the_call(permission: str) -> None:
    line = Line(customers=100)
    crm = line.sandbox.crm
    assert crm.may(permission)
    crm.forbid(permission)
    assert not crm.may(permission)
    before = [list(records.table.rows()) for records in crm.records.values()]
    assert code(CALLS[permission](line)) == FORBIDDEN
    assert [list(records.table.rows()) for records in crm.records.values()] == before
    crm.add_person(name="The page may do all")
    crm.allow(permission)
    assert CALLS[permission](line).status_code == 200


def permissions(line: Line, user: int) -> Json:
    answer = line.send("pipedrive", "GET", f"/v1/users/{user}/permissions")
    assert answer.status_code == 200
    return answer.json()["data"]


def test_permissions_are_told_by_user() -> None:
    line = Line(customers=5)
    assert all(permissions(line, 101).values())
    line.sandbox.crm.forbid("can_add_custom_fields")
    line.sandbox.crm.forbid("can_add_people")
    assert [name for name, may in permissions(line, 101).items() if not may] == [
        "can_add_custom_fields"
    ]
    assert not permissions(line, 102)["can_add_custom_fields"]
    assert line.sandbox.tokens_used == 30
    with pytest.raises(ValueError, match="can_fly"):
        line.sandbox.crm.forbid("can_fly")


def test_users_are_read_one_by_one() -> None:
    line = Line(customers=5)
    user = line.send("pipedrive", "GET", "/v1/users/102").json()["data"]
    assert (user["id"], user["is_you"]) == (102, False)
    mine = line.send("pipedrive", "GET", "/api/v1/users/101").json()["data"]
    assert mine["is_you"]
    assert "company_id" not in mine
    for path in ("/v1/users/7", "/v1/users/7/permissions"):
        answer = line.send("pipedrive", "GET", path)
        assert answer.status_code == 404
        assert answer.json()["error"] == "User not found or not accessible."


def test_whether_an_admin_sees_everything_is_an_option() -> None:
    line = Line(customers=40, options=Options(admins_see_all=True))
    line.sandbox.crm.hide("person", 1)
    assert 1 in line.crm_ids("/persons")
    assert line.crm("GET", "/persons/1").status_code == 200
    for right in line.sandbox.crm.me["access"]:
        right["admin"] = False
    assert 1 not in line.crm_ids("/persons")
