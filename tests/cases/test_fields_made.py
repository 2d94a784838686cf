"""Section 4, custom fields: made on first need, found again by name and type; two sites apart."""

import pytest
from story import Story


@pytest.fixture
def story(transactional_db: None) -> Story:
    """A small world whose Pipedrive has none of our fields."""
    return Story(bare=True)


OURS = ["CB Customer ID", "CB Customer Status", "CB Customer MRR", "CB Customer CMRR"]


def types(story: Story, entity: str = "person") -> dict[str, str]:
    rows = story.crm.fields(entity)  # pyright: ignore[reportArgumentType]
    return {row["field_name"]: row["field_type"] for row in rows if row["is_custom_field"]}


def test_they_are_made_when_something_is_written_and_not_before(story: Story):
    story.given()
    story.full()
    assert story.fields() == []
    story.customer("ada")
    story.hourly()
    assert sorted(story.fields()) == sorted(OURS)


def test_each_has_its_type(story: Story):
    story.given(
        organizations=True,
        subscription_data="person",
        extras=["link", "overdue"],
        business_entities=["be_main"],
    )
    story.customer("ada", company="Acme", business_entity_id="be_main")
    story.full()
    texts = ("CB Customer ID", "CB Plan", "CB Business Entity", "CB Link")
    money = ("CB Customer MRR", "CB Customer CMRR", "CB MRR", "CB Overdue Amount")
    dates = ("CB Next Billing", "CB Trial End", "CB Term End", "CB Cancelled On")
    assert types(story) == {
        **dict.fromkeys(texts, "varchar"),
        **dict.fromkeys(("CB Customer Status", "CB Subscription Status"), "enum"),
        **dict.fromkeys(money, "monetary"),
        **dict.fromkeys((*dates, "CB Overdue Since"), "date"),
        "CB Active Subscriptions": "double",
    }
    assert types(story, "organization") == {"CB Status": "enum", "CB Business Entity": "varchar"}


def test_a_field_that_the_vendors_app_has_made_is_used(story: Story):
    code = story.has_field("CB Customer ID")
    story.customer("ada")
    story.full()
    assert story.fields().count("CB Customer ID") == 1
    assert story.crm.person(story.link("ada") or 0)["custom_fields"][code] == "ada"


def test_a_field_of_our_name_with_another_type_is_an_error_in_words_and_no_second_one_is_made(
    story: Story,
):
    story.has_field("CB Customer MRR", "varchar")
    story.customer("ada")
    ended = story.full()
    assert ended.startswith("failed: ")
    assert "CB Customer MRR" in ended
    assert (story.fields().count("CB Customer MRR"), story.people()) == (1, [])


def test_one_of_our_name_and_type_is_found_behind_one_of_another_type(story: Story):
    other, ours = (story.has_field("CB Customer MRR", type) for type in ("varchar", "monetary"))
    story.customer("ada")
    assert story.full() == "1 created"
    held = story.crm.person(story.link("ada") or 0)["custom_fields"]
    assert (held.get(other), held[ours]["value"]) == (None, 0)


def test_two_connections_of_one_account_have_fields_of_their_own(story: Story):
    story.customer("ada", first_name="Ada")
    story.full()
    second = story.connect(name="second")
    story.run(second, "full")
    assert {f"{name} (acme-test)" for name in OURS} < set(story.fields())


def test_a_mark_links_only_within_its_own_connection(story: Story):
    story.given(match_key={"chargebee": "phone", "pipedrive": "phone"})
    story.customer("ada", first_name="Ada", phone="+4930901820")
    story.full()
    theirs = story.link("ada")
    story.crm.edit_person(theirs or 0, phones=[{"value": "+15550100"}])
    key = 'match_key = {chargebee = "phone", pipedrive = "phone"}'
    run = story.run(story.connect(key, name="second"), "full")
    assert run.counts["created"] == 1, "the id is unique in its own site only"
    assert len(story.people()) == 2
