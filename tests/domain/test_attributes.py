from typing import Any

import pytest

from chargepipe.domain.attributes import attribute_value, day
from chargepipe.domain.money import Money

NEW_YEAR_BERLIN = 1767222000  # 31 December 2025, 23:00 UTC


def value(attribute: Any, kind: Any, zone: str = "UTC") -> Any:
    return attribute_value(attribute, kind, "EUR", zone)


def test_a_day_is_that_of_the_time_zone():
    assert day(NEW_YEAR_BERLIN, "UTC") == "2025-12-31"
    assert day(NEW_YEAR_BERLIN, "Europe/Berlin") == "2026-01-01"
    assert day(NEW_YEAR_BERLIN - 1, "Europe/Berlin") == "2025-12-31"
    assert day(0, "UTC") == "1970-01-01"
    assert day(None, "UTC") is None


@pytest.mark.parametrize("last", ["UTC", "Pacific/Kiritimati", "Etc/GMT+12"])
def test_the_last_second_that_records_know_is_a_day_everywhere(last: str):
    assert str(day(253_402_128_000, last)).startswith("9999-12-")


@pytest.mark.parametrize("kind", ["text", "number", "date", "money", "option", "yes_no"])
def test_an_absent_attribute_is_an_empty_field(kind: str):
    assert value(None, kind) is None


@pytest.mark.parametrize(
    ("attribute", "text"),
    [
        (" a  b ", "a b"),
        ("", None),
        (" ", None),
        (7, "7"),
        (0, "0"),
        (7.5, "7.5"),
        (True, "Yes"),
        (False, "No"),
        ("x" * 300, "x" * 255),
    ],
)
def test_text_fields_hold_anything_as_text(attribute: Any, text: str | None):
    assert value(attribute, "text") == text


@pytest.mark.parametrize(
    ("attribute", "number"),
    [
        (7, 7),
        (0, 0),
        (7.5, 7.5),
        ("7", 7),
        (" 7.25 ", 7.25),
        ("-7.", -7),
        ("+.5", 0.5),
        ("1e3", 1000),
        ("x", None),
        ("", None),
        ("1_000", None),
        ("1,5", None),
        ("\uff11\uff12", None),
        ("0x10", None),
        ("1 2", None),
        ("1e400", None),
        (True, 1),
        (False, 0),
        ("nan", None),
        ("inf", None),
        (float("nan"), None),
    ],
)
def test_number_fields_hold_numbers(attribute: Any, number: float | None):
    found = value(attribute, "number")
    assert found == number
    assert not isinstance(found, bool)


def test_a_whole_number_in_a_text_stays_whole():
    assert isinstance(value("7.0", "number"), int)


@pytest.mark.parametrize(
    ("attribute", "date"),
    [(0, "1970-01-01"), ("2026-01-31", "2026-01-31"), (" 2026-01-31T10:00:00Z", "2026-01-31")]
    + [(-86400, "1969-12-31"), (86400.5, "1970-01-02")]
    + [(bad, None) for bad in ("2026-02-30", "soon", "", True, 10**20, float("nan"))],
)
def test_date_fields_hold_seconds_and_iso_texts(attribute: Any, date: str | None):
    assert value(attribute, "date") == date


def test_a_text_that_begins_with_a_day_is_that_day():
    assert value("2026-01-31 (Saturday)", "date") == "2026-01-31"


def test_a_date_in_seconds_is_taken_in_the_time_zone():
    assert value(NEW_YEAR_BERLIN, "date", "Europe/Berlin") == "2026-01-01"


def test_a_moment_written_with_its_offset_is_a_day_of_the_time_zone():
    assert value("2025-12-31T23:30:00Z", "date", "Europe/Berlin") == "2026-01-01"
    assert value("2026-01-01T01:30:00+09:00", "date", "UTC") == "2025-12-31"
    assert value("2025-12-31T23:30:00", "date", "Europe/Berlin") == "2025-12-31"


@pytest.mark.parametrize("bad", [True, "5", 5.5])
def test_money_fields_hold_minor_units_only(bad: Any):
    assert value(1234, "money") == Money(1234, "EUR")
    assert value(bad, "money") is None


@pytest.mark.parametrize(
    ("attribute", "label"), [(" gold  card ", "gold card"), (7, "7"), (True, "Yes"), ("", None)]
)
def test_an_option_is_its_label(attribute: Any, label: str | None):
    assert value(attribute, "option") == label


@pytest.mark.parametrize(
    ("attribute", "answer"),
    [
        *((yes, "Yes") for yes in (True, 1, "true", " YES ", "on", "1")),
        *((no, "No") for no in (False, 0, "False", "no", "Off", "0")),
        *((neither, None) for neither in ("maybe", "", 2, 1.5)),
    ],
)
def test_a_yes_or_no_is_read_from_what_people_write(attribute: Any, answer: str | None):
    assert value(attribute, "yes_no") == answer
