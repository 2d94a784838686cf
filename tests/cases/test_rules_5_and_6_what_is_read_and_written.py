"""Section 5, rules 5 and 6: what a sync reads, and that only differences are written."""

from story import DAY, HOUR, Story

from chargepipe.sandbox import Options


def asked(story: Story, service: str) -> list[str]:
    return [path for s, _, path, *_ in story.sandbox.requests if s == service]


def test_a_record_changed_in_the_last_minutes_before_the_watermark_is_not_lost(story: Story):
    story.customer("ada")
    story.full()
    late = int(story.clock.timestamp()) - 300
    story.billing.add_customer(id="bob", email="bob@x.co", updated_at=late, created_at=late)
    assert story.hourly() == "1 created"


def test_what_is_read_twice_is_written_once(story: Story):
    story.customer("ada")
    story.full()
    story.changes("ada", first_name="Ada")
    assert story.hourly() == "1 updated"
    assert story.hourly(after=60) == "nobody"


def test_an_mrr_that_moves_without_a_new_time_is_there_within_a_day_for_no_token(story: Story):
    story.customer("ada")
    sold = story.subscription("ada", mrr=4900)
    story.clock.advance(HOUR)
    story.subscription("ada", status="future", mrr=0)
    story.full()
    story.billing.edit_mrr(sold, 9900)
    assert story.hourly() == "nobody"
    assert story.hourly(after=DAY) == "1 updated"
    story.shows("ada", {"CB Customer MRR": "99 USD"})


def test_a_subscription_that_is_no_longer_listed_counts_as_deleted_within_a_day(
    transactional_db: None,
):
    story = Story(options=Options(tombstone_days=0))
    story.customer("ada")
    sold = story.subscription("ada", mrr=4900)
    story.full()
    story.billing.delete_subscription(sold)
    assert story.hourly() == "nobody"
    assert story.hourly(after=DAY) == "1 updated"
    story.shows("ada", {"CB Customer MRR": "0 USD"})


def test_a_record_that_already_holds_everything_costs_no_request(story: Story):
    story.given(organizations=True)
    story.customer("ada", company="Acme")
    story.full()
    story.changes("ada", vat_number="DE1")
    assert story.hourly() == "1 unchanged"
    assert story.wrote() == []
    assert not any("/persons/" in path for path in asked(story, "pipedrive"))


def test_a_person_who_holds_it_already_is_not_written(story: Story):
    story.customer("ada", first_name="Ada")
    story.full()
    story.changes("ada", first_name="Ida")
    story.crm.edit_person(story.link("ada") or 0, name="Ida")
    assert story.hourly() == "1 unchanged"
    assert story.wrote() == []


def test_what_somebody_changed_in_pipedrive_stays_until_the_record_is_written(story: Story):
    story.customer("ada", first_name="Ada")
    story.full()
    story.crm.edit_person(story.link("ada") or 0, name="Countess")
    story.hourly()
    story.shows("ada", {"name": "Countess"})
