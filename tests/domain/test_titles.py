"""The title of a deal."""

import pytest

from chargepipe.domain.titles import title_of, words_of
from domain.builders import customer

ADA = customer(first_name="Ada", last_name="Byron", email="ada@x.co", company="Engines  Ltd")


def title(template: str, of: object = ADA, plan: str | None = "pro-eur") -> str:
    return title_of(template, words_of(of, "s1", "in_trial", plan))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("template", "made"),
    [
        ("{company_or_name} - {plan}", "Engines Ltd - pro-eur"),
        ("{name} <{email}> {customer_id}", "Ada Byron <ada@x.co> c1"),
        ("{company}: {status} ({id})", "Engines Ltd: In trial (s1)"),
        ("Renewal", "Renewal"),
        ("  two   blanks  {id} ", "two blanks s1"),
    ],
)
def test_a_title_holds_the_words_of_its_template(template: str, made: str):
    assert title(template) == made


def test_a_customer_without_a_company_is_named_by_the_person():
    assert title("{company_or_name} - {plan}", customer(first_name="Bo")) == "Bo - pro-eur"
    assert title("{name}", customer(id="c9")) == "c9"


def test_what_parts_an_empty_word_from_the_end_goes_with_it():
    assert title("{company_or_name} - {plan}", plan=None) == "Engines Ltd"
    assert title("{company}, {id}", customer(email="b@x.co")) == "s1"
    assert title("{id} / {company} / {plan}", customer(), None) == "s1"


def test_a_dash_that_the_template_ends_in_stays_where_no_word_is_empty():
    assert title("- {id} -") == "- s1 -"


def test_a_title_of_which_nothing_is_left_is_the_id():
    assert title("{plan}", plan=None) == "s1"
    assert title("{email}", customer()) == "s1"
    assert title(" - {company} - ", customer()) == "s1"


def test_a_title_has_at_most_255_characters():
    assert title("{company}", customer(company="x" * 300)) == "x" * 255
