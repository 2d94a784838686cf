"""Setting 3: the company name finds or makes the organization, and the person is linked to it."""

import pytest
from sheet import Happening, Outcome, Row
from story import Story

from chargepipe.domain.settings import SettingsError
from chargepipe.store.models import SyncError

ON = {"organizations": True}


def known(name: str) -> Happening:
    """Pipedrive has an organization of that name."""
    return lambda story, _: story.has_organization(name)


def own_one(story: Story, customer: str) -> None:
    """The person of the customer is at an organization of its own."""
    mine = story.has_organization(f"Own of {customer}")
    story.has_person("Kay", email=f"{customer}@x.co", org_id=mine)


ROWS = [
    Row(
        "an organization is made with the name as it is written",
        settings=ON,
        customer={"company": "MaDe Ltd."},
        shows={"organization": "MaDe Ltd."},
    ),
    *(
        Row(
            f"{company!r} finds {held!r}, which keeps its name",
            settings=ON,
            given=known(held),
            customer={"company": company},
            shows={"organization": held},
        )
        for held, company in (
            ("Acme Ltd", "ACME LTD"),
            ("Bolt Ltd", "  Bolt   Ltd "),
            ("COIL  Ltd", "coil ltd"),
            ("Ｄｉｓｋ Ltd", "Disk Ltd"),
            ("Straße AG", "STRASSE AG"),
        )
    ),
    Row(
        "a name that only begins alike is another company",
        settings=ON,
        given=known("Edge Ltd"),
        customer={"company": "Edge"},
        shows={"organization": "Edge"},
    ),
    Row(
        "the billing address names the company where the customer does not",
        settings=ON,
        customer={"billing_address": {"company": "Billed Ltd"}},
        shows={"organization": "Billed Ltd"},
    ),
    Row(
        "the customer's own company goes before that of the billing address",
        settings=ON,
        customer={"company": "First Ltd", "billing_address": {"company": "Second Ltd"}},
        shows={"organization": "First Ltd"},
    ),
    Row(
        "a customer without a company leaves the person's organization",
        settings=ON,
        given=own_one,
        customer={"id": "gil", "email": "gil@x.co"},
        shows={"organization": "Own of gil"},
    ),
    Row(
        "when the company is renamed the person moves",
        settings=ON,
        customer={"company": "Old Ltd"},
        later={"company": "New Ltd"},
        shows={"organization": "New Ltd"},
    ),
    Row(
        "several organizations of the name are an error of the customer and nothing is made",
        settings=ON,
        given=lambda story, _: [story.has_organization(name) for name in ("Hub", "HUB")],
        customer={"company": "hub"},
        comes_to="failed",
        error="ambiguous_organization",
        shows=None,
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_which_organization_a_person_joins(row: Row, outcome: Outcome):
    outcome.check(row)


def test_by_default_no_organization_is_made_and_the_persons_own_stays(story: Story):
    mine = story.has_organization("Her Own")
    story.has_person("Ada", email="ada@x.co", org_id=mine)
    story.customer("ada", company="Acme")
    story.full()
    assert story.organizations() == ["Her Own"]
    story.shows("ada", {"organization": "Her Own"})


def test_customers_of_one_company_share_one_organization_until_one_is_renamed(story: Story):
    story.given(organizations=True)
    story.customer("ada", company="Acme")
    story.customer("bob", company="ACME ")
    story.full()
    assert story.organizations() == ["Acme"]
    story.shows("bob", {"organization": "Acme"})
    story.organization_shows("Acme", {"CB Status": "Active"})
    story.changes("ada", company="New Ltd")
    story.hourly()
    assert story.organizations() == ["Acme", "New Ltd"], "the old organization stays"
    story.shows("ada", {"organization": "New Ltd"})
    story.shows("bob", {"organization": "Acme"})


def test_several_organizations_of_the_name_fail_the_customer_with_an_error_that_names_them(
    story: Story,
):
    story.given(organizations=True)
    twins = [story.has_organization(name) for name in ("Acme", "ACME")]
    story.customer("ada", company="acme")
    assert story.full() == "1 failed"
    assert (story.errors(), story.people()) == (["ambiguous_organization ada"], [])
    assert [each["id"] for each in SyncError.objects.get().candidates] == twins


@pytest.mark.parametrize("how", ["renamed", "deleted", "merged"])
def test_once_the_one_too_many_is_gone_the_customer_syncs(story: Story, how: str):
    story.given(organizations=True)
    stays, goes = story.has_organization("Acme"), story.has_organization("ACME")
    story.customer("ada", company="acme")
    story.full()
    if how == "renamed":
        story.crm.edit_organization(goes, name="Acme Holding")
    elif how == "deleted":
        story.crm.delete_organization(goes)
    else:
        story.crm.merge_organizations(goes, stays)
    assert story.hourly() == "1 created"
    assert (story.crm.person(story.link("ada") or 0)["org_id"], story.errors()) == (stays, [])


def test_an_organization_renamed_in_pipedrive_stays_linked_and_keeps_its_name(story: Story):
    story.given(organizations=True)
    story.customer("ada", company="Acme")
    story.full()
    (made,) = story.crm.organizations()
    story.crm.edit_organization(made["id"], name="Acme Corporation")
    story.customer("bob", company="Acme")
    story.changes("ada", first_name="Ada")
    story.hourly()
    assert story.organizations() == ["Acme Corporation"]
    story.shows("bob", {"organization": "Acme Corporation"})


def test_it_cannot_be_switched_off_once_a_full_sync_has_run_with_it_on(story: Story):
    story.given(organizations=True)
    story.full()
    with pytest.raises(SettingsError, match="organizations"):
        story.given(organizations=False)


def test_it_can_be_switched_off_after_a_trial(story: Story):
    story.given(organizations=True)
    story.customer("ada", company="Acme")
    story.goes("trial")
    story.given(organizations=False)
    story.customer("bob", company="Bolt")
    story.full()
    assert story.organizations() == ["Acme"]


def test_it_can_be_switched_on_later_and_a_full_sync_brings_the_organizations(story: Story):
    story.customer("ada", company="Acme")
    story.full()
    story.given(organizations=True)
    assert story.hourly() == "nobody"
    story.full()
    story.shows("ada", {"organization": "Acme"})
