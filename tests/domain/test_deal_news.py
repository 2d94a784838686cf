"""What counts as ours of a deal, and what of billing's counts as new (setting 13)."""

from dataclasses import replace
from typing import Any

from chargepipe.domain.deal_diff import Before, deal_difference, found
from chargepipe.domain.deal_diff import DealRules as Rules
from chargepipe.domain.money import Money
from chargepipe.domain.pipelines import Place
from chargepipe.domain.targets import DealTarget, Standing
from domain.test_deal_diff import BEFORE, TARGET, WON, held, written

WON_AT_LAST = Standing("won", "2026-11-20T09:00:00Z")
OURS_WON: dict[str, Any] = {
    "stage": {"pipeline": 1, "stage": 12},
    "status": {"status": "won", "time": "2026-11-02T09:00:00Z", "reason": None},
}


def test_a_cleared_customers_title_and_fields_go_under_every_policy():
    cleared = replace(TARGET, title="c1 - pro", fields={"Tier": None}, cleared=True)
    theirs = held(title="Ada's engines", fields={"Tier": "gold"}, place=Place(1, 11))
    rules = Rules("fill_empty", policies={"Tier": "fill_empty"})
    difference = deal_difference(cleared, theirs, BEFORE, rules, {"person": 5, "organization": 6})
    assert difference.after == {"title": "c1 - pro", "Tier": None}


def test_an_adopted_deal_is_found_where_it_stands_with_no_time_of_ours():
    theirs = held(standing=Standing("won", "2026-10-01T00:00:00Z"), place=Place(2, 20))
    assert found(WON, theirs, {}) == {
        "stage": {"pipeline": 2, "stage": 20},
        "status": {"status": "won", "time": None, "reason": None},
    }


def test_where_a_person_put_a_deal_is_not_ours_while_billing_says_otherwise():
    assert found(WON, held(place=Place(1, 11)), BEFORE.ours) == {"stage": None}


def test_a_deal_that_stands_where_we_put_it_is_not_found_anew():
    assert found(WON, held(standing=WON.standing, place=Place(1, 12)), OURS_WON) == {}


def test_a_deal_keeps_who_is_joined_where_the_target_names_nobody():
    told = DealTarget(None, Money(1, "EUR"), None, None, None, False, None, None, {})
    assert written(told, held(person_id=9, org_id=8)) == {"value": {"amount": 1, "currency": "EUR"}}


def test_where_nothing_is_known_of_what_billing_said_all_is_new():
    assert set(written(WON, held(), Before(BEFORE.ours))) == {"stage", "status"}
    ours = held(standing=WON.standing, place=Place(1, 12))
    again = replace(WON, standing=WON_AT_LAST)
    assert written(again, ours, Before(OURS_WON)) == {"status": WON_AT_LAST.as_json()}


def test_another_time_of_the_same_status_does_not_close_an_open_deal():
    said = Before({**BEFORE.ours, "stage": OURS_WON["stage"]}, WON)
    open_still = held(place=Place(1, 12))
    assert not written(replace(WON, standing=WON_AT_LAST), open_still, said)


def test_a_won_deal_is_not_put_into_the_stage_of_an_open_one():
    """Billing said open before, in the stage where a person had won it; now another stage."""
    agreed = held(standing=WON.standing, place=Place(1, 12))
    trial = replace(TARGET, standing=Standing("open"), place=Place(1, 12))
    paused = replace(trial, place=Place(1, 13))
    assert not written(paused, agreed, Before(OURS_WON, trial))
    assert "stage" in written(replace(WON, place=Place(1, 13)), agreed, Before(OURS_WON, trial))
