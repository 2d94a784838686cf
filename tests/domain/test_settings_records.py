"""Settings 9, 11 and 15: types of fields, ways to overwrite, with what new records begin."""

from typing import Any

import pytest

from chargepipe.domain.settings import (
    AdditionalField,
    Settings,
    SettingsError,
    check,
    written_otherwise,
)

from .builders import settings


def field(target: str = "person.Tier", **more: Any) -> dict[str, Any]:
    return {"from": "customer.cf_tier", "to": target, **more}


def refused(**chosen: Any) -> dict[str, str]:
    with pytest.raises(SettingsError) as caught:
        check(Settings, chosen)
    return {problem.path: problem.message for problem in caught.value.problems}


@pytest.mark.parametrize("kind", ["text", "number", "date", "option", "yes_no"])
def test_an_additional_field_has_the_type_that_is_chosen(kind: str):
    assert check(AdditionalField, field(type=kind)).kind == kind


def test_another_type_is_refused_with_those_that_there_are():
    (words,) = refused(additional_fields=[field(type="boolean")]).values()
    assert words == "must be 'text', 'number', 'date', 'money', 'option' or 'yes_no'"


def test_one_field_cannot_have_two_types():
    rows = [
        {"from": "subscription.po_number", "to": "deal.PO"},
        {"from": "invoice.total", "to": "deal.po"},
    ]
    deals = {"subscription_deals": {"enabled": True}, "invoice_deals": {"enabled": True}}
    assert refused(additional_fields=rows, **deals) == {
        "additional_fields.1.to": "has another type in an earlier entry: give both the same type"
    }
    rows[1]["type"] = "text"
    assert len(settings(additional_fields=rows, **deals).additional_fields) == 2


@pytest.mark.parametrize("word", ["default", "owner", "group", "subgroups", "company"])
def test_visibility_is_a_word(word: str):
    assert settings(visibility=word).visibility == word


def test_another_visibility_is_refused():
    assert "must be 'default', 'owner'" in refused(visibility=3)["visibility"]


def test_a_label_is_a_name_without_odd_blanks():
    assert settings(label="  Hot   lead ").label == "Hot lead"
    assert "text in quotes" in refused(label=5)["label"]


DEALS = {"subscription_deals": {"enabled": True}}
OLD = {"additional_fields": [field(), field("person.Other", overwrite="fill_empty")]}


@pytest.mark.parametrize(
    ("before", "after", "otherwise"),
    [
        (
            {"additional_fields": [field("deal.Tier")], **DEALS},
            {"additional_fields": [field("deal.Tier", overwrite="fill_empty")], **DEALS},
            True,
        ),
        ({}, {}, False),
        ({}, {"overwrite": "append"}, True),
        ({}, {"zero_decimal": ["JPY"]}, True),
        ({}, {"deal_care": False}, True),
        ({"zero_decimal": ["JPY", "KRW"]}, {"zero_decimal": ["KRW", "JPY"]}, False),
        ({}, {"extras": ["link"], "time_zone": "Asia/Tokyo", "owner": "a@b.co"}, False),
        (OLD, OLD, False),
        ({}, OLD, False),
        (OLD, {}, False),
        (OLD, {"additional_fields": [field(overwrite="fill_empty")]}, True),
        (OLD, {"additional_fields": [field("person.Other", overwrite="always")]}, True),
        (
            {"additional_fields": [field("organization.Tier")], "organizations": True},
            {
                "additional_fields": [field("organization.Tier", overwrite="fill_empty")],
                "organizations": True,
            },
            True,
        ),
    ],
)
def test_only_another_way_of_writing_asks_for_another_look(
    before: Any, after: Any, otherwise: bool
):
    assert written_otherwise(settings(**before), settings(**after)) is otherwise
