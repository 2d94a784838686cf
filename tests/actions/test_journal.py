from typing import Any

import pytest

from chargepipe.actions.journal import FieldChange, fields, in_words
from chargepipe.store.models import Change

ZERO_DECIMAL = ("JPY",)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "-"),
        ("", "-"),
        (0, "0"),
        ("Active", "Active"),
        ({"amount": 4950, "currency": "USD"}, "49.50 USD"),
        ({"amount": 4950, "currency": "JPY"}, "4,950 JPY"),
        ({"raw": {"value": 1.234, "currency": "USD"}}, "{'value': 1.234, 'currency': 'USD'}"),
        ({"key": "acme inc", "id": None}, "acme inc"),
        ({"key": None, "id": 12}, "id 12"),
        ([{"value": "a@x.example", "label": "work", "primary": True}], "a@x.example"),
        ([], "-"),
    ],
)
def test_a_value_reads_as_people_write_it(value: Any, words: str) -> None:
    assert in_words(value, ZERO_DECIMAL) == words


def test_a_change_is_told_field_by_field() -> None:
    change = Change(before={"name": "Ann"}, after={"name": "Anna", "CB Status": "Active"})
    assert fields(change, ZERO_DECIMAL) == [
        FieldChange("name", "Ann", "Anna"),
        FieldChange("CB Status", "-", "Active"),
    ]
