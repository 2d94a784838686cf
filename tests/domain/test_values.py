import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepipe.domain.money import Money
from chargepipe.domain.values import JSON, Raw, Value, from_json, to_json

PLAIN = st.none() | st.text() | st.integers() | st.floats(allow_nan=False)
MONEY = st.builds(Money, st.integers(), st.sampled_from(["EUR", "JPY"]))
RAW = st.builds(Raw, st.recursive(PLAIN | st.booleans(), st.lists, max_leaves=5))


@given(PLAIN | MONEY | RAW)
def test_a_round_trip_through_json_keeps_every_value(value: Value):
    assert from_json(json.loads(json.dumps(to_json(value)))) == value


def test_money_and_raw_look_different_in_json():
    assert to_json(Money(5, "EUR")) == {"amount": 5, "currency": "EUR"}
    assert to_json(Raw({"amount": 5})) == {"raw": {"amount": 5}}


@pytest.mark.parametrize("json", [True, [], {}, {"amount": 5}, {"raw": 1, "amount": 2}])
def test_other_json_is_refused(json: JSON):
    with pytest.raises(ValueError, match=r"^not the JSON form of a field value$"):
        from_json(json)
