"""Rule 13: backfill deals by statuses and a window of dates, made closed with their real dates."""

from typing import Any

import pytest
from deal_story import DealStory, at

from chargepipe.domain.backfill import Window

pytestmark = pytest.mark.django_db(transaction=True)
ENDED = {"cancelled_at": at("2025-06-01 10:00"), "cancel_reason_code": "Too expensive"}
OLD: dict[str, dict[str, Any]] = {
    "won": {"created_at": at("2025-01-15"), "activated_at": at("2025-01-16 08:00")},
    "edge": {"created_at": at("2025-01-31 20:00"), "status": "non_renewing"},
    "lost": {"created_at": at("2025-02-15"), "status": "cancelled", **ENDED},
    "trial": {"created_at": at("2025-03-15"), "status": "in_trial"},
    "moved": {"created_at": at("2025-03-16"), "status": "transferred"},
}
BILLS: dict[str, dict[str, Any]] = {
    "paid": {"date": at("2025-01-20"), "paid_at": at("2025-01-21 12:00")},
    "void": {"date": at("2025-04-20"), "status": "voided", "voided_at": at("2025-05-01 12:00")},
    "nothing": {"date": at("2025-01-20"), "total": 0},
}


def old_records(story: DealStory, **settings: Any) -> None:
    """Ada has subscriptions and invoices of last year; the first full sync has run."""
    story.given(**settings)
    story.customer("ada", first_name="Ada")
    for id, attrs in OLD.items():
        times = {"updated_at": attrs["created_at"], "started_at": attrs["created_at"]}
        story.billing.add_subscription("ada", id=id, **{"activated_at": None, **times, **attrs})
    for id, attrs in BILLS.items():
        story.billing.add_invoice("ada", id=id, updated_at=attrs["date"], **attrs)
    story.full()


def fill(story: DealStory, **window: Any) -> str:
    """A backfill, nobody there to say yes."""
    return story.goes("backfill", window=Window(**window).as_json(), approved=False)


def ids_with_a_deal(story: DealStory) -> set[str]:
    return {id for id in (*OLD, *BILLS) if story.deal(id)}


WINDOWS = [
    (
        "all of them but those that make no deal",
        {},
        {"won", "edge", "lost", "trial", "paid", "void"},
    ),
    ("by statuses of subscriptions", {"statuses": ("active", "in_trial")}, {"won", "trial"}),
    ("by statuses of invoices", {"statuses": ("voided",)}, {"void"}),
    ("by statuses of both", {"statuses": ("cancelled", "paid")}, {"lost", "paid"}),
    ("from a day on", {"start": "2025-02-01"}, {"lost", "trial", "void"}),
    ("up to a day, that day included", {"end": "2025-01-31"}, {"won", "edge", "paid"}),
    ("of one day", {"start": "2025-01-20", "end": "2025-01-20"}, {"paid"}),
    ("none where the window is empty", {"start": "2024-01-01", "end": "2024-12-31"}, set[str]()),
]


@pytest.mark.parametrize(
    ("says", "window", "ids"), WINDOWS, ids=lambda v: v if isinstance(v, str) else ""
)
def test_a_backfill_makes_the_deals(story: DealStory, says: str, window: Any, ids: set[str]):
    old_records(story)
    fill(story, **window)
    assert ids_with_a_deal(story) == ids
    assert len(story.deals()) == len(ids)


def test_days_of_the_window_are_those_of_the_site(story: DealStory):
    old_records(story, time_zone="Asia/Tokyo")
    fill(story, end="2025-01-31")
    assert ids_with_a_deal(story) == {"won", "paid"}


def test_deals_are_closed_at_their_real_times(story: DealStory):
    old_records(story)
    fill(story)
    story.deal_shows("won", status="won", won="2025-01-16 08:00")
    story.deal_shows("lost", status="lost", lost="2025-06-01 10:00", reason="Too expensive")
    story.deal_shows("paid", status="won", won="2025-01-21 12:00")
    story.deal_shows("void", status="lost", lost="2025-05-01 12:00")
    story.deal_shows("trial", status="open", won=None)


def test_a_second_backfill_writes_nothing(story: DealStory):
    old_records(story)
    for _ in range(2):
        fill(story)
    assert story.wrote() == []


def test_a_backfill_looks_at_deals_alone(story: DealStory):
    old_records(story)
    story.changes("ada", first_name="Ida")
    fill(story)
    assert story.people() == ["Ada"]


def test_the_preview_of_a_backfill_writes_nothing(story: DealStory):
    old_records(story)
    story.goes("preview", of="backfill", window=Window().as_json())
    assert story.last is not None
    assert (story.wrote(), story.deals()) == ([], [])
    assert story.last.changes.filter(kind="deal", action="create", state="planned").count() == 6


def test_a_deal_that_was_deleted_is_not_made_again_by_a_backfill(story: DealStory):
    old_records(story)
    fill(story, statuses=("in_trial",))
    story.crm.delete_deal(story.deal("trial")["id"])
    fill(story)
    assert story.deal("trial") == {}


def test_an_undo_takes_a_backfill_back(story: DealStory):
    old_records(story)
    fill(story)
    story.goes("undo", about=story.last)
    assert story.deals() == []
    story.goes("full")
    assert story.deals() == []
