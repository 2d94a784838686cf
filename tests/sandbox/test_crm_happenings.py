"""What the account tells its listeners: each change once, with what was before."""

from typing import Any

import pytest

from chargepipe.sandbox.pipedrive.happenings import Happening
from sandbox.line import Line


@pytest.fixture
def line() -> Line:
    return Line(customers=40, people_before=0, plan="ultimate")


@pytest.fixture
def told(line: Line) -> list[Happening]:
    heard: list[Happening] = []
    line.sandbox.crm.listeners.append(heard.append)
    return heard


def short(told: list[Happening]) -> list[tuple[Any, ...]]:
    return [(one.action, one.entity, one.id) for one in told]


@pytest.mark.parametrize("kind", ["person", "organization", "deal"])
def test_every_write_is_told_with_its_source(line: Line, told: list[Happening], kind: str) -> None:
    name = "title" if kind == "deal" else "name"
    row = line.crm("POST", f"/{kind}s", {name: "Ada"}).json()["data"]
    crm = line.sandbox.crm
    changed = getattr(crm, f"edit_{kind}")(row["id"], **{name: "Bea"})
    line.crm("DELETE", f"/{kind}s/{row['id']}")
    assert short(told) == [(act, kind, row["id"]) for act in ("create", "change", "delete")]
    assert [one.source for one in told] == ["api", "app", "api"]
    assert [one.data for one in told] == [row, changed, None]
    assert [one.previous for one in told] == [None, row, changed]
    assert {one.user_id for one in told} == {101}


def test_a_refused_write_tells_nothing(line: Line, told: list[Happening]) -> None:
    line.crm("POST", "/deals", {"title": "x", "status": "gone"})
    line.crm("PATCH", "/persons/99", {"name": "x"})
    with pytest.raises(ValueError, match="name"):
        line.sandbox.crm.add_person()
    assert told == []
    line.sandbox.crm.add_person(name="Ada")
    assert told[0].source == "app"


def test_a_merge_is_a_deletion_and_a_change(line: Line, told: list[Happening]) -> None:
    crm = line.sandbox.crm
    loser, winner = (crm.add_person(name="Ada")["id"] for _ in range(2))
    deal = crm.add_deal(title="x", person_id=loser)["id"]
    told.clear()
    line.send("pipedrive", "PUT", f"/v1/persons/{loser}/merge", json={"merge_with_id": winner})
    assert short(told) == [
        ("delete", "person", loser),
        ("change", "person", winner),
        ("change", "deal", deal),
    ]
    assert [(one.merged_to, one.merged_from) for one in told] == [
        (winner, None),
        (None, loser),
        (None, None),
    ]
    assert {one.source for one in told} == {"api"}


def test_hiding_products_and_fields_are_told_too(line: Line, told: list[Happening]) -> None:
    crm = line.sandbox.crm
    deal = crm.add_deal(title="x")["id"]
    crm.add_products(deal, [5])
    crm.hide("deal", deal)
    code = crm.add_field("deal", field_name="Id", field_type="enum", options=[{"label": "a"}])
    code = code["field_code"]
    crm.rename_field("deal", code, "New")
    crm.add_option("deal", code, "b")
    crm.delete_field("deal", code)
    assert short(told[1:]) == [
        ("change", "deal", deal),
        ("change", "deal", deal),
        ("create", "dealField", code),
        ("change", "dealField", code),
        ("change", "dealField", code),
        ("delete", "dealField", code),
    ]
    assert told[1].previous
    assert told[1].data
    assert (told[1].previous["value"], told[1].data["value"]) == (0, 5)
