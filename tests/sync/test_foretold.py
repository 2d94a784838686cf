"""A validation foretells fields, choices and cost as warnings, in the list and in the CSV."""

import csv
import io
from typing import Any

import pytest

from chargepipe.actions import error_csv, errors
from world import World

pytestmark = pytest.mark.django_db(transaction=True)

MUCH = 'organizations = true\nsubscription_data = "person"\nextras = ["link", "overdue"]'


@pytest.fixture
def world() -> World:
    return World(customers=0, people_before=0.0, plan="lite")


def foretold(name: str = "acme") -> dict[str, Any]:
    text = "".join(error_csv.csv(name, ("open", "warning"))).removeprefix("\ufeff")
    rows = csv.DictReader(io.StringIO(text))
    return {row["code"]: row["what"] for row in rows if row["record"] == "connection"}


def test_the_cost_counts_customers_companies_and_fields_that_are_still_to_come(world: World):
    connection = world.connect("organizations = true")
    for n in range(3):
        world.billing.add_customer(email=f"{n}@x.co", company="Acme" if n else None)
    world.billing.add_customer(first_name="No key")
    run = world.run(connection, "validate")
    assert run.state == "done"
    assert foretold()["cost"].startswith(
        "Customers and companies that a run would make or link: 4. "
    )
    assert "about 45 tokens" in foretold()["cost"], "3 people, an organization, 5 fields"
    assert foretold()["cost"] in run.message
    full = world.run(connection, "full")
    written = sum(n for kind in full.counts["objects"].values() for n in kind.values())
    assert full.counts["created"] + written == 9
    world.run(connection, "validate")
    assert foretold() == {}


def test_more_tokens_than_the_day_has_are_told_in_days(world: World):
    connection = world.connect(f"budget_share = {world.share(70)}")
    for n in range(20):
        world.billing.add_customer(email=f"{n}@x.co")
    world.run(connection, "validate")
    assert "days, for runs may spend 70 tokens a day" in foretold()["cost"]


def test_fields_that_do_not_fit_and_a_label_that_is_not_there_stop_no_validation(world: World):
    for n in range(17):
        world.crm.add_field("deal", field_name=f"Other {n}", field_type="varchar")
    world.billing.add_customer(first_name="No key")
    run = world.run(world.connect(f'{MUCH}\nlabel = "Warm"'), "validate")
    assert (run.state, run.counts["failed"], run.counts["errors_open"]) == ("done", 1, 1)
    assert "To fit, switch off" in foretold()["fields_short"]
    assert 'no label "Warm"' in foretold()["unknown_choice"]
    assert [total.code for total in errors.totals("acme", ("open", "warning"))] == ["no_match_key"]


def test_values_that_do_not_fit_their_field_are_a_warning(world: World):
    world.billing.add_customer(email="a@x.co", cf_size="big")
    more = '[[settings.additional_fields]]\nfrom = "customer.cf_size"\nto = "person.Size"'
    world.run(world.connect(f'\n{more}\ntype = "number"'), "validate")
    assert "cf_size is not a number there" in foretold()["unfit_values"]
