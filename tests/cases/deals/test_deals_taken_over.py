"""Deals that are there already: taken over by their mark, or by person and amount after a yes."""

from typing import Any

import pytest
from deal_story import DealStory, at

from chargepipe.actions import decide
from chargepipe.store.models import SyncError

pytestmark = pytest.mark.django_db(transaction=True)
TRIAL = {"status": "in_trial", "trial_end": at("2026-11-20")}


def marked_deal(story: DealStory, id: str, **body: Any) -> int:
    """A deal that carries a subscription's id, as the vendor's app leaves it."""
    field = story.crm.add_field("deal", field_name="CB Subscription ID", field_type="varchar")
    return story.has_deal("Theirs", custom_fields={field["field_code"]: id}, **body)


def alike(story: DealStory, **body: Any) -> int:
    """Ada's new trial is worth 49 USD, and a salesperson has such a deal with Ada already."""
    story.customer("ada", first_name="Ada")
    story.full()
    facts = {"person_id": story.link("ada"), "value": 49, "currency": "USD", **body}
    own = story.has_deal("Big hope", stage_id=story.stage("Demo Scheduled"), **facts)
    story.subscription("ada", id="sub_ada", **TRIAL)
    return own


def decided(story: DealStory, **choice: Any) -> None:
    """Somebody decides the one open error, and what it is about is tried again."""
    error = SyncError.objects.get(state="open")
    customers = decide.decide(error.pk, env=story.env, **choice).customers
    story.goes("sync", only=list(customers))


def test_a_deal_of_the_vendors_app_is_taken_over_by_its_mark(story: DealStory):
    theirs = marked_deal(story, "sub_ada", value=1, currency="USD")
    story.customer("ada", first_name="Ada")
    story.full()
    story.subscription("ada", id="sub_ada", **TRIAL)
    story.hourly()
    assert story.deal("sub_ada")["id"] == theirs
    story.deal_shows("sub_ada", value="49 USD", title="Ada - team-USD-monthly", person="Ada")


@pytest.mark.parametrize("status", ["won", "lost"])
def test_a_closed_deal_that_is_taken_over_is_not_reopened(story: DealStory, status: str):
    marked_deal(story, "sub_ada", status=status)
    story.customer("ada")
    story.full()
    story.subscription("ada", id="sub_ada", **TRIAL)
    story.hourly()
    story.deal_shows("sub_ada", status=status)


def test_a_mark_of_another_subscription_takes_nothing_over(story: DealStory):
    marked_deal(story, "sub_ada_2")
    story.customer("ada")
    story.full()
    story.subscription("ada", id="sub_ada", **TRIAL)
    story.hourly()
    assert len(story.deals_of("sub_ada")) == len(story.deals_of("sub_ada_2")) == 1


def test_an_open_deal_with_the_same_person_and_amount_is_asked_about(story: DealStory):
    alike(story)
    story.hourly()
    assert story.errors() == ["alike_deals subscription:sub_ada"]
    assert [deal["title"] for deal in story.deals()] == ["Big hope"]
    assert {"POST deals", "PATCH deals"}.isdisjoint(story.wrote())


def test_after_a_yes_it_is_taken_over_where_it_stands(story: DealStory):
    own = alike(story)
    story.hourly()
    decided(story, deal=own)
    assert story.deal("sub_ada")["id"] == own
    story.deal_shows("sub_ada", stage="Demo Scheduled", title="Ada - team-USD-monthly")
    assert (len(story.deals()), story.errors()) == (1, [])


def test_after_a_no_a_deal_of_its_own_is_made(story: DealStory):
    own = alike(story)
    story.hourly()
    decided(story, new=True)
    assert story.deal("sub_ada")["id"] != own
    assert (len(story.deals()), story.errors()) == (2, [])
    story.hourly()
    assert story.wrote() == []


@pytest.mark.parametrize("other", [{"value": 50}, {"currency": "EUR"}])
def test_another_amount_is_another_deal(story: DealStory, other: Any):
    alike(story, **other)
    story.hourly()
    assert story.errors() == []
    story.deal_shows("sub_ada", status="open")
    assert len(story.deals()) == 2


def test_a_deal_with_another_person_is_another_deal(story: DealStory):
    alike(story, person_id=story.has_person("Stranger"))
    story.hourly()
    assert story.errors() == []
    assert len(story.deals()) == 2
