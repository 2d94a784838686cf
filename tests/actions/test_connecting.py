"""Connect: what a person is told and asked before an account is linked (product.md 2.1, 2.7)."""

import tomllib
from typing import Any

import pytest

from chargepipe.actions import connections, runs
from chargepipe.actions.advice import Advice, advise
from chargepipe.actions.refusal import Refused
from chargepipe.domain.settings import SettingsError
from chargepipe.store.models import Account, Connection, Run
from world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return World(customers=0, people_before=0.0, plan="lite")


def advice(world: World, settings: str = "", name: str = "acme") -> Advice:
    proposal = connections.propose(world.text(settings, name))
    return advise(proposal, connections.look(proposal, world.env))


def live(world: World) -> None:
    world.sandbox.site.domain = "acme"


def test_a_test_site_and_a_live_one_have_their_badge(world: World):
    assert (advice(world).badge, advice(world).caution) == ("test site", "")
    live(world)
    assert advice(world).badge == "live site"


def test_people_who_are_there_already_are_counted(world: World):
    assert advice(world).people == "no people yet"
    world.crm.add_person(name="P")
    assert advice(world).people == "1 person is there already"


def test_custom_fields_are_told_before_any_is_made(world: World):
    assert advice(world, 'subscription_data = "person"').fields == (
        "These settings need 12 custom fields, 0 are there; 30 of 30 are free on this account "
        "(Lite)."
    )
    for number in range(20):
        world.crm.add_field("deal", field_name=f"F{number}", field_type="varchar")
    fields = advice(world, 'subscription_data = "person"').fields
    assert "2 do not fit" in fields
    assert 'subscription_data = "person"' in fields
    assert not any(method != "GET" for _, method, *_ in world.sandbox.requests)


def test_the_same_site_in_the_same_account_again_is_a_warning(world: World):
    def told(name: str) -> list[str]:
        return [words for words in advice(world, name=name).warnings if "already" in words]

    assert told("acme") == []
    first = world.connect("")
    assert told("acme") == [], "the same connection again"
    (words,) = told("again")
    assert "connected to this Pipedrive account already, as acme." in words
    assert f'with "({first.site})" in their names' in words
    assert "unlink again before its first run" in words
    world.connect("", name="again")
    assert told("again") == [], "said once"
    Connection.objects.filter(name="acme").update(account=None)
    assert "already, as again." in told("third")[0]


def test_a_field_that_cannot_be_used_is_a_warning(world: World):
    world.crm.add_field("person", field_name="CB Customer ID", field_type="double")
    assert any("CB Customer ID" in words for words in advice(world).warnings)


def test_a_live_site_that_was_not_rehearsed_is_cautioned_of_once(world: World):
    live(world)
    assert "was not rehearsed" in advice(world).caution
    world.connect()
    assert advice(world).caution == "", "it is linked: the answer was yes"
    world.crm.me["company_id"] = 4711
    assert "was not rehearsed" in advice(world, name="other").caution


def test_a_rehearsed_site_is_not_cautioned_of(world: World):
    rehearsal = world.connect(name="rehearsal")
    world.run(rehearsal, "full")
    live(world)
    world.crm.me["company_id"] = 4711
    site = connections.look(connections.propose(world.text()), world.env).site.domain
    Connection.objects.update(site=f"{site}-test")
    assert advice(world, name="real").caution == ""


def test_the_burst_limit_is_kept_with_the_account(world: World):
    world.connect()
    assert Account.objects.get().burst == 20


RULES = """
organizations = true
subscription_data = "organization"
overwrite = "append"
match_key = { chargebee = "id", pipedrive = "External" }
[[settings.additional_fields]]
from = "customer.cf_tier"
to = "person.Tier"
type = "option"
"""


def test_the_match_key_is_locked_while_the_first_full_sync_is_under_way(world: World):
    connection = world.connect("")
    world.billing.add_customer(email="a@x.co")
    other = world.text('match_key = { chargebee = "id", pipedrive = "email" }')
    connections.propose(other)
    run = Run.objects.create(connection=connection, kind="full", approved=True, asked="pause")
    assert world.go_on(run).state == "paused"
    with pytest.raises(SettingsError, match=r"line \d+: settings.match_key cannot change"):
        connections.propose(other)
    runs.cancel(run.pk)
    assert connections.propose(other).differences


def test_an_export_is_the_file_that_was_applied(world: World):
    world.connect(RULES)
    text = connections.export("acme")
    assert connections.propose(text).differences == ()
    assert tomllib.loads(text) == tomllib.loads(world.text(RULES))


def test_rules_go_from_one_connection_to_another_with_a_diff(world: World):
    world.connect(RULES)
    world.connect("organizations = false", name="other")
    proposal = connections.propose(connections.export("acme", "other"))
    assert proposal.file.name == "other"
    changed = {path: (before, after) for path, before, after in proposal.differences}
    assert changed["settings.organizations"] == (False, True)
    assert changed["settings.match_key.pipedrive"] == ("email", "External")
    assert not any(path.startswith(("chargebee", "pipedrive", "name")) for path in changed)
    connections.apply(proposal, world.env)
    rules: Any = connections.stored_file(connections.find("other")).settings
    assert rules == connections.stored_file(connections.find("acme")).settings


def test_rules_for_a_connection_still_to_be_made_say_whose_accounts_they_hold(world: World):
    world.connect(RULES)
    text = connections.export("acme", "live")
    assert text.startswith("# The rules of acme. The two accounts are still those of acme")
    assert tomllib.loads(text)["name"] == "live"


def test_a_name_that_no_connection_may_have_is_refused(world: World):
    world.connect()
    with pytest.raises(Refused, match="--as: name must be letters"):
        connections.export("acme", "a b")
