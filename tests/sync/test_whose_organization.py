"""What an organization tells of, and which one a person is linked to."""

import pytest

from chargepipe.store.models import SyncError
from people import code_of, later, person_of, writes
from world import World

pytestmark = pytest.mark.django_db(transaction=True)

DATA = 'organizations = true\nsubscription_data = "organization"\n'


@pytest.fixture
def world() -> World:
    return World(customers=0, people_before=0.0)


def pays(world: World, name: str, currency: str = "EUR", **customer: str) -> str:
    """A customer of Acme with a subscription of 100 a month."""
    row = {"email": f"{name}@x.co", "company": "Acme", **customer}
    made = world.billing.add_customer(**row)["id"]
    world.billing.add_subscription(made, status="active", mrr=10_000, currency_code=currency)
    return made


def test_an_organization_tells_only_of_the_business_entities_that_are_chosen(world: World):
    connection = world.connect(DATA + 'business_entities = ["be_one"]')
    pays(world, "a", business_entity_id="be_one")
    pays(world, "b", business_entity_id="be_two")
    world.run(connection, "full")
    (acme,) = world.crm.organizations()
    mrr = acme["custom_fields"][code_of(world, "organization", "CB MRR")]
    assert mrr == {"value": 100, "currency": "EUR"}


def test_a_company_that_pays_in_a_currency_that_pipedrive_lacks_is_an_error_unsent(world: World):
    connection = world.connect(DATA)
    world.crm.currencies[:] = [c for c in world.crm.currencies if c["code"] != "CHF"]
    ada = world.billing.add_customer(email="ada@x.co", company="Acme")["id"]
    pays(world, "b", "CHF")
    run = later(world, connection, "full")
    assert (run.counts["failed"], writes(world)) == (2, [])
    errors = SyncError.objects.filter(state="open")
    assert {(e.kind, e.code) for e in errors} == {("customer", "currency_missing")}
    assert ada in {e.source_key for e in errors}


@pytest.mark.parametrize("policy", ["append", "fill_empty"])
def test_of_customers_that_share_a_new_person_the_first_one_gives_the_organization(
    policy: str, world: World
):
    connection = world.connect(f'organizations = true\noverwrite = "{policy}"')
    world.crm.add_organization(name="Beta")
    first = world.billing.add_customer(email="both@x.co", company="Acme")["id"]
    world.clock.advance(60)
    world.billing.add_customer(email="both@x.co", company="Beta")
    world.run(connection, "full")
    (acme,) = (o["id"] for o in world.crm.organizations() if o["name"] == "Acme")
    assert person_of(world, first)["org_id"] == acme
