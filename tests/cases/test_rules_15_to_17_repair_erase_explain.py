"""Section 5, rules 15 to 17: reconcile, erasure, and why a person has a value."""

from story import DAY, Story

from chargepipe.actions import drift, why
from chargepipe.store.models import Change, Record


def ada(story: Story, **settings: object) -> int:
    story.given(organizations=True, **settings)
    story.customer("ada", first_name="Ada", phone="+4930901820", company="Acme")
    story.full()
    return story.link("ada") or 0


def drifted(story: Story) -> list[tuple[str, str, str]]:
    assert story.last is not None
    return [(row.field, row.holds, row.billing) for row in drift.rows(story.last)]


def test_reconcile_reports_what_differs_from_billing_and_repairs_it_only_on_request(story: Story):
    story.crm.edit_person(ada(story), name="Countess")
    story.goes("reconcile")
    assert drifted(story) == [("name", "Countess", "Ada")]
    assert story.wrote() == []
    story.shows("ada", {"name": "Countess"})
    story.goes("reconcile", repair=True)
    story.shows("ada", {"name": "Ada"})


def test_reconcile_repairs_a_link_to_a_person_that_is_gone(story: Story):
    gone = ada(story)
    story.crm.delete_person(gone)
    story.goes("reconcile")
    assert story.people() == ["Ada"]
    assert story.link("ada") not in (gone, None)


def test_reconcile_repairs_a_link_to_a_person_that_was_merged(story: Story):
    loser, winner = ada(story), story.has_person("Winner", email="w@x.co")
    story.crm.merge_persons(loser, winner)
    story.goes("reconcile")
    assert story.link("ada") == winner


def cleared(story: Story, **settings: object) -> None:
    ada(story, **settings)
    story.sandbox.customers.clear_personal_data("ada")
    story.hourly(after=DAY)


def test_personal_data_cleared_in_chargebee_is_cleared_on_the_person_and_in_our_tables(
    story: Story,
):
    cleared(story)
    story.shows("ada", {"name": "ada", "emails": [], "phones": [], "CB Customer ID": "ada"})
    mirror = str(Record.objects.get(source_id="ada").attributes)
    journal = str(list(Change.objects.filter(kind="person").values("before", "after", "target")))
    for trace in ("ada@x.co", "901820", "'Ada'"):
        assert trace not in mirror + journal


def test_it_is_cleared_under_every_policy_and_in_a_deleted_customer(story: Story):
    ada(story, overwrite="fill_empty", deleted_customers="leave")
    story.sandbox.customers.clear_personal_data("ada")
    story.billing.delete_customer("ada")
    story.hourly(after=DAY)
    story.shows("ada", {"emails": [], "phones": []})


def test_emails_that_were_the_persons_own_stay(story: Story):
    story.has_person("Ada", email="ada@x.co own@x.co")
    cleared(story)
    assert story.person("ada")["emails"] == ["ada@x.co", "own@x.co"]


def test_every_field_says_what_wrote_it_when_and_from_where(story: Story):
    ada(story)
    story.subscription("ada", mrr=4900)
    story.hourly()
    fields = why.explain("acme", "ada").fields
    told = {each.field: each for each in fields if each.kind == "person"}
    assert story.last is not None
    mrr = told["CB Customer MRR"]
    assert (mrr.value, mrr.run) == ("49 USD", story.last.pk)
    assert any("49 USD" in line for line in mrr.working)
    assert "first_name" in told["name"].source
    assert told["name"].run != story.last.pk
    assert told["name"].since is not None
