"""Setting 11, overwrite; with it the emails and phones of section 4."""

import pytest
from sheet import Outcome, Row
from story import Story, field

FILL = {"overwrite": "fill_empty"}
APPEND = {"overwrite": "append"}

ROWS = [
    Row(
        "a new person gets email and phone as its primary ones",
        customer={"id": "ada", "email": "ada@x.co", "phone": "+4930901820"},
        shows={
            "emails": ["ada@x.co"],
            "primary email": "ada@x.co",
            "phones": ["+4930901820"],
            "primary phone": "+4930901820",
        },
    ),
    Row(
        "always: our phone becomes the primary one and the others stay",
        before={"phone": "+15550100 +15550101"},
        customer={"phone": "+4930901820"},
        shows={
            "phones": ["+4930901820", "+15550100", "+15550101"],
            "primary phone": "+4930901820",
        },
    ),
    Row(
        "always: a phone that is equal as a match key is there already and is not written",
        before={"phone": "+15550100 +49-30-901820"},
        customer={"phone": "+49 30 901820"},
        shows={"phones": ["+15550100", "+49-30-901820"], "primary phone": "+15550100"},
    ),
    Row(
        "always: an email that changes replaces the one that we wrote",
        customer={"email": "old@x.co"},
        later={"email": "new@x.co"},
        shows={"emails": ["new@x.co"], "primary email": "new@x.co"},
    ),
    Row(
        "always: an email that was there before us stays beside the new one",
        before={"email": "own@x.co"},
        customer={"email": "own@x.co"},
        later={"email": "second@x.co"},
        shows={"emails": ["second@x.co", "own@x.co"], "primary email": "second@x.co"},
    ),
    Row(
        "always: a phone that changes replaces the one that we wrote",
        before={"phone": "+15550100"},
        customer={"phone": "+4930901820"},
        later={"phone": "+4930901821"},
        shows={"phones": ["+4930901821", "+15550100"], "primary phone": "+4930901821"},
    ),
    Row(
        "append: our phone is added without touching the primary one",
        settings=APPEND,
        before={"phone": "+15550100"},
        customer={"phone": "+4930901820"},
        shows={"phones": ["+15550100", "+4930901820"], "primary phone": "+15550100"},
    ),
    Row(
        "append: our new phone takes the place of our old one",
        settings=APPEND,
        before={"phone": "+15550100"},
        customer={"phone": "+4930901820"},
        later={"phone": "+4930901821"},
        shows={"phones": ["+15550100", "+4930901821"], "primary phone": "+15550100"},
    ),
    Row(
        "append: an email is added to the person's own",
        settings=APPEND,
        before={"email": "own@x.co"},
        customer={"email": "own@x.co"},
        later={"email": "second@x.co"},
        shows={"emails": ["own@x.co", "second@x.co"], "primary email": "own@x.co"},
    ),
    Row(
        "append: a person without a phone gets ours as the primary one",
        settings=APPEND,
        before={},
        customer={"phone": "+4930901820"},
        shows={"phones": ["+4930901820"], "primary phone": "+4930901820"},
    ),
    Row(
        "fill empty: a phone is written where there is none",
        settings=FILL,
        before={},
        customer={"phone": "+4930901820"},
        shows={"phones": ["+4930901820"], "primary phone": "+4930901820"},
    ),
    Row(
        "fill empty: where there is a phone ours is not written",
        settings=FILL,
        before={"phone": "+15550100"},
        customer={"phone": "+4930901820"},
        shows={"phones": ["+15550100"]},
    ),
    Row(
        "fill empty: the name in Pipedrive stays",
        settings=FILL,
        before={"name": "Miss Byron"},
        customer={"first_name": "Ada"},
        shows={"name": "Miss Byron"},
    ),
    Row(
        "fill empty: our own fields are written all the same",
        settings=FILL,
        before={"name": "Miss Byron"},
        customer={"id": "ada-1", "first_name": "Ada"},
        subscriptions=({"mrr": 4900},),
        shows={"CB Customer ID": "ada-1", "CB Customer MRR": "49 USD"},
    ),
    Row(
        "fill empty: a new person gets everything",
        settings=FILL,
        customer={"first_name": "Ada", "email": "new@x.co", "phone": "+4930901820"},
        shows={"name": "Ada", "emails": ["new@x.co"], "phones": ["+4930901820"]},
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_what_is_overwritten(row: Row, outcome: Outcome):
    outcome.check(row)


@pytest.mark.parametrize(("policy", "primary"), [("always", "own@x.co"), ("append", "home@x.co")])
def test_an_email_that_goes_back_to_the_persons_own_takes_ours_out(
    story: Story, policy: str, primary: str
):
    story.given(overwrite=policy)
    story.has_person("Ada", email="home@x.co own@x.co")
    story.customer("ada", email="own@x.co")
    story.full()
    story.changes("ada", email="ours@x.co")
    story.hourly()
    story.changes("ada", email="own@x.co")
    assert story.hourly() == "1 updated"
    assert sorted(story.person("ada")["emails"]) == ["home@x.co", "own@x.co"]
    story.shows("ada", {"primary email": primary})
    story.goes("undo", about=story.last)
    assert sorted(story.person("ada")["emails"]) == ["home@x.co", "ours@x.co", "own@x.co"]
    story.changes("ada", email="other@x.co")
    story.hourly()
    assert sorted(story.person("ada")["emails"]) == ["home@x.co", "other@x.co", "own@x.co"]


@pytest.mark.parametrize(("policy", "after"), [("always", "Acme"), ("fill_empty", "Her Own")])
def test_whether_a_persons_organization_is_replaced(story: Story, policy: str, after: str):
    story.given(organizations=True, overwrite=policy)
    mine = story.has_organization("Her Own")
    story.has_person("Ada", email="ada@x.co", org_id=mine)
    story.has_person("Bob", email="bob@x.co")
    for name in ("ada", "bob"):
        story.customer(name, company="Acme")
    story.full()
    story.shows("ada", {"organization": after})
    story.shows("bob", {"organization": "Acme"})


@pytest.mark.parametrize("policy", ["fill_empty", "append"])
def test_no_organization_is_made_that_nobody_joins(story: Story, policy: str):
    story.given(organizations=True, overwrite=policy)
    mine = story.has_organization("Her Own")
    story.has_person("Ada", email="ada@x.co", org_id=mine)
    story.customer("ada", company="Acme")
    story.customer("bob", company="Bolt")
    story.full()
    story.changes("bob", company="Brick")
    story.hourly()
    assert story.organizations() == ["Bolt", "Her Own"]
    story.customer("cem", company="ACME")
    story.full()
    assert story.organizations() == ["Acme", "Bolt", "Her Own"]
    story.shows("ada", {"organization": "Her Own"})
    story.shows("cem", {"organization": "Acme"})


def test_of_two_companies_of_one_new_person_only_the_first_is_made(story: Story):
    story.given(organizations=True, overwrite="append")
    story.customer("ada", email="both@x.co", company="Acme")
    story.customer("bob", email="both@x.co", company="Bolt")
    story.full()
    assert story.organizations() == ["Acme"]
    story.shows("bob", {"organization": "Acme"})


def test_one_of_the_companys_name_is_linked_though_its_person_stays_elsewhere(story: Story):
    story.given(organizations=True, overwrite="append")
    mine = story.has_organization("Her Own")
    story.has_organization("Acme")
    story.has_person("Ada", email="ada@x.co", org_id=mine)
    story.customer("ada", company="Acme")
    story.full()
    story.organization_shows("Acme", {"CB Status": "Active"})
    story.shows("ada", {"organization": "Her Own"})


def test_a_field_has_a_policy_of_its_own(story: Story):
    tier, seats = story.has_field("Tier"), story.has_field("Seats")
    fields = [
        field("customer.cf_tier", "person.Tier", overwrite="fill_empty"),
        field("customer.cf_seats", "person.Seats"),
    ]
    story.given(additional_fields=fields)
    story.has_person("Ada", email="ada@x.co", custom_fields={tier: "silver", seats: "1"})
    story.has_person("Bob", email="bob@x.co")
    for name in ("ada", "bob"):
        story.customer(name, cf_tier="gold", cf_seats="9")
    story.full()
    story.shows("ada", {"Tier": "silver", "Seats": "9"})
    story.shows("bob", {"Tier": "gold", "Seats": "9"})


def test_under_always_every_field_that_differs_is_written_when_one_is(story: Story):
    story.customer("ada", first_name="Ada")
    story.full()
    story.crm.edit_person(story.link("ada") or 0, name="Countess")
    story.subscription("ada", mrr=4900)
    story.hourly()
    story.shows("ada", {"name": "Ada", "CB Customer MRR": "49 USD"})
