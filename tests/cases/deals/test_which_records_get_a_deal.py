"""Steps 4 to 6 and rule 13: which runs make deals, of what, and which ask first."""

import pytest
from deal_story import DealStory, at

pytestmark = pytest.mark.django_db(transaction=True)
OLD = {"created_at": at("2026-05-01"), "updated_at": at("2026-05-01")}


def old_subscription(story: DealStory, customer: str, **attrs: object) -> str:
    """A subscription that was last changed long before the first sync."""
    id = f"sub_of_{customer}"
    story.billing.add_subscription(customer, id=id, **{**OLD, **attrs})
    return id


def test_a_trial_makes_no_deal(story: DealStory):
    story.customer("ada")
    story.subscription("ada")
    story.goes("trial")
    assert story.deals() == []


def test_the_first_full_sync_makes_no_deal(story: DealStory):
    story.customer("ada")
    story.subscription("ada")
    story.invoice("ada")
    story.full()
    assert story.deals() == []
    assert "POST deals" not in story.wrote()


def test_after_the_first_full_sync_old_subscriptions_have_no_deal(story: DealStory):
    story.customer("ada")
    story.subscription("ada")
    story.full()
    story.hourly()
    assert story.deals() == []


def test_a_subscription_created_after_the_first_full_sync_gets_its_deal(story: DealStory):
    story.customer("ada")
    story.full()
    id = story.subscription("ada")
    story.hourly()
    story.deal_shows(id, status="won", person="ada@x.co")


def test_an_old_subscription_that_changes_gets_its_deal(story: DealStory):
    story.customer("ada")
    id = old_subscription(story, "ada", status="in_trial", trial_end=at("2026-11-20"))
    story.full()
    story.billing.edit_subscription(id, trial_end=at("2026-11-30"))
    story.clock.advance(60)
    story.hourly()
    story.deal_shows(id, status="open", expected_close="2026-11-30")


def test_an_old_subscription_gets_no_deal_when_only_its_customer_changes(story: DealStory):
    story.customer("ada")
    old_subscription(story, "ada")
    story.full()
    story.changes("ada", first_name="Ada")
    assert story.hourly() == "1 updated"
    assert story.deals() == []


def test_an_old_subscription_gets_no_deal_when_only_its_mrr_moves(story: DealStory):
    story.customer("ada")
    id = old_subscription(story, "ada")
    story.full()
    story.billing.edit_mrr(id, 9_900)
    story.goes("sync", after=90_000)
    assert story.deals() == []


def test_a_later_full_sync_makes_the_deals_of_old_records(story: DealStory):
    story.customer("ada")
    old, bill = old_subscription(story, "ada"), story.invoice("ada")
    story.full()
    story.full()
    story.deal_shows(old, status="won")
    story.deal_shows(bill, status="won")


def test_a_later_full_sync_asks_before_it_makes_more_deals_than_the_brake_allows(
    transactional_db: None,
):
    story = Braked()
    for name in ("ada", "bo", "cy"):
        story.customer(name)
        story.subscription(name)
    story.full()
    words = story.full(approved=False)
    assert words.startswith("waiting: ")
    assert "3 deals" in words
    assert (story.deals(), story.wrote()) == ([], [])
    story.yes()
    assert [deal["status"] for deal in story.deals()] == ["won"] * 3


def test_an_hourly_sync_asks_too(transactional_db: None):
    story = Braked()
    story.customer("ada")
    story.full()
    for _ in range(3):
        story.subscription("ada")
    assert story.hourly().startswith("waiting: ")
    assert story.deals() == []


def test_as_many_deals_as_the_brake_allows_are_made_without_asking(transactional_db: None):
    story = Braked()
    story.customer("ada")
    story.full()
    for _ in range(2):
        story.subscription("ada")
    story.hourly()
    assert len(story.deals()) == 2


def test_a_second_sync_writes_nothing(story: DealStory):
    story.customer("ada", company="Acme")
    story.full()
    story.subscription("ada", status="in_trial", trial_end=at("2026-11-20"))
    story.subscription("ada", status="cancelled", cancelled_at=at("2026-11-02"))
    story.invoice("ada", status="posted", due_date=at("2026-11-20"))
    story.hourly()
    assert len(story.deals()) == 3
    for kind in ("sync", "full"):
        story.goes(kind)
        assert story.wrote() == []


def test_a_new_customer_and_its_subscription_come_in_one_sync(story: DealStory):
    story.given(organizations=True)
    story.full()
    story.customer("ada", first_name="Ada", company="Acme")
    id = story.subscription("ada")
    story.hourly()
    story.deal_shows(id, person="Ada", organization="Acme", title="Acme - team-USD-monthly")


def test_each_subscription_has_a_deal_of_its_own(story: DealStory):
    story.customer("ada")
    story.full()
    ids = [story.subscription("ada"), story.subscription("ada", status="cancelled")]
    story.hourly()
    assert [story.deal(id)["status"] for id in ids] == ["won", "lost"]


def test_a_deal_without_organizations_has_a_person_alone(story: DealStory):
    story.customer("ada", first_name="Ada", company="Acme")
    story.full()
    id = story.subscription("ada")
    story.hourly()
    story.deal_shows(id, person="Ada", organization=None)


def test_deals_are_off_by_default(story: DealStory):
    story.given(subscription_deals={}, invoice_deals={})
    story.customer("ada")
    story.full()
    story.subscription("ada")
    story.invoice("ada")
    story.hourly()
    story.full()
    assert story.deals() == []


def test_a_preview_shows_the_deals_and_makes_none(story: DealStory):
    story.customer("ada")
    story.full()
    story.subscription("ada")
    story.goes("preview", of="sync")
    assert story.last is not None
    assert story.wrote() == []
    planned = story.last.changes.filter(kind="deal", action="create", state="planned")
    assert planned.count() == 1


def test_a_charge_on_a_subscription_is_no_one_time_invoice(story: DealStory):
    story.customer("ada")
    story.full()
    id = story.subscription("ada")
    bill = story.sandbox.invoices.raise_for("ada", 4_900, [id])["id"]
    story.hourly()
    assert (bool(story.deal(id)), story.deal(bill)) == (True, {})


def test_a_consolidated_invoice_is_no_one_time_invoice(story: DealStory):
    story.customer("ada")
    story.full()
    ids = [story.subscription("ada"), story.subscription("ada")]
    bill = story.sandbox.invoices.raise_for("ada", 4_900, ids)["id"]
    story.hourly()
    assert story.deal(bill) == {}


class Braked(DealStory):
    """A world in which more than two deals ask first."""

    def text(self, settings: str = "", name: str = "acme") -> str:
        """The connection file with a brake of its own."""
        return f"{super().text(settings, name)}\n[brake]\ndeals = 2\n"


@pytest.mark.parametrize("kind", ["subscription", "invoice"])
def test_a_deal_names_the_company_though_its_person_stays_elsewhere(story: DealStory, kind: str):
    on = {f"{each}_deals": {"enabled": each == kind} for each in ("subscription", "invoice")}
    story.given(organizations=True, overwrite="append", **on)
    mine = story.has_organization("Her Own")
    story.has_person("Ada", email="ada@x.co", org_id=mine)
    story.customer("ada", company="Acme")
    story.full()
    made = getattr(story, kind)("ada")
    story.hourly()
    story.deal_shows(made, organization="Acme", person="Ada")
    story.shows("ada", {"organization": "Her Own"})
