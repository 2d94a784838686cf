"""Section 2, steps 4 to 7: trial, first full sync, later ones, the hourly sync, the preview."""

import pytest
from story import DAY, HOUR, Story

from chargepipe.accounts.connect import NoAdmin
from chargepipe.actions import connections, runs, scheduling, unlinking
from chargepipe.actions.refusal import Refused
from chargepipe.domain.settings import SettingsError

DEALS = {"subscription_deals": {"enabled": True}}


def twelve(story: Story) -> None:
    for number in range(12):
        story.customer(f"c{number:02}")


def test_a_trial_writes_the_ten_oldest_customers_for_real(story: Story):
    twelve(story)
    assert story.goes("trial") == "10 created"
    assert story.people() == [f"c{number:02}@x.co" for number in range(10)]


def test_a_trial_passes_over_customers_with_a_blocking_finding(story: Story):
    story.customer("keyless", email=None)
    twelve(story)
    assert story.goes("trial") == "10 created"
    assert story.link("c09") is not None


def test_customers_can_be_chosen_for_a_trial(story: Story):
    twelve(story)
    assert story.goes("trial", only=["c11"]) == "1 created"
    assert story.people() == ["c11@x.co"]


def test_a_trial_is_undone_in_one_go(story: Story):
    story.given(organizations=True)
    story.has_person("Kay", email="kay@x.co")
    story.customer("kay", first_name="Katherine")
    story.customer("ada", company="Acme")
    story.goes("trial")
    story.goes("undo", about=story.last)
    assert (story.people(), story.organizations()) == (["Kay"], [])


def test_a_trial_and_the_first_full_sync_make_no_deals(story: Story):
    story.given(**DEALS)
    story.customer("ada")
    story.subscription("ada")
    for kind in ("trial", "full"):
        story.goes(kind)
        assert story.crm.deals() == []


def test_a_trial_does_not_lock_the_match_key_and_switches_no_hourly_sync_on(story: Story):
    story.customer("ada")
    story.goes("trial")
    assert story.connection.next_sync_at is None
    story.given(match_key={"chargebee": "phone", "pipedrive": "phone"})


def test_the_first_full_sync_is_confirmed_by_the_person_who_starts_it(story: Story):
    story.given()
    run = runs.start("acme", "full")
    assert (run.state, len(run.questions)) == ("waiting", 1)
    assert story.wrote() == []


def test_a_sync_before_the_first_full_one_is_refused(story: Story):
    story.given()
    with pytest.raises(Refused, match="full"):
        runs.start("acme", "sync")


def test_after_a_trial_the_first_full_sync_brings_everybody_else(story: Story):
    twelve(story)
    story.goes("trial")
    assert story.full() == "2 created, 10 unchanged"
    assert len(story.people()) == 12


def test_after_the_first_full_sync_the_key_is_locked_and_the_hourly_sync_on(story: Story):
    story.full()
    assert story.last is not None
    assert story.last.finished_at is not None
    due = story.connection.next_sync_at
    assert due is not None
    assert (due - story.last.finished_at).total_seconds() == HOUR
    with pytest.raises(SettingsError, match="match_key"):
        story.given(match_key={"chargebee": "phone", "pipedrive": "phone"})


def test_the_next_hourly_sync_is_due_an_hour_after_the_last_run_ended(story: Story):
    story.full()
    story.goes("validate", after=1800)
    assert story.last is not None
    assert story.last.finished_at is not None
    due = story.connection.next_sync_at
    assert due is not None
    assert (due - story.last.finished_at).total_seconds() == HOUR


def test_the_hourly_sync_can_be_switched_off_and_another_interval_chosen(story: Story):
    story.full()
    assert scheduling.schedule("acme", "off").next_sync_at is None
    again = scheduling.schedule("acme", "15m")
    assert connections.stored_file(again).schedule.every.total_seconds() == 900


def test_an_hourly_sync_looks_only_at_what_is_new_or_changed(story: Story):
    twelve(story)
    story.full()
    assert story.hourly() == "nobody"
    story.changes("c03", first_name="Carl")
    story.customer("late")
    assert story.hourly() == "1 created, 1 updated"
    assert story.wrote() == ["PATCH persons", "POST persons"]


def test_a_changed_subscription_brings_its_customer(story: Story):
    story.customer("ada")
    sold = story.subscription("ada", mrr=4900)
    story.full()
    story.billing.edit_subscription(sold, mrr=9900)
    assert story.hourly() == "1 updated"
    story.shows("ada", {"CB Customer MRR": "99 USD"})


def test_a_later_full_sync_looks_at_everybody_and_writes_what_differs(story: Story):
    twelve(story)
    story.full()
    assert story.full() == "12 unchanged"
    assert story.wrote() == []


def test_a_change_of_settings_touches_only_what_syncs_from_then_on(story: Story):
    story.customer("ada")
    story.customer("bob")
    story.full()
    story.given(extras=["link"])
    assert story.hourly() == "nobody"
    story.changes("ada", first_name="Ada")
    assert story.hourly() == "1 updated"
    assert story.person("ada")["CB Link"]
    assert not story.person("bob")["CB Link"]


def test_a_change_of_settings_is_applied_to_everything_by_a_preview_and_its_plan(story: Story):
    story.customer("ada")
    story.full()
    story.given(extras=["link"])
    assert story.goes("preview", of="full") == "1 updated"
    assert story.wrote() == []
    assert story.goes("apply", about=story.last) == "1 updated"
    assert story.person("ada")["CB Link"]


@pytest.mark.parametrize("of", ["full", "sync"])
def test_a_preview_writes_nothing_and_leaves_everything_to_the_run(story: Story, of: str):
    story.customer("ada")
    story.full()
    story.changes("ada", first_name="Ada")
    story.customer("bob")
    assert story.goes("preview", of=of) == "1 created, 1 updated"
    assert (story.wrote(), story.people()) == ([], ["ada@x.co"])
    assert story.hourly() == "1 created, 1 updated"


def test_settings_are_taken_from_the_test_connection_to_the_live_one(story: Story):
    story.given(organizations=True, overwrite="append", extras=["link"])
    story.connect(name="live")
    connections.apply(connections.propose(connections.export("acme", "live")), story.env)
    rules = [connections.stored_file(connections.find(n)).settings for n in ("acme", "live")]
    assert rules[0] == rules[1]


def test_unlinked_and_linked_again_nobody_is_made_twice(story: Story):
    story.given(organizations=True)
    story.customer("ada", company="Acme")
    story.full()
    linked = story.link("ada")
    unlinking.unlink("acme")
    story.changes("ada", first_name="Ada", email="new@x.co")
    story.given(organizations=True)
    assert story.hourly(after=DAY) == "1 updated"
    assert (story.link("ada"), story.people(), story.organizations()) == (linked, ["Ada"], ["Acme"])


def test_unlinked_no_run_starts(story: Story):
    story.full()
    unlinking.unlink("acme")
    with pytest.raises(Refused, match="unlinked"):
        runs.start("acme", "sync")


def test_the_pipedrive_user_must_be_an_admin(story: Story):
    for access in story.crm.me["access"]:
        access["admin"] = False
    with pytest.raises(NoAdmin, match="admin"):
        story.given()
