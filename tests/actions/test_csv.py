"""CSV that opens as it was meant."""

import pytest

from chargepipe.actions.csv import lines, safe


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "\tx", "\rx", "+cmd", "-x", "+", "-"])
def test_a_formula_is_neutralised(text: str):
    assert safe(text) == f"'{text}"


@pytest.mark.parametrize("text", ["+49 30 123", "-5", "Ada", "", "a=b"])
def test_phones_and_numbers_stay_as_they_are(text: str):
    assert safe(text) == text


def test_nothing_is_an_empty_cell_and_quotes_are_doubled():
    assert list(lines(("a", "b"), [(None, 'say "x", y')])) == [
        "\ufeffa,b\r\n",
        ',"say ""x"", y"\r\n',
    ]
