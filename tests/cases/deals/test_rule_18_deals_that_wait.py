"""Rule 18 and those around it: deals that wait, whose person changes, that are found again."""

from typing import Any

import pytest
from deal_story import DealStory, at, item
from story import DAY

from chargepipe.actions import errors
from chargepipe.sandbox import Options
from chargepipe.sandbox.pipedrive import company
from chargepipe.store.models import Link, Record

pytestmark = pytest.mark.django_db(transaction=True)
TRIAL = {"status": "in_trial", "trial_end": at("2026-11-20")}


def stuck(story: DealStory) -> None:
    """A customer, ada, whom two people match."""
    for name in ("Ada", "A. Byron"):
        story.has_person(name, email="ada@x.co")
    story.customer("ada")
    story.full()
    assert story.errors() == ["ambiguous_person ada"]


def test_a_deal_whose_customer_has_an_error_waits_under_that_error(story: DealStory):
    stuck(story)
    story.subscription("ada")
    assert story.hourly() == "1 failed"
    assert story.deals() == []
    assert story.errors() == ["ambiguous_person ada"]


def test_when_the_error_is_gone_the_deal_is_made(story: DealStory):
    story.customer("bo")
    stuck(story)
    id = story.subscription("ada")
    story.hourly()
    ada, other = [person["id"] for person in story.crm.persons() if "A" in person["name"]]
    story.crm.merge_persons(other, ada)
    story.goes("sync", after=DAY)
    story.deal_shows(id, status="won", person="Ada")


def test_a_linked_deal_waits_while_its_customer_has_an_error(story: DealStory):
    story.given(organizations=True)
    story.customer("ada", company="Acme")
    story.full()
    id = story.subscription("ada", **TRIAL)
    story.hourly()
    for _ in range(2):
        story.has_organization("Umbrella")
    story.changes("ada", company="Umbrella")
    story.billing.edit_subscription(id, status="active")
    story.hourly()
    story.deal_shows(id, status="open", title="Acme - team-USD-monthly")


@pytest.mark.parametrize("settings", [{"deleted_persons": "leave"}, {"create_people": False}])
def test_a_deal_whose_person_is_left_gone_follows_its_subscription(
    story: DealStory, settings: dict[str, Any]
):
    story.given(**settings)
    story.has_person("Ada", email="ada@x.co")
    story.customer("ada", first_name="Ada", email="ada@x.co")
    story.full()
    id = story.subscription("ada", **TRIAL)
    story.hourly()
    story.crm.delete_person(story.link("ada") or 0)
    story.goes("sync", after=DAY)
    story.billing.edit_subscription(id, status="cancelled", cancelled_at=at("2026-11-02 12:00"))
    story.goes("sync", after=DAY)
    story.deal_shows(id, status="lost", **{"CB Subscription Status": "Cancelled"})
    assert story.errors() == []
    story.goes("sync", after=DAY)
    assert story.wrote() == []
    story.subscription("ada")
    story.hourly()
    assert len(story.deals()) == 1  # making one needs a person


def test_a_deal_that_followed_without_a_person_hangs_on_the_one_that_is_made(story: DealStory):
    story.given(deleted_persons="leave")
    story.customer("ada", first_name="Ada")
    story.full()
    id = story.subscription("ada", **TRIAL)
    story.hourly()
    story.crm.delete_person(story.link("ada") or 0)
    story.billing.edit_subscription(id, status="active")
    story.goes("sync", after=DAY)
    story.deal_shows(id, status="won", person=None)
    story.given(deleted_persons="recreate")
    story.goes("sync", after=DAY)
    story.deal_shows(id, status="won", person="Ada")


def test_the_deal_of_a_hidden_person_waits_for_the_error_of_its_customer(transactional_db: None):
    story = DealStory(options=Options(hidden="403"))
    story.given()
    story.customer("ada", first_name="Ada")
    story.full()
    id = story.subscription("ada", **TRIAL)
    story.hourly()
    story.crm.hide("person", story.link("ada") or 0)
    story.goes("sync", after=DAY)
    story.billing.edit_subscription(id, status="active")
    story.goes("sync", after=DAY)
    story.deal_shows(id, status="open")
    assert story.errors() == ["hidden_person ada"]


def test_an_ignored_customer_holds_back_its_deals(story: DealStory):
    stuck(story)
    errors.ignore("acme", None, "")
    story.subscription("ada")
    story.hourly()
    assert (story.deals(), story.errors()) == ([], [])


def test_a_customer_that_is_skipped_has_no_deal(story: DealStory):
    story.given(create_people=False)
    story.customer("ada")
    story.full()
    story.subscription("ada")
    assert story.hourly() == "1 skipped"
    assert (story.deals(), story.errors()) == ([], [])


def test_a_subscription_of_an_entity_that_was_not_chosen_has_no_deal(story: DealStory):
    story.given(business_entities=["be_main"])
    story.customer("ada", business_entity_id="be_emea")
    story.full()
    story.subscription("ada", business_entity_id="be_emea")
    story.hourly()
    assert story.deals() == []


def test_an_invoice_of_a_customer_without_a_subscription_waits_under_setting_1(story: DealStory):
    story.given(customers="with_subscriptions")
    story.customer("ada")
    story.full()
    bill = story.invoice("ada")
    story.hourly()
    assert story.deals() == []
    story.subscription("ada")
    story.hourly()
    story.deal_shows(bill, status="won")


def test_a_customer_that_lost_its_last_subscription_keeps_its_deals_syncing(story: DealStory):
    story.given(customers="with_subscriptions")
    story.customer("ada")
    id = story.subscription("ada")
    story.full()
    bill = story.invoice("ada", status="posted", paid_at=None, due_date=at("2026-11-20"))
    story.hourly()
    story.billing.delete_subscription(id)
    story.billing.edit_invoice(bill, status="paid", paid_at=at("2026-11-02 12:00"))
    story.hourly()
    story.deal_shows(bill, status="won", won="2026-11-02 12:00")


def test_the_deals_of_a_deleted_customer_say_so_and_stay_as_they_are(story: DealStory):
    story.customer("ada")
    story.full()
    id = story.subscription("ada")
    story.hourly()
    story.billing.delete_customer("ada")
    story.hourly()
    story.deal_shows(id, status="won", **{"CB Subscription Status": "Deleted"})
    story.hourly()
    assert story.wrote() == []


def test_where_deleted_customers_are_left_their_deals_are_too(story: DealStory):
    story.given(deleted_customers="leave")
    story.customer("ada")
    story.full()
    id = story.subscription("ada")
    story.hourly()
    story.billing.delete_customer("ada")
    story.hourly()
    story.deal_shows(id, status="won", **{"CB Subscription Status": "Active"})
    assert "PATCH deals" not in story.wrote()


def test_a_subscription_of_a_customer_that_was_deleted_before_has_no_deal(story: DealStory):
    story.full()
    story.customer("ada")
    story.subscription("ada")
    story.billing.delete_customer("ada")
    story.hourly()
    assert (story.people(), story.deals()) == ([], [])


def test_a_deal_follows_its_subscription_to_another_customer(story: DealStory):
    story.given(organizations=True)
    story.customer("ada", first_name="Ada", company="Acme")
    story.customer("bo", first_name="Bo", company="Umbrella")
    story.full()
    id = story.subscription("ada")
    story.hourly()
    story.billing.edit_subscription(id, customer_id="bo")
    story.hourly()
    story.deal_shows(id, person="Bo", organization="Umbrella", title="Umbrella - team-USD-monthly")


def test_a_merge_of_customers_in_chargebee_takes_the_deal_along(story: DealStory):
    story.customer("ada", first_name="Ada")
    story.customer("bo", first_name="Bo")
    story.full()
    id = story.subscription("ada")
    story.hourly()
    story.sandbox.customers.merge("ada", "bo")
    story.clock.advance(120)
    story.goes("sync", after=DAY)
    story.deal_shows(id, person="Bo", title="Bo - team-USD-monthly")


def test_a_deal_hangs_on_the_person_that_was_made_again(story: DealStory):
    story.customer("ada", first_name="Ada")
    story.full()
    id = story.subscription("ada")
    story.hourly()
    story.crm.delete_person(story.link("ada") or 0)
    story.goes("sync", after=DAY)
    assert story.people() == ["Ada"]
    story.deal_shows(id, person="Ada")


def test_a_deal_hangs_on_the_winner_of_a_merge_of_people(story: DealStory):
    story.customer("ada", first_name="Ada")
    story.full()
    id = story.subscription("ada")
    story.hourly()
    winner = story.has_person("Boss")
    story.crm.merge_persons(story.link("ada") or 0, winner)
    story.goes("sync", after=DAY)
    assert story.crm.deal(story.deal(id)["id"])["person_id"] == winner
    later = story.subscription("ada")
    story.hourly()
    assert story.crm.deal(story.deal(later)["id"])["person_id"] == winner


def test_customers_that_share_a_person_have_deals_of_their_own_on_it(story: DealStory):
    story.customer("ada", email="both@x.co")
    story.customer("bo", email="both@x.co")
    story.full()
    ids = [story.subscription(name) for name in ("ada", "bo")]
    story.hourly()
    people = {story.crm.deal(story.deal(id)["id"])["person_id"] for id in ids}
    assert len(people) == 1


def test_a_deal_that_was_deleted_long_ago_is_not_made_again(story: DealStory):
    story.customer("ada")
    story.full()
    id = story.subscription("ada", **TRIAL)
    story.hourly()
    story.crm.delete_deal(story.deal(id)["id"])
    story.goes("sync", after=40 * DAY)
    story.billing.edit_subscription(id, status="active")
    for kind in ("sync", "full"):
        story.goes(kind, approved=True)
    assert (story.deals(), story.errors()) == ([], [])


def test_a_deal_that_was_merged_into_another_is_not_made_again(story: DealStory):
    story.customer("ada")
    story.full()
    id = story.subscription("ada", **TRIAL)
    story.hourly()
    own = story.has_deal("Own")
    story.crm.merge_deals(story.deal(id)["id"], own)
    story.billing.edit_subscription(id, status="active")
    story.clock.advance(60)
    story.hourly()
    assert len(story.deals()) == 1


def forget_links(story: DealStory) -> None:
    """The database is lost: Pipedrive still holds the marks."""
    Link.objects.all().delete()
    Record.objects.update(settled=0)


@pytest.mark.parametrize("archived", [False, True])
def test_a_deal_with_our_mark_is_adopted_not_made_again(story: DealStory, archived: bool):
    story.customer("ada")
    story.full()
    id = story.subscription("ada", **TRIAL)
    story.hourly()
    deal = story.deal(id)["id"]
    if archived:
        story.crm.archive_deal(deal)
    forget_links(story)
    story.billing.edit_subscription(id, subscription_items=[item(19_900)])
    story.clock.advance(60)
    story.hourly()
    assert story.deal(id)["id"] == deal
    story.deal_shows(id, value="199 USD")


def test_an_adopted_deal_stays_in_its_stage_and_may_be_won(story: DealStory):
    story.customer("ada")
    story.full()
    id = story.subscription("ada", **TRIAL)
    story.hourly()
    story.crm.move_deal(story.deal(id)["id"], story.stage("Demo Scheduled"))
    forget_links(story)
    story.billing.edit_subscription(id, status="active")
    story.clock.advance(60)
    story.hourly()
    story.deal_shows(id, stage="Demo Scheduled", status="won")


def test_two_deals_with_one_mark_are_an_error_and_neither_is_written(story: DealStory):
    story.customer("ada")
    story.full()
    id = story.subscription("ada", **TRIAL)
    story.hourly()
    held = story.crm.deal(story.deal(id)["id"])
    story.has_deal("Copy", custom_fields=held["custom_fields"])
    forget_links(story)
    story.billing.edit_subscription(id, status="active")
    story.clock.advance(60)
    story.hourly()
    assert [deal["status"] for deal in story.deals()] == ["open", "open"]
    assert [error.split()[0] for error in story.errors()] == ["duplicate_mark"]


def test_a_currency_that_pipedrive_is_given_ends_the_error(story: DealStory):
    story.customer("ada")
    story.full()
    id = story.subscription("ada", currency_code="NOK")
    story.hourly()
    assert story.errors() != []
    assert story.deals() == []
    krone = {**story.crm.currencies[0], "id": 99, "code": "NOK", "name": "Norwegian Krone"}
    story.crm.currencies.append(krone)
    story.hourly()
    assert story.errors() == []
    story.deal_shows(id, value="49 NOK")


def test_a_limit_of_open_deals_is_told_and_the_deal_made_once_there_is_room(
    story: DealStory, monkeypatch: pytest.MonkeyPatch
):
    story.customer("ada")
    story.full()
    own = story.has_deal("Own")
    monkeypatch.setitem(company.DEAL_QUOTA, "ultimate", 1)
    id = story.subscription("ada", **TRIAL)
    words = story.hourly()
    told = [words, *(error.words for error in story.connection.errors.filter(state="open"))]
    assert story.deal(id) == {}
    assert any("limit" in each.lower() for each in told), told
    story.crm.delete_deal(own)
    story.hourly()
    story.deal_shows(id, status="open")


def test_where_open_deals_are_at_their_limit_closed_ones_are_made_all_the_same(
    story: DealStory, monkeypatch: pytest.MonkeyPatch
):
    story.customer("ada")
    story.full()
    story.has_deal("Own")
    monkeypatch.setitem(company.DEAL_QUOTA, "ultimate", 1)
    id = story.subscription("ada")
    story.hourly()
    story.deal_shows(id, status="won")


def test_where_open_deals_are_at_their_limit_closed_ones_stay_closed_until_there_is_room(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
):
    story = DealStory(options=Options(reopening_counts=True))
    story.given()
    story.customer("ada")
    story.full()
    lost = {"status": "cancelled", "cancelled_at": at("2026-11-01")}
    ids = [story.subscription("ada", **lost) for _ in range(12)]
    won = story.subscription("ada", **TRIAL)
    story.hourly()
    own = story.has_deal("Own")
    monkeypatch.setitem(company.DEAL_QUOTA, "ultimate", 1)
    for id in ids:
        story.billing.edit_subscription(id, **TRIAL)
    story.billing.edit_subscription(won, status="active")
    story.customer("bo", first_name="Bo")
    for _ in range(2):
        story.hourly()
        assert story.last is not None
        assert (story.last.state, story.errors()) == ("done", ["deals_capped open deals"])
        story.deal_shows(won, status="won")
        assert {story.deal(id)["status"] for id in ids} == {"lost"}
        # One is tried, and what is sold is sent twice: its day cannot be emptied.
        assert story.wrote().count("PATCH deals") <= 3
    assert "Bo" in story.people()
    story.crm.delete_deal(own)
    monkeypatch.setitem(company.DEAL_QUOTA, "ultimate", 20)
    story.hourly()
    assert {story.deal(id)["status"] for id in ids} == {"open"}
    assert story.errors() == []


def test_where_a_deal_may_be_reopened_one_new_one_meets_the_limit(
    story: DealStory, monkeypatch: pytest.MonkeyPatch
):
    story.customer("ada")
    story.full()
    again = story.subscription("ada", status="cancelled", cancelled_at=at("2026-11-01"))
    story.hourly()
    story.has_deal("Own")
    monkeypatch.setitem(company.DEAL_QUOTA, "ultimate", 1)
    story.billing.edit_subscription(again, **TRIAL)
    for _ in range(12):
        story.subscription("ada", **TRIAL)
    story.hourly()
    assert story.errors() == ["deals_capped open deals"]
    story.deal_shows(again, status="open")
    assert story.wrote().count("POST deals") == 1
