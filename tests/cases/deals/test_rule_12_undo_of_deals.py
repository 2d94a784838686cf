"""Rule 12 for deals: what was made is deleted, what was changed gets its before, and is held."""

import pytest
from deal_story import DealStory, at, item

pytestmark = pytest.mark.django_db(transaction=True)
TRIAL = {"status": "in_trial", "trial_end": at("2026-11-20")}


def undo(story: DealStory) -> str:
    return story.goes("undo", about=story.last)


def made(story: DealStory) -> str:
    """A subscription whose deal the last run has made."""
    story.customer("ada")
    story.full()
    id = story.subscription("ada", **TRIAL)
    story.hourly()
    return id


def test_a_deal_that_was_made_is_deleted(story: DealStory):
    made(story)
    undo(story)
    assert story.deals() == []


def test_an_undone_deal_is_held_until_its_subscription_is_modified(story: DealStory):
    id = made(story)
    undo(story)
    for kind in ("sync", "full"):
        story.goes(kind)
        assert story.deals() == []
    story.billing.edit_subscription(id, status="active")
    story.clock.advance(60)
    story.hourly()
    story.deal_shows(id, status="won")


def test_the_undo_of_the_undo_makes_the_deal_anew(story: DealStory):
    id = made(story)
    undo(story)
    undo(story)
    story.deal_shows(id, status="open", expected_close="2026-11-20")


def test_a_deal_that_was_changed_gets_its_before(story: DealStory):
    id = made(story)
    story.billing.edit_subscription(
        id, status="active", subscription_items=[item(19_900)], activated_at=at("2026-11-02")
    )
    story.hourly()
    story.deal_shows(id, status="won", value="199 USD")
    undo(story)
    story.deal_shows(id, status="open", value="49 USD", won=None)
    story.hourly()
    story.deal_shows(id, status="open", value="49 USD")


def test_a_deal_that_a_person_moved_since_stays_where_it_was_moved(story: DealStory):
    id = made(story)
    story.billing.edit_subscription(id, subscription_items=[item(19_900)])
    story.hourly()
    story.crm.move_deal(story.deal(id)["id"], story.stage("Demo Scheduled"))
    undo(story)
    story.deal_shows(id, stage="Demo Scheduled", value="49 USD")


def test_a_lost_deal_that_is_undone_is_won_as_it_was(story: DealStory):
    story.customer("ada")
    story.full()
    id = story.subscription("ada", activated_at=at("2026-10-20 08:00"))
    story.hourly()
    story.billing.edit_subscription(id, status="cancelled", cancelled_at=at("2026-11-02 12:00"))
    story.hourly()
    story.deal_shows(id, status="lost")
    undo(story)
    story.deal_shows(id, status="won", won="2026-10-20 08:00", lost=None, reason=None)
