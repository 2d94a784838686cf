"""Where a deal goes, by names and ids of the account."""

import pytest

from chargepipe.domain.names import INVOICE_STATUSES
from chargepipe.domain.pipelines import NoSuchPlace, PipelineFacts, Place, Row, problems
from domain.builders import settings

ROWS = {
    "pipelines": [
        {"id": 2, "name": "Renewals", "order": 2},
        {"id": 1, "name": "Sales", "order": 1},
        {"id": 3, "name": "sales ", "order": 3},
    ],
    "stages": [
        {"id": 11, "name": "Demo", "order": 2, "of": 1},
        {"id": 10, "name": "Qualified", "order": 1, "of": 1},
        {"id": 21, "name": "Offered", "order": 2, "of": 2},
        {"id": 20, "name": "Up for Renewal", "order": 1, "of": 2},
    ],
}


def facts() -> PipelineFacts:
    """Read anew in each test: a change of the reading is then noticed."""
    return PipelineFacts.from_json(ROWS)


@pytest.mark.parametrize(
    ("pipeline", "stage", "place"),
    [
        (None, None, Place(1, 10)),
        ("renewals", None, Place(2, 20)),
        (2, "OFFERED", Place(2, 21)),
        (1, 11, Place(1, 11)),
        (None, "Demo", Place(1, 11)),
    ],
)
def test_nothing_chosen_is_the_first_one_in_the_order_of_the_account(
    pipeline: str | int | None, stage: str | int | None, place: Place
):
    assert facts().place(pipeline, stage) == place


@pytest.mark.parametrize(
    ("pipeline", "stage", "words"),
    [
        ("Partners", None, 'it has: "Sales" (1), "Renewals" (2), "sales " (3)'),
        ("Partners", None, 'Pipedrive has no pipeline "Partners"; it has: '),
        (2, "Demo", 'pipeline "Renewals" has no stage "Demo"; it has: "Up for Renewal" (20)'),
        (1, 21, 'pipeline "Sales" has no stage "21"'),
        ("Sales", None, 'several pipelines "Sales": name one by its id (1, 3)'),
        (3, None, 'pipeline "sales " has no stage "None"; it has: none'),
    ],
)
def test_what_is_not_there_or_twice_is_said_in_words(
    pipeline: str | int, stage: str | int | None, words: str
):
    with pytest.raises(NoSuchPlace) as error:
        facts().place(pipeline, stage)
    assert words in str(error.value)


def test_only_rules_of_switched_on_deals_that_make_one_are_looked_up():
    rules = {"active": {"stage": "Nowhere", "status": "won"}}
    off = settings(subscription_deals={"enabled": False, "status": rules})
    assert not list(problems(off, facts()))
    on = settings(subscription_deals={"enabled": True, "status": rules, "pipeline": 1})
    ((table, words),) = problems(on, facts())
    assert (table, 'no stage "Nowhere"' in words) == ("subscription_deals", True)


def test_a_place_is_told_by_its_names_where_they_are_known():
    assert facts().words(Place(1, 11)) == "Sales, Demo"
    assert PipelineFacts().words(Place(1, 11)) == "1, 11"


def test_rows_stand_in_the_order_of_the_account_and_may_lack():
    rows = [{"id": 1, "name": "Last", "order": 2}, {"id": 2, "name": "First", "order": 1}]
    read = PipelineFacts.from_json({"pipelines": rows})
    assert read == PipelineFacts((Row(2, "First", 1), Row(1, "Last", 2)), ())


def test_a_stage_is_looked_up_in_the_pipeline_of_its_deals():
    rules = {"paid": {"stage": "Demo", "status": "won"}}
    chosen = settings(invoice_deals={"enabled": True, "pipeline": 2, "status": rules})
    words = 'pipeline "Renewals" has no stage "Demo"; it has: "Up for Renewal" (20), "Offered" (21)'
    assert list(problems(chosen, facts())) == [("invoice_deals", words)]


def test_deals_that_are_never_made_need_no_stage():
    rules = {status: {"status": "none"} for status in INVOICE_STATUSES}
    chosen = settings(invoice_deals={"enabled": True, "pipeline": 3, "status": rules})
    assert not list(problems(chosen, facts()))
