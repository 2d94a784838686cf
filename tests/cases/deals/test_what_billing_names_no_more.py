"""Section 4: a deal is expected only in trial or before its start; a company may fall away."""

from typing import Literal

import pytest
from deal_story import DealStory, at

from chargepipe.sandbox import Options

pytestmark = pytest.mark.django_db(transaction=True)
TRIAL = {"status": "in_trial", "trial_end": at("2026-11-20")}


@pytest.fixture(params=["clear", "refuse"])
def story(request: pytest.FixtureRequest, transactional_db: None) -> DealStory:
    links: Literal["clear", "refuse"] = request.param
    story = DealStory(options=Options(null_links=links))
    story.given(organizations=True)
    story.customer("ada", first_name="Ada", company="Acme")
    story.customer("bo", first_name="Bo")
    story.full()
    return story


def left(story: DealStory, value: str) -> str | None:
    """What Pipedrive shows where billing names nothing any more."""
    return None if story.options.null_links == "clear" else value


def test_a_trial_that_converts_is_expected_no_more(story: DealStory):
    id = story.subscription("ada", **TRIAL)
    story.hourly()
    story.billing.edit_subscription(id, status="active")
    story.hourly()
    story.deal_shows(id, status="won", expected_close=left(story, "2026-11-20"))
    story.hourly()
    assert story.wrote() == []


def test_a_day_that_a_salesperson_chose_stays(story: DealStory):
    id = story.subscription("ada", **TRIAL)
    story.hourly()
    (deal,) = story.crm.deals()
    story.crm.edit_deal(deal["id"], expected_close_date="2026-12-24")
    story.billing.edit_subscription(id, status="active")
    story.hourly()
    story.deal_shows(id, status="won", expected_close="2026-12-24")


def test_a_deal_that_goes_to_a_customer_without_a_company_leaves_the_old_one(story: DealStory):
    id = story.subscription("ada", **TRIAL)
    story.hourly()
    story.billing.edit_subscription(id, customer_id="bo")
    story.hourly()
    story.deal_shows(id, person="Bo", organization=left(story, "Acme"))
