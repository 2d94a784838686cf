"""Setting 14 and rule 8: the share of the daily tokens that runs may use."""

from story import DAY, Story

MANY = 12  # people cost 5 tokens each


def many(story: Story) -> None:
    for number in range(MANY):
        story.customer(f"c{number}")


def spent(story: Story) -> int:
    return sum(tokens for service, *_, tokens in story.sandbox.requests if service == "pipedrive")


def go_on_tomorrow(story: Story) -> None:
    assert story.last is not None
    story.clock.advance(DAY)
    story.last = story.go_on(story.last)


def test_a_run_uses_no_more_than_its_share_and_pauses_in_words(story: Story):
    story.given(budget_share=story.share(80))
    many(story)
    ended = story.full()
    assert ended.startswith("paused: ")
    assert "tokens" in ended
    assert spent(story) <= 80


def test_it_goes_on_the_next_day_until_everybody_is_there_once(story: Story):
    story.given(budget_share=story.share(80))
    many(story)
    story.full()
    for _ in range(3):
        if story.last and story.last.state == "paused":
            go_on_tomorrow(story)
    assert story.last is not None
    assert (story.last.state, story.last.counts["created"]) == ("done", MANY)
    assert len(story.people()) == len(set(story.people())) == MANY


def test_with_a_larger_share_it_is_done_at_once(story: Story):
    story.given(budget_share=story.share(160))
    many(story)
    assert story.full() == f"{MANY} created"


def test_tokens_that_other_tools_have_used_up_pause_it_and_come_back_the_next_day(story: Story):
    many(story)
    story.goes("validate")
    budget = story.sandbox._pipedrive.budget
    budget.spend(budget.left() - 60)
    assert story.full().startswith("paused: ")
    assert len(story.people()) < MANY
    go_on_tomorrow(story)
    assert story.last is not None
    assert (story.last.state, len(story.people())) == ("done", MANY)


def test_the_number_that_is_entered_counts_where_pipedrive_does_not_tell_the_days_tokens(
    story: Story,
):
    story.sandbox.company.shows_limits = False
    story.given(daily_tokens=160, budget_share=0.5)
    many(story)
    assert story.full().startswith("paused: ")
    assert spent(story) <= 80


def test_what_pipedrive_tells_counts_for_more_than_what_is_entered(story: Story):
    story.given(daily_tokens=160, budget_share=0.5)
    many(story)
    assert story.full() == f"{MANY} created"
