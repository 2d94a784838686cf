"""What is asked of both services before anything is stored."""

import pytest

from chargepipe.accounts.connect import NoAdmin, check
from chargepipe.accounts.secrets import SecretMissing, fetch_secret
from chargepipe.domain.settings import load
from chargepipe.store.models import Connection
from world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return World(customers=3)


def warnings(world: World, settings: str) -> tuple[str, ...]:
    return check(load(world.text(settings)), world.env).warnings


def test_invoices_are_read_only_where_they_make_deals(world: World):
    for settings, asked in (("", False), ("[settings.invoice_deals]\nenabled = true", True)):
        world.sandbox.requests.clear()
        check(load(world.text(settings)), world.env)
        paths = [path for _, _, path, *_ in world.sandbox.requests]
        assert any("/invoices" in path for path in paths) is asked


def test_people_fields_and_the_burst_limit_are_looked_at(world: World):
    for number in range(3):
        world.crm.add_person(name=f"P{number}")
    world.crm.add_field("deal", field_name="Other", field_type="varchar")
    checked = check(load(world.text()), world.env)
    there = len(list(world.crm.persons()))
    assert (checked.people, checked.more_people) == (there, False)
    assert [row["name"] for row in checked.fields["deal"]] == ["Other"]
    assert checked.burst == 120


def test_more_people_than_are_worth_counting_are_said_to_be_more(world: World):
    for number in range(2_001):
        world.crm.add_person(name=f"P{number}")
    checked = check(load(world.text()), world.env)
    assert (checked.people, checked.more_people) == (2_000, True)


def test_a_user_who_is_no_admin_is_refused_and_nothing_is_stored(world: World):
    for entry in world.crm.me["access"]:
        entry["admin"] = False
    with pytest.raises(NoAdmin, match="Ask a Pipedrive admin"):
        world.connect()
    assert not Connection.objects.exists()


def test_a_user_of_whom_nothing_is_said_is_warned_of(world: World):
    world.crm.me.pop("access")
    assert any("does not say whether" in word for word in warnings(world, ""))


def test_a_key_of_another_site_is_warned_of(world: World):
    assert any("belongs to the Chargebee site" in word for word in warnings(world, ""))


def test_a_missing_secret_names_its_reference(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("NOT_THERE", raising=False)
    with pytest.raises(SecretMissing, match="NOT_THERE"):
        fetch_secret("env:NOT_THERE")
    with pytest.raises(SecretMissing, match="/nowhere/at/all"):
        fetch_secret("file:/nowhere/at/all")
