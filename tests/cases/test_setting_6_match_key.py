"""Setting 6 and rule 2: the pair of fields by which a customer finds its person, and its lock."""

import pytest
from sheet import Outcome, Row
from story import Story

from chargepipe.actions import move_key
from chargepipe.domain.settings import SettingsError

PHONE = {"match_key": {"chargebee": "phone", "pipedrive": "phone"}}


ROWS = [
    Row(
        "an email is compared without case and outer blanks",
        before={"name": "Kay", "email": "ADA@X.co"},
        customer={"first_name": "Ada", "email": "ada@x.CO"},
        shows={"name": "Ada", "emails": ["ADA@X.co"]},
    ),
    Row(
        "any of the person's emails will do",
        before={"name": "Kay", "email": "work@x.co home@x.co"},
        customer={"first_name": "Ada", "email": "home@x.co"},
        shows={"emails": ["work@x.co", "home@x.co"], "primary email": "work@x.co"},
    ),
    Row(
        "an email that is only a part of another is not equal",
        before={"name": "Kay", "email": "dora@x.co"},
        customer={"first_name": "Ada", "email": "ora@x.co"},
        shows={"emails": ["ora@x.co"]},
    ),
    Row(
        "a customer without a value in its field is an error",
        customer={"first_name": "Ada", "email": None},
        error="no_match_key",
    ),
    Row(
        "a phone is compared as an international number",
        settings=PHONE,
        before={"name": "Kay", "phone": "+49-30-901820"},
        customer={"first_name": "Ada", "phone": "0049 30 901820"},
        shows={"name": "Ada", "phones": ["+49-30-901820"]},
    ),
    Row(
        "a national phone is read in the country of the billing address",
        settings=PHONE,
        before={"name": "Kay", "phone": "+4930901821"},
        customer={"phone": "030 901821", "billing_address": {"country": "DE"}},
        shows={"phones": ["+4930901821"]},
    ),
    Row(
        "without a country equal digits are an equal phone",
        settings=PHONE,
        before={"name": "Kay", "phone": "555-01-99"},
        customer={"phone": "5550199"},
        shows={"phones": ["555-01-99"]},
    ),
    Row(
        "a customer without a phone is an error under a key of phones",
        settings=PHONE,
        customer={"email": "ada@x.co"},
        error="no_match_key",
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_which_values_are_equal(row: Row, outcome: Outcome):
    outcome.check(row)


@pytest.mark.parametrize(
    ("attribute", "value"), [("id", "ada"), ("cf_number", "N-100"), ("email", "ada@x.co")]
)
def test_a_text_custom_field_of_the_person_can_be_the_key(story: Story, attribute: str, value: str):
    code = story.has_field("Number")
    story.given(match_key={"chargebee": attribute, "pipedrive": "Number"})
    kay = story.has_person("Kay", custom_fields={code: f" {value.upper()} "})
    story.customer("ada", first_name="Ada", cf_number="N-100")
    assert story.full() == "1 updated"
    assert story.link("ada") == kay


def test_an_email_can_be_looked_for_in_a_key_of_texts_and_finds_nobody_else(story: Story):
    story.has_field("Number")
    story.given(match_key={"chargebee": "id", "pipedrive": "Number"})
    story.has_person("Kay", email="ada@x.co")
    story.customer("ada", first_name="Ada")
    assert story.full() == "1 created"
    assert story.people() == ["Kay", "Ada"], "an equal email does not matter under another key"


def test_a_text_that_is_longer_than_a_key_finds_its_person(story: Story):
    code, text = story.has_field("Key", "text"), "ß" * 160
    story.given(match_key={"chargebee": "cf_key", "pipedrive": "Key"})
    kay = story.has_person("Kay", custom_fields={code: text})
    story.customer("ada", cf_key=text)
    assert story.full() == "1 updated"
    assert story.link("ada") == kay


def test_it_can_change_after_a_trial(story: Story):
    story.customer("ada")
    story.goes("trial")
    story.given(**PHONE)
    story.customer("bob", phone="+4930901820")
    assert story.full() == "1 created, 1 unchanged"


def test_it_is_locked_after_the_first_full_sync(story: Story):
    story.given()
    story.full()
    with pytest.raises(SettingsError, match="match_key"):
        story.given(**PHONE)


def test_later_it_is_moved_by_plan_and_linked_people_stay_linked(story: Story):
    story.given()
    story.customer("ada", first_name="Ada")
    kay = story.has_person("Kay", phone="+4930901820")
    story.full()
    before = story.link("ada")
    planned = move_key.preview("acme", "phone", "phone", story.env)
    assert (planned.no_customer_value, planned.unlinked) == (1, 0)
    move_key.move(planned)
    story.customer("bob", phone="+49 30 901820")
    assert story.hourly() == "1 updated"
    assert (story.link("ada"), story.link("bob")) == (before, kay)
