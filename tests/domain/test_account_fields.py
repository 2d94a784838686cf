from typing import Any

import pytest

from chargepipe.domain.account_fields import (
    by_name,
    find,
    keep,
    key_field,
    known,
    lost,
    match_key_spec,
    missing_labels,
    option_key,
    problems,
)
from chargepipe.domain.fields import FieldSpec
from chargepipe.domain.held import KnownField

from .builders import settings

MRR = FieldSpec("person", "CB MRR", "monetary")
STATUS = FieldSpec("person", "CB Status", "enum", ("Active", "Deleted"))
TIER = FieldSpec("person", "Tier", "varchar", chosen=True)


def row(code: str, name: str, type: str = "monetary", **options: int) -> dict[str, Any]:
    return {"code": code, "name": name, "type": type, "options": options}


def found(spec: FieldSpec, *rows: Any, suffix: str = "", code: str = "") -> str | None:
    held = find(spec, {"person": rows}, {spec.key: code} if code else {}, suffix)
    return held["code"] if held else None


def test_a_field_is_found_by_its_name():
    assert found(MRR, row("a", "Other"), row("b", "CB MRR")) == "b"
    assert found(MRR, row("a", "Other")) is None
    assert find(MRR, {"organization": [row("a", "CB MRR")]}, {}, "") is None


def test_the_code_that_was_kept_wins_over_the_name():
    assert found(MRR, row("a", "CB MRR"), row("b", "Renamed"), code="b") == "b"


def test_a_kept_code_that_is_gone_gives_way_to_the_name():
    assert found(MRR, row("a", "CB MRR"), code="gone") == "a"
    assert found(MRR, row("a", "Other"), code="gone") is None


def test_of_fields_of_one_name_the_one_that_takes_our_values_is_ours():
    text, money = row("a", "CB MRR", "varchar"), row("b", "cb mrr")
    assert found(MRR, text, money) == found(MRR, money, text) == "b"
    assert found(MRR, text, money, code="a") == "b", "one that was kept and never took any"
    assert found(MRR, text, row("c", "CB MRR", "double")) == "a", "else the first, to be named"
    assert list(problems(settings(), [MRR], {"person": [text, money]}, {}, "")) == []


def test_of_fields_of_one_name_a_text_is_the_match_key():
    date, text = row("a", "Key", "date"), row("b", "KEY", "text")
    assert key_field([date, text], "Key") == text
    assert key_field([date], "Key") == date
    assert key_field([text], "Other") is None


def test_a_further_site_finds_the_field_with_its_suffix():
    both = row("a", "CB MRR"), row("b", "CB MRR (two)")
    assert found(MRR, *both, suffix="two") == "b"
    assert found(TIER, row("a", "Tier", "varchar"), suffix="two") == "a"


@pytest.mark.parametrize("name", ["cb mrr", "CB  MRR ", "Cb Mrr"])
def test_a_name_in_another_writing_counts_where_none_is_the_same(name: str):
    assert by_name([row("a", name)], "CB MRR") == row("a", name)
    assert by_name([row("a", name), row("b", "CB MRR")], "CB MRR") == row("b", "CB MRR")
    assert by_name([row("a", "CB MR")], "CB MRR") is None


def test_codes_and_option_ids_are_kept():
    rows = {"person": [row("m", "CB MRR"), row("s", "CB Status", "enum", Active=1, Deleted=2)]}
    assert keep([MRR, STATUS, TIER], rows, {"person/Old": "o"}, "") == {
        "person/Old": "o",
        "person/CB MRR": "m",
        "person/CB Status": "s",
        "option:person/CB Status=Active": 1,
        "option:person/CB Status=Deleted": 2,
    }


def test_a_field_that_is_not_there_holds_up_no_other():
    rows = {"person": [row("t", "Tier", "varchar")]}
    assert keep([MRR, TIER], rows, {}, "") == {"person/Tier": "t"}


def test_a_further_site_keeps_the_codes_of_its_own_fields():
    rows = {"person": [row("a", "CB MRR"), row("b", "CB MRR (two)")]}
    assert keep([MRR], rows, {}, "two") == {"person/CB MRR": "b"}


def test_what_is_gone_is_kept_no_longer():
    codes = keep([STATUS], {"person": [row("s", "CB Status", "enum", Active=1, Deleted=2)]}, {}, "")
    assert keep([STATUS], {"person": []}, codes, "") == {}
    fewer = keep([STATUS], {"person": [row("s", "CB Status", "enum", Active=1)]}, codes, "")
    assert fewer == {"person/CB Status": "s", "option:person/CB Status=Active": 1}


def test_an_option_that_was_renamed_keeps_its_id_under_our_label():
    codes = keep([STATUS], {"person": [row("s", "CB Status", "enum", Active=1, Deleted=2)]}, {}, "")
    renamed = row("s", "CB Status", "enum", Aktiv=1, Deleted=2)
    assert known(STATUS, renamed, codes) == KnownField("s", "enum", {"Active": 1, "Deleted": 2})
    again = keep([STATUS], {"person": [renamed]}, codes, "")
    assert again == codes


def test_a_label_that_stands_wins_over_the_id_that_was_kept():
    codes = {"person/CB Status": "s", option_key(STATUS, "Active"): 1}
    both = row("s", "CB Status", "enum", Aktiv=1, Active=3)
    assert known(STATUS, both, codes).options == {"Aktiv": 1, "Active": 3}


def test_missing_options_are_those_it_always_has_and_those_that_come():
    field = KnownField("s", "enum", {"Active": 1})
    assert missing_labels(STATUS, field, []) == ["Deleted"]
    assert missing_labels(STATUS, field, {"Paused", "Active", "Held"}) == [
        *("Deleted", "Held", "Paused")
    ]


OLD = {
    "person/CB MRR": "m",
    "person/CB Status": "s",
    "option:person/CB Status=Active": 1,
    "option:person/CB Status=Deleted": 2,
}


@pytest.mark.parametrize(
    ("new", "gone"),
    [
        (OLD, {}),
        ({**OLD, "person/CB MRR": "other"}, {"CB MRR": None}),
        ({k: v for k, v in OLD.items() if "MRR" not in k}, {"CB MRR": None}),
        ({k: v for k, v in OLD.items() if "=Active" not in k}, {"CB Status": {"Active"}}),
        ({**OLD, "option:person/CB Status=Active": 9}, {"CB Status": {"Active"}}),
        ({"person/CB MRR": "m"}, {"CB Status": None}),
        ({**OLD, "person/Tier": "t"}, {}),
    ],
)
def test_values_are_lost_with_a_field_or_with_an_option(new: Any, gone: Any):
    assert lost([MRR, STATUS, TIER], OLD, new) == gone


def told(*rows: Any, specs: Any = (MRR, STATUS, TIER), **chosen: Any) -> list[str]:
    return list(problems(settings(**chosen), specs, {"person": rows}, {}, ""))


def test_fields_of_the_right_type_and_missing_ones_are_no_problem():
    assert told(row("m", "CB MRR"), row("s", "CB Status", "enum")) == []


def test_a_wrong_type_is_told_in_words():
    (words,) = told(row("m", "CB MRR", "varchar"))
    assert words == (
        'The person field "CB MRR" has the type text (varchar) in Pipedrive; chargepipe needs '
        "money (monetary). Rename or delete that field, then run again."
    )
    (words,) = told(row("t", "Tier", "strange"))
    assert "has the type strange (strange)" in words
    assert words.endswith("Give the additional field that type, or choose another field.")


@pytest.mark.parametrize("type", ["varchar", "varchar_auto", "text"])
def test_a_chosen_text_may_stand_in_every_text_field(type: str):
    assert told(row("t", "Tier", type)) == []


def test_a_field_of_ours_is_just_its_type():
    plan = FieldSpec("person", "CB Plan", "varchar")
    assert len(told(row("p", "CB Plan", "text"), specs=[plan])) == 1
    assert len(told(row("t", "Tier", "double"))) == 1


def test_a_further_site_is_told_of_its_own_fields_only():
    rows = {"person": [row("a", "CB MRR", "varchar"), row("b", "CB MRR (two)")]}
    assert list(problems(settings(), [MRR], rows, {}, "two")) == []


def test_one_field_cannot_take_two_values():
    other = FieldSpec("person", "tier", "varchar", chosen=True)
    (words,) = told(row("t", "Tier", "varchar"), specs=[TIER, other])
    assert words == (
        'The person field "Tier" would take both Tier and tier. Choose another field for one of '
        "them."
    )
    organizations = FieldSpec("organization", "Tier", "varchar", chosen=True)
    assert told(row("t", "Tier", "varchar"), specs=[TIER, organizations]) == []


KEY = {"match_key": {"chargebee": "id", "pipedrive": "External"}}


def test_the_field_of_the_match_key_has_to_be_there_and_a_text():
    assert match_key_spec(settings()) is None
    assert match_key_spec(settings(match_key={"chargebee": "phone", "pipedrive": "phone"})) is None
    assert match_key_spec(settings(**KEY)) == FieldSpec(
        "person", "External", "varchar", chosen=True
    )
    for type in ("varchar", "varchar_auto", "text", "phone"):
        assert told(row("e", "External", type), **KEY) == []
    (words,) = told(**KEY)
    assert words == (
        'The match key\'s person field "External" is not there in Pipedrive, so nobody could be '
        "matched. Make it there as a text field, or choose another match key."
    )
    (words,) = told(row("e", "External", "double"), **KEY)
    assert words == (
        'The match key\'s person field "External" has the type double; a match key must be a text. '
        "Choose another field."
    )
