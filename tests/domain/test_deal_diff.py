"""What is written to a deal, and what is left to the salesperson (setting 13)."""

from dataclasses import replace
from typing import Any

import pytest

from chargepipe.domain.deal_diff import (
    Before,
    DealRules,
    deal_difference,
    found,
    ours_after,
)
from chargepipe.domain.held import FieldMap, KnownField
from chargepipe.domain.held_deal import HeldDeal, NotThereYet, decode_deal, encode_deal, time_text
from chargepipe.domain.money import Money
from chargepipe.domain.pipelines import Place
from chargepipe.domain.targets import DealTarget, Standing
from chargepipe.domain.values import Raw

FIELDS = FieldMap({"CB Plan": KnownField("abc", "varchar")}, ("JPY",))
IDS = {"person": 5, "organization": 6}
TARGET = DealTarget(
    title="Engines - pro",
    value=Money(4900, "EUR"),
    person="ada",
    organization="engines",
    place=Place(1, 10),
    moves=True,
    standing=Standing("open"),
    expected_close="2026-12-01",
    fields={"CB Plan": "pro"},
)
WON = replace(TARGET, standing=Standing("won", "2026-11-02T09:00:00Z"), place=Place(1, 12))


def made() -> dict[str, Any]:
    return dict(deal_difference(TARGET, None, Before(), DealRules(), IDS).after)


def held(**parts: Any) -> HeldDeal:
    """The deal as it is right after we made it."""
    return replace(
        HeldDeal(
            id=1,
            title="Engines - pro",
            value=Money(4900, "EUR"),
            place=Place(1, 10),
            standing=Standing("open"),
            expected_close="2026-12-01",
            person_id=5,
            org_id=6,
            archived=False,
            locked=False,
            fields={"CB Plan": "pro"},
        ),
        **parts,
    )


BEFORE = Before(ours_after({}, made()), TARGET)


def written(
    target: DealTarget, now: HeldDeal, before: Before = BEFORE, **rules: Any
) -> dict[str, Any]:
    return dict(deal_difference(target, now, before, DealRules(**rules), IDS).after)


def test_a_new_deal_holds_all_that_the_target_names():
    assert made() == {
        "title": "Engines - pro",
        "value": {"amount": 4900, "currency": "EUR"},
        "stage": {"pipeline": 1, "stage": 10},
        "status": {"status": "open", "time": None, "reason": None},
        "expected_close_date": "2026-12-01",
        "person": {"key": "ada", "id": 5},
        "organization": {"key": "engines", "id": 6},
        "CB Plan": "pro",
    }


def test_a_deal_that_holds_it_all_needs_nothing():
    assert not written(TARGET, held())


def test_billing_moves_and_wins_a_deal_that_nobody_touched():
    assert written(WON, held()) == {
        "stage": {"pipeline": 1, "stage": 12},
        "status": {"status": "won", "time": "2026-11-02T09:00:00Z", "reason": None},
    }


def test_a_deal_that_was_moved_stays_there_but_is_won():
    assert set(written(WON, held(place=Place(1, 11)))) == {"status"}


@pytest.mark.parametrize("standing", [Standing("won"), Standing("lost", None, "Budget")])
def test_a_deal_that_a_person_closed_is_not_moved_reopened_or_turned(standing: Standing):
    lost = replace(TARGET, standing=Standing("lost"), place=Place(1, 12))
    for target in (TARGET, lost if standing.status == "won" else WON):
        assert not {"status", "stage"} & set(written(target, held(standing=standing)))


def test_a_deal_that_a_person_moved_is_not_reopened():
    lost = replace(TARGET, standing=Standing("lost"))
    before = Before(ours_after({}, {**made(), "status": Standing("lost").as_json()}), lost)
    ours, moved = (
        held(standing=Standing("lost")),
        held(standing=Standing("lost"), place=Place(1, 11)),
    )
    assert set(written(TARGET, ours, before)) == {"status"}
    assert not written(TARGET, moved, before)


def test_an_archived_deal_is_neither_moved_nor_closed_but_shows_what_billing_says():
    target = replace(WON, fields={"CB Plan": "team"}, value=Money(9900, "EUR"))
    assert set(written(target, held(archived=True))) == {"value", "CB Plan"}


def test_without_deal_care_a_deal_goes_where_billing_says():
    now = held(place=Place(1, 11), standing=Standing("lost", None, "Budget"), archived=True)
    assert set(written(WON, now, care=False)) == {"stage", "status"}


def test_a_status_without_a_chosen_stage_leaves_the_deal_in_its_stage():
    assert set(written(replace(WON, moves=False), held())) == {"status"}


def test_the_time_of_a_status_goes_with_the_status_alone():
    before = Before(ours_after({}, {**made(), "status": WON.standing.as_json()}), WON)  # type: ignore[union-attr]
    now = held(standing=Standing("won", "2026-01-01T00:00:00Z"), place=Place(1, 12))
    assert not written(WON, now, before)


def test_a_deal_that_is_won_anew_gets_its_new_time_unless_a_person_set_another():
    before = Before(ours_after({}, {**made(), "status": WON.standing.as_json()}), WON)  # type: ignore[union-attr]
    again = replace(WON, standing=Standing("won", "2026-11-20T09:00:00Z"))
    ours = held(standing=WON.standing, place=Place(1, 12))
    assert set(written(again, ours, before)) == {"status"}
    theirs = held(standing=Standing("won", "2026-11-05T00:00:00Z"), place=Place(1, 12))
    assert not written(again, theirs, before)
    assert set(written(again, theirs, before, care=False)) == {"status"}
    assert not written(replace(WON, standing=Standing("won")), theirs, before, care=False)


def test_where_billing_says_the_same_as_the_person_the_deal_is_ours_again():
    now = held(standing=Standing("won", "2026-10-01T00:00:00Z"))
    again = {**BEFORE.ours, **found(WON, now, BEFORE.ours)}
    lost = replace(WON, standing=Standing("lost"))
    assert "status" in written(lost, now, Before(again, WON))
    assert "status" not in written(lost, now, BEFORE)


def test_of_a_deal_that_we_adopt_the_stage_stays_and_only_an_open_one_is_closed():
    nothing = Before()
    assert set(written(WON, held(place=Place(2, 20)), nothing)) == {"status"}
    won = held(standing=Standing("won"), place=Place(2, 20))
    assert not written(TARGET, won, nothing)
    adopted = Before(found(TARGET, won, {}), TARGET)
    assert not written(TARGET, won, adopted)
    assert not written(replace(TARGET, place=Place(2, 21)), won, adopted)
    moved = written(replace(WON, place=Place(2, 21)), won, adopted)
    assert moved["stage"] == {"pipeline": 2, "stage": 21}


def test_the_value_stays_where_products_lock_it():
    target = replace(TARGET, value=Money(9900, "EUR"))
    assert "value" in written(target, held())
    assert not written(target, held(locked=True))


def test_always_writes_over_a_title_and_value_that_a_person_changed():
    now = held(title="Big one", value=Money(1, "EUR"))
    assert set(written(TARGET, now)) == {"title", "value"}


@pytest.mark.parametrize("overwrite", ["fill_empty", "append"])
def test_other_policies_leave_what_a_person_wrote_and_follow_what_is_ours(overwrite: Any):
    target = replace(TARGET, title="Mills - pro", value=Money(9900, "EUR"))
    theirs = held(title="Big one", value=Money(1, "EUR"))
    assert not written(target, theirs, overwrite=overwrite)
    assert set(written(target, held(), overwrite=overwrite)) == {"title", "value"}
    empty = held(title="", value=Money(0, "EUR"), expected_close=None, person_id=None)
    filled = written(target, empty, Before({"stage": None}), overwrite=overwrite)
    assert set(filled) == {"title", "value", "expected_close_date", "person"}


def test_what_the_target_does_not_name_is_left():
    told = DealTarget(None, None, None, None, None, False, None, None, {"CB Plan": "gone"})
    assert written(told, held(title="x", place=Place(2, 20))) == {"CB Plan": "gone"}


def test_a_title_is_compared_without_its_blanks():
    assert not written(TARGET, held(title=" Engines  - pro"))


def test_a_deal_is_decoded_and_encoded_unharmed():
    json = {
        "id": 7,
        "title": "A",
        "value": 49.5,
        "currency": "EUR",
        "pipeline_id": 1,
        "stage_id": 10,
        "status": "lost",
        "lost_time": "2026-11-02T10:00:00.5+01:00",
        "lost_reason": " Budget ",
        "expected_close_date": "2026-12-01",
        "person_id": 5,
        "org_id": None,
        "is_archived": False,
        "products_count": 2,
        "custom_fields": {"abc": "pro"},
    }
    deal = decode_deal(json, FIELDS)
    assert (deal.value, deal.locked, deal.org_id) == (Money(4950, "EUR"), True, None)
    assert deal.standing == Standing("lost", "2026-11-02T09:00:00Z", "Budget")
    assert encode_deal({**deal.built_in(), "CB Plan": "pro"}, FIELDS) == {
        "title": "A",
        "value": 49.5,
        "currency": "EUR",
        "pipeline_id": 1,
        "stage_id": 10,
        "status": "lost",
        "lost_time": "2026-11-02T09:00:00Z",
        "lost_reason": "Budget",
        "expected_close_date": "2026-12-01",
        "person_id": 5,
        "org_id": None,
        "custom_fields": {"abc": "pro"},
    }


def test_an_amount_that_minor_units_cannot_hold_is_written_back_as_it_was():
    row = {"id": 1, "value": 1.005, "currency": "EUR", "pipeline_id": 1, "stage_id": 1}
    deal = decode_deal(row, FIELDS)
    assert deal.value == Raw({"value": 1.005, "currency": "EUR"})
    body = encode_deal({"value": deal.built_in()["value"]}, FIELDS)
    assert body == {"value": 1.005, "currency": "EUR"}


def test_times_that_pipedrive_refuses_with_a_status_are_left_out():
    for standing, body in (
        (Standing("open", "2026-11-02T09:00:00Z"), {"status": "open"}),
        (Standing("won"), {"status": "won"}),
        (
            Standing("won", "2026-11-02T09:00:00Z"),
            {"status": "won", "won_time": "2026-11-02T09:00:00Z"},
        ),
        (Standing("lost"), {"status": "lost", "lost_reason": None}),
    ):
        assert encode_deal({"status": standing.as_json()}, FIELDS) == body


def test_what_is_emptied_is_encoded_as_null():
    nothing = {"expected_close_date": None, "person": None, "organization": None}
    body = {"expected_close_date": None, "person_id": None, "org_id": None}
    assert encode_deal(nothing, FIELDS) == body


NONE = replace(TARGET, expected_close=None, organization=None)
"""A deal that is expected no more, of a customer without a company."""


@pytest.mark.parametrize("overwrite", ["always", "fill_empty", "append"])
def test_what_billing_names_no_more_is_emptied_while_it_is_ours(overwrite: Any):
    assert written(NONE, held(), overwrite=overwrite) == {
        "expected_close_date": None,
        "organization": None,
    }
    theirs = held(expected_close="2027-01-01", org_id=9)
    assert not written(NONE, theirs, overwrite=overwrite)
    assert not written(NONE, held(expected_close=None, org_id=None), overwrite=overwrite)


def test_what_was_emptied_may_be_given_back_with_its_key():
    difference = deal_difference(NONE, held(), BEFORE, DealRules(), IDS)
    assert difference.before == {
        "expected_close_date": "2026-12-01",
        "organization": {"key": "engines", "id": 6},
    }


def test_an_organization_that_was_only_seen_on_a_deal_is_not_taken_off():
    seen = Before({"organization": {"key": None, "id": 6}}, TARGET)
    assert "organization" not in written(NONE, held(), seen)


def test_a_deal_stays_with_its_organization_while_another_is_not_there():
    difference = deal_difference(NONE, held(), BEFORE, DealRules(), IDS, ("organization",))
    assert dict(difference.after) == {"expected_close_date": None}


def test_a_record_that_only_tells_something_of_its_deal_empties_nothing():
    tells = replace(NONE, title=None, value=None, person=None, place=None, standing=None)
    assert not written(tells, held())


def test_a_deal_is_linked_to_a_person_that_was_made_since():
    wanted: dict[str, Any] = {"person": {"key": "ada", "id": None}}
    assert encode_deal(wanted, FIELDS, {("person", "ada"): 9}) == {"person_id": 9}
    with pytest.raises(NotThereYet):
        encode_deal(wanted, FIELDS)


def test_times_come_in_one_form():
    assert time_text("2026-11-02 09:00:00") == "2026-11-02T09:00:00Z"
    assert time_text(None) is None
