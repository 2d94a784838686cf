"""Section 5, rule 12: undo a run, a record or a change; what a person changed since stays."""

from typing import Any

from story import DAY, Story


def synced(story: Story, **settings: object) -> None:
    """Ada was made, at Acme; Kay was there and has been changed."""
    story.given(organizations=True, **settings)
    story.has_person("Kay", email="kay@x.co", phone="+15550100")
    story.customer("kay", first_name="Katherine", phone="+4930901820")
    story.customer("ada", first_name="Ada", company="Acme")
    story.full()


def kay(story: Story) -> dict[str, object]:
    (row,) = [row for row in story.crm.persons() if row["emails"][0]["value"] == "kay@x.co"]
    return story.held("person", row)


def undo(story: Story, **more: Any) -> str:
    return story.goes("undo", about=story.last, **more)


def test_what_was_made_is_deleted_what_was_changed_gets_its_before_and_fields_stay(story: Story):
    synced(story)
    fields = story.fields()
    undo(story)
    assert story.fields() == fields
    assert (story.people(), story.organizations()) == (["Kay"], [])
    held = kay(story)
    assert (held["name"], held["phones"]) == ("Kay", ["+15550100"])
    assert held["CB Customer ID"] is None


def test_what_a_person_changed_since_stays_and_is_listed(story: Story):
    synced(story)
    story.crm.edit_person(story.link("kay") or 0, name="Kay of sales")
    undo(story)
    held = kay(story)
    assert (held["name"], held["phones"]) == ("Kay of sales", ["+15550100"])
    assert story.last is not None
    assert story.last.counts["kept"] == 1


def test_one_customer_of_a_run_is_undone_and_the_others_stay(story: Story):
    synced(story)
    undo(story, only=["ada"])
    assert story.people() == ["Katherine"]


def test_one_change_is_undone(story: Story):
    synced(story)
    assert story.last is not None
    change = story.last.changes.get(kind="person", source_key="kay")
    undo(story, of=f"change {change.pk}")
    assert sorted(story.people()) == ["Ada", "Kay"]


def test_a_deleted_person_is_made_anew(story: Story):
    synced(story, deleted_customers="delete")
    story.billing.delete_customer("kay")
    story.hourly(approved=True)
    assert story.people() == ["Ada"]
    undo(story)
    assert sorted(story.people()) == ["Ada", "Katherine"]


def test_an_undone_record_is_held_by_every_run_until_it_is_modified_in_chargebee(story: Story):
    synced(story)
    undo(story)
    for kind in ("sync", "full"):
        story.goes(kind, after=DAY)
        assert (story.people(), story.wrote(), story.errors()) == (["Kay"], [], [])
    story.changes("ada", first_name="Ida")
    assert story.hourly() == "1 created"
    assert sorted(story.people()) == ["Ida", "Kay"]


def test_an_undone_record_is_held_until_the_user_says_sync_this_record(story: Story):
    synced(story)
    undo(story)
    assert story.goes("sync", only=["ada"]) == "1 created"
    assert sorted(story.people()) == ["Ada", "Kay"]


def test_an_undo_is_undone_and_its_records_are_held_no_longer(story: Story):
    synced(story)
    before = story.person("kay")
    undo(story)
    undo(story)
    assert (sorted(story.people()), story.organizations()) == (["Ada", "Katherine"], ["Acme"])
    assert story.person("kay") == before
    story.subscription("ada", mrr=4900)
    story.hourly()
    assert story.wrote() == ["PATCH persons"]
    story.shows("ada", {"CB Customer MRR": "49 USD"})
