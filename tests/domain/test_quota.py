import pytest

from chargepipe.domain.fields import FieldSpec
from chargepipe.domain.quota import Choice, Room, choices, plan_of, to_fit, too_many

from .builders import settings


@pytest.mark.parametrize(
    ("burst", "oauth", "plan"),
    [
        *((20, False, "Lite"), (40, False, "Growth"), (100, False, "Premium")),
        *((120, False, "Ultimate"), (80, True, "Lite"), (160, True, "Growth")),
        *((400, True, "Premium"), (480, True, "Ultimate")),
        *((None, False, None), (80, False, None), (20, True, None), (21, False, None)),
    ],
)
def test_the_burst_limit_tells_the_plan_and_nothing_else_is_guessed(
    burst: int | None, oauth: bool, plan: str | None
):
    assert plan_of(burst, oauth=oauth) == plan


@pytest.mark.parametrize(
    ("room", "free", "short"),
    [
        (Room(13, 5, 22, "Lite"), 8, 0),
        (Room(13, 4, 22, "Lite"), 8, 1),
        (Room(4, 0, 40, "Lite"), 0, 4),
        (Room(13, 0, 0, "Growth"), 100, 0),
        (Room(13, 0, 0, "Premium"), 300, 0),
        (Room(13, 0, 499, "Ultimate"), 1, 12),
        (Room(13, 0, 500, None), None, 0),
    ],
)
def test_what_does_not_fit_is_counted(room: Room, free: int | None, short: int):
    assert (room.free, room.short) == (free, short)


def test_a_room_says_what_is_needed_there_and_free():
    assert str(Room(13, 5, 22, "Lite")) == (
        "These settings need 13 custom fields, 5 are there; "
        "8 of 30 are free on this account (Lite)."
    )
    assert str(Room(4, 4, 22, None)) == (
        "These settings need 4 custom fields, all are there; 22 are in use; "
        "Pipedrive does not tell how many it allows."
    )
    assert str(Room(2, 1, 0, "Lite")).startswith("These settings need 2 custom fields, 1 is there;")
    assert str(Room(1, 0, 0, "Lite")).startswith("These settings need 1 custom field, 0 are there;")


MUCH = settings(
    subscription_data="person",
    extras=["link", "overdue"],
    additional_fields=[{"from": "customer.cf_a", "to": "person.A"}],
)


def test_each_setting_that_can_be_done_without_is_offered_with_its_fields():
    assert choices(MUCH, lambda _: False) == (
        Choice('subscription_data = "person"', 8),
        Choice('"overdue" of extras', 2),
        Choice('"link" of extras', 1),
        Choice("additional field person.A", 1),
    )


def test_fields_that_stand_already_save_nothing():
    there = {"CB Link", "A", "CB MRR", "CB Plan"}

    def stands(spec: FieldSpec) -> bool:
        return spec.name in there

    assert choices(MUCH, stands) == (
        Choice('subscription_data = "person"', 6),
        Choice('"overdue" of extras', 2),
    )


@pytest.mark.parametrize(
    ("short", "chosen"),
    [
        (1, ["link"]),
        (2, ["overdue"]),
        (3, ["overdue", "link"]),
        (5, ["data"]),
        (11, ["data", "overdue", "link"]),
        (12, []),
    ],
)
def test_the_smallest_choice_that_is_enough_is_named(short: int, chosen: list[str]):
    offered = (Choice("data", 8), Choice("overdue", 2), Choice("link", 1))
    assert [choice.setting for choice in to_fit(offered, short)] == chosen


def test_words_for_too_many_fields_name_the_choice_and_every_price():
    words = too_many(Room(16, 0, 17, "Lite"), choices(MUCH, lambda _: False))
    assert "3 do not fit, so nothing is written." in words
    assert 'switch off: "overdue" of extras, "link" of extras.' in words
    assert '(fields): subscription_data = "person" (8), "overdue" of extras (2)' in words
    assert words.endswith(
        "Or delete custom fields in Pipedrive, or ask an admin for a bigger plan."
    )


def test_where_nothing_helps_the_words_say_so():
    words = too_many(Room(4, 0, 29, "Lite"), ())
    assert "Switching off settings is not enough to fit. Or delete custom fields" in words
    words = too_many(Room(4, 0, 30, "Lite"), (Choice("link", 1),))
    assert "not enough to fit. Each setting needs (fields): link (1). Or delete" in words


def test_deals_can_be_switched_off_to_fit():
    chosen = settings(subscription_deals={"enabled": True}, invoice_deals={"enabled": True})
    offered = choices(chosen, lambda _: False)
    assert [str(each) for each in offered] == ["subscription_deals (4)", "invoice_deals (3)"]
