"""Section 5, rules 8 to 11: go on where a run stopped, one run for one wish, preview, brake."""

from datetime import timedelta
from typing import Any

import pytest
from story import DAY, Story, loses_person

from chargepipe.actions import plans, runs
from chargepipe.actions.refusal import Refused
from chargepipe.sandbox import Fault
from chargepipe.store.models import Run


def many(story: Story, number: int) -> list[str]:
    return [story.customer(f"c{each:02}", first_name=f"N{each:02}") for each in range(number)]


def test_a_create_whose_answer_was_lost_is_found_again_and_not_repeated(story: Story):
    story.given()
    many(story, 3)
    lost = Fault(service="pipedrive", method="POST", path="/persons$", kind="drop_after", times=1)
    story.faults.add(lost)
    assert story.full() == "3 created"
    assert story.people() == ["N00", "N01", "N02"]


def test_a_person_that_pipedrive_refuses_is_an_error_and_the_others_go_on(story: Story):
    story.given()
    many(story, 3)
    refused = Fault(
        service="pipedrive",
        method="POST",
        path="/persons$",
        kind="status",
        status=400,
        body='{"success":false,"error":"Validation failed: name","code":"ERR_SCHEMA"}',
        content_type="application/json",
        times=1,
    )
    story.faults.add(refused)
    assert story.full() == "2 created, 1 failed"
    assert story.errors() == ["refused c00"]
    assert story.hourly() == "1 created"
    assert story.errors() == []


def test_a_second_run_of_the_same_kind_joins_the_one_that_waits(story: Story):
    story.full()
    first = runs.start("acme", "sync")
    assert runs.start("acme", "sync").pk == first.pk
    assert runs.start("acme", "validate").pk != first.pk


def test_a_preview_shows_before_and_after_and_what_it_costs(story: Story):
    story.customer("ada", first_name="Ada")
    story.full()
    story.changes("ada", first_name="Ida")
    story.goes("preview", of="sync")
    assert story.last is not None
    change = story.last.changes.get()
    assert (change.before, change.after) == ({"name": "Ada"}, {"name": "Ida"})
    assert plans.totals(story.last).tokens == 5


def test_exactly_the_previewed_plan_is_applied(story: Story):
    many(story, 2)
    story.goes("preview", of="full")
    story.customer("late")
    assert story.goes("apply", about=story.last) == "2 created"
    assert story.people() == ["N00", "N01"]


def test_what_moved_since_the_preview_is_not_written_and_told(story: Story):
    many(story, 2)
    story.goes("preview", of="full")
    story.changes("c00", first_name="Moved")
    story.goes("apply", about=story.last)
    assert story.last is not None
    assert (story.people(), story.last.counts["moved"]) == (["N01"], 1)


def test_a_plan_expires_after_a_day(story: Story):
    many(story, 1)
    story.goes("preview", of="full")
    assert story.last is not None
    finished = story.last.finished_at
    assert finished is not None
    Run.objects.update(finished_at=finished - timedelta(days=400))
    with pytest.raises(Refused, match="expired"):
        plans.apply(story.last.pk)


def test_a_plan_expires_too_while_it_waits_for_its_yes(story: Story):
    known = many(story, 12)
    story.full()
    for each in known:
        story.changes(each, first_name="New")
    story.goes("preview", of="sync")
    assert story.goes("apply", about=story.last, approved=False).startswith("waiting")
    story.clock.advance(2 * DAY)
    assert "expired" in story.yes()
    assert "New" not in story.people()


def test_a_plan_of_which_something_is_written_is_carried_to_its_end_days_later(story: Story):
    story.given(budget_share=story.share(150))
    many(story, 20)
    story.goes("preview", of="full")
    assert story.goes("apply", about=story.last).startswith("paused")
    assert 0 < len(story.people()) < 20
    assert story.last is not None
    story.clock.advance(2 * DAY)
    story.last = story.go_on(story.last)
    assert (story.last.state, len(story.people())) == ("done", 20)


def test_a_run_asks_before_it_changes_more_than_thirty_per_cent_but_never_below_ten(
    story: Story,
):
    known = many(story, 16)
    story.full()
    for each in known[:9]:
        story.changes(each, last_name="Changed")
    assert story.hourly() == "9 updated"
    for each in known[:10]:
        story.changes(each, last_name="Once More")
    assert story.hourly().startswith("waiting")
    assert story.wrote() == []
    assert story.yes() == "10 updated"


def test_a_run_asks_where_five_linked_people_are_missing_for_they_may_be_hidden(story: Story):
    known = many(story, 8)
    story.full()
    for each in known[:4]:
        loses_person(story, each)
    assert story.hourly() == "4 created"
    for each in known[:5]:
        loses_person(story, each)
    assert story.hourly().startswith("waiting")
    assert (len(story.people()), story.wrote()) == (3, [])


@pytest.mark.parametrize("settings", [{"deleted_persons": "leave"}, {"create_people": False}])
def test_it_asks_for_missing_people_also_where_none_is_made_again(
    story: Story, settings: dict[str, Any]
):
    known = many(story, 8)
    story.full()
    story.given(**settings)
    for each in known[:5]:
        loses_person(story, each)
    story.changes(known[7], first_name="New")
    assert "5 of 8 linked people are missing" in story.hourly()
    assert story.wrote() == []
    assert story.yes() == "1 updated, 5 skipped"
    loses_person(story, known[6])
    assert story.hourly() == "1 skipped"


def test_missing_people_that_are_made_again_count_in_when_more_are_missing_later(story: Story):
    known = many(story, 8)
    story.full()
    for each in known[:5]:
        loses_person(story, each)
    assert story.hourly().startswith("waiting")
    budget = story.sandbox._pipedrive.budget
    budget.spend(budget.left() - 60)
    assert story.yes().startswith("paused")
    loses_person(story, known[7])
    story.clock.advance(DAY)
    assert story.last is not None
    story.last = story.go_on(story.last)
    (words,) = story.last.questions
    assert words.startswith("6 of 8 linked people are missing")
    assert words.endswith("; the yes was to 5")


def test_any_deletion_is_asked_for(story: Story):
    story.given(deleted_customers="delete")
    many(story, 2)
    story.full()
    story.billing.delete_customer("c00")
    assert story.hourly().startswith("waiting")
    assert story.people() == ["N00", "N01"]


def test_another_company_ends_a_run_before_anything_else(story: Story):
    story.given()
    many(story, 1)
    story.crm.me["company_id"] = 4711
    assert story.full().startswith("failed")
    assert (story.people(), story.wrote()) == ([], [])


def test_a_lost_admin_right_ends_a_run_before_anything_else(story: Story):
    story.given()
    many(story, 1)
    for access in story.crm.me["access"]:
        access["admin"] = False
    ended = story.full()
    assert ended.startswith("failed")
    assert "admin" in ended
    assert story.wrote() == []
