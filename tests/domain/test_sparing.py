from typing import Any

import pytest

from chargepipe.domain.diff import Difference
from chargepipe.domain.money import Money
from chargepipe.domain.sparing import spared
from chargepipe.domain.targets import PersonTarget
from chargepipe.domain.values import to_json


def wants(**more: Any) -> PersonTarget:
    given: dict[str, Any] = {"name": "Oda", "email": "o@x.co", "phone": "030 901820", **more}
    return PersonTarget(country="DE", organization=None, organization_name=None, **given)


def rows(*values: str) -> list[dict[str, Any]]:
    return [{"value": each, "label": "work", "primary": each == values[0]} for each in values]


@pytest.mark.parametrize(
    ("name", "before", "after", "stays"),
    [
        ("name", " Oda ", "ada", True),
        ("name", "Ada", "ada", False),
        ("emails", rows("O@x.co", "b@x.co"), rows("b@x.co"), True),
        ("emails", rows("o@x.co", "a@x.co"), rows("o@x.co"), False),
        ("phones", rows("+4930901820"), [], True),
        ("phones", rows("+15550100"), [], False),
        ("Tier", "gold", None, True),
        ("Tier", "silver", None, False),
        ("Tier", "gold", "silver", False),
        ("Deposit", to_json(Money(900, "EUR")), None, True),
        ("Empty", None, "new", False),
        ("Other", "any", None, False),
    ],
)
def test_what_another_one_wants_is_not_taken_away(name: str, before: Any, after: Any, stays: bool):
    theirs = wants(fields={"Tier": "gold", "Deposit": Money(900, "EUR"), "Empty": None})
    difference = Difference({name: before}, {name: after})
    assert spared(difference, [wants(name="Eve", email=None, fields={}), theirs]) == (
        Difference() if stays else difference
    )


def test_a_record_that_is_to_be_made_loses_nothing():
    made = Difference(after={"name": "Oda"})
    assert spared(made, [wants(fields={})]) == made
