"""Connections by command: rules taken to another, entities left, the match key moved."""

import re
from collections.abc import Iterator

import pytest
from command_line import Cli, Services, Walked, new_cli, serving

from chargepipe.sandbox import Sandbox

ENTITIES = 'business_entities = ["be_1", "be_2"]'


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walked]:
    """A connection with two business entities after its first full sync."""
    cli = new_cli(tmp_path_factory.mktemp("linked"))
    sandbox = Sandbox(customers=0, people_before=0.0, plan="lite")
    for number in range(6):
        entity = f"be_{number % 2 + 1}"
        sandbox.billing.add_customer(email=f"c{number}@x.co", business_entity_id=entity)
    with serving(sandbox) as services:
        walk = Walked(cli, services)
        text = services.text(more=ENTITIES)
        walk.step("apply", "connection", "apply", "-", "--yes", stdin=text)
        walk.step("full", "full", "acme", "--yes", "--json")
        yield walk


def test_apply_shows_badge_people_and_fields(linked: Walked) -> None:
    out = linked.results["apply"].out
    assert "(test site)" in out
    assert "no people yet" in out
    assert "Custom fields: These settings need 5 custom fields, 0 are there; 30 of 30" in out


def test_a_live_site_that_was_not_rehearsed_is_cautioned_of_and_yes_answers(
    cli: Cli, services: Services
) -> None:
    services.sandbox.site.domain = "live-one"
    asked = cli("connection", "apply", "-", stdin=services.text())
    assert (asked.status, cli.rows("connection")) == (4, 0)
    assert "it was not rehearsed" in asked.err
    done = cli("connection", "apply", "-", "--yes", stdin=services.text())
    assert (done.status, cli.rows("connection")) == (0, 1)
    assert "(live site)" in done.out


def test_what_is_locked_is_refused_with_its_line_and_the_way_out(
    cli: Cli, services: Services
) -> None:
    cli("connection", "apply", "-", "--yes", stdin=services.text())
    cli("full", "acme", "--yes")
    key = 'match_key = { chargebee = "phone", pipedrive = "phone" }'
    for more, words in (
        ("organizations = false", "settings.organizations cannot be switched off"),
        ("", "Put organizations = true back"),
        (f"organizations = true\n{key}", "chargepipe connection move-key"),
    ):
        wrong = cli("connection", "apply", "-", "--yes", stdin=services.text(more=more))
        assert (wrong.status, wrong.out) == (2, "")
        assert re.match(r"-: line \d+: settings", wrong.line)
        assert words in wrong.line
    assert "organizations = true" in cli("connection", "export", "acme").out


def test_apply_says_how_changed_settings_reach_everything(linked: Walked) -> None:
    assert "Next: chargepipe validate acme" in linked.results["apply"].out
    text = linked.services.text(more=f'{ENTITIES}\nextras = ["link"]')
    changed = linked.cli("connection", "apply", "-", "--yes", stdin=text)
    assert "everything, see first what that writes: chargepipe preview acme full" in changed.out
    preview = linked.cli("preview", "acme", "full", "--json").json
    applied = linked.cli("plan", "apply", str(preview["run"]), "--yes", "--json").json
    assert preview["updated"] == applied["updated"] > 0
    back = linked.cli(
        "connection", "apply", "-", "--yes", stdin=linked.services.text(more=ENTITIES)
    )
    assert back.status == 0


def test_rules_go_to_another_connection(linked: Walked) -> None:
    text = linked.cli("connection", "export", "acme", "--as", "second").out
    assert 'name = "second"' in text
    assert text.startswith("# The rules of acme.")
    refused = linked.cli("connection", "export", "acme", "--as", "a b")
    assert (refused.status, "--as" in refused.line) == (2, True)


def test_entities_are_left_and_cleared_and_that_is_undone(linked: Walked) -> None:
    wrong = linked.cli("connection", "unlink", "acme", "--entity", "be_9")
    assert (wrong.status, "be_9" in wrong.line) == (2, True)
    both = linked.cli("connection", "unlink", "acme", "--entity", "be_2", "--drop-links")
    assert both.status == 2
    asks = linked.cli("connection", "unlink", "acme", "--entity", "be_2", "--clear")
    assert asks.status == 4
    assert "off 3 people and 0 organizations" in asks.err
    assert "no longer syncs be_2" in asks.out
    number = asks.err.split("run approve ")[1].split()[0]
    done = linked.cli("run", "approve", number, "--json")
    assert (done.json["kind"], done.json["updated"]) == ("clear", 3)
    last = linked.cli("connection", "unlink", "acme", "--entity", "be_1")
    assert (last.status, "unlink it altogether" in last.line) == (2, True)


def test_the_match_key_is_previewed_and_moved(linked: Walked) -> None:
    move = ("connection", "move-key", "acme", "--chargebee", "id", "--pipedrive", "phone")
    asked = linked.cli(*move)
    assert asked.status == 4
    assert "customer email = person email -> customer id = person phone" in asked.out
    assert "give --yes" in asked.line
    assert "match_key" not in linked.cli("connection", "export", "acme").out
    done = linked.cli(*move, "--yes")
    assert (done.status, 'match_key = { chargebee = "id"' in done.out) == (0, True)
    text = linked.cli("connection", "export", "acme").out
    assert 'match_key = { chargebee = "id", pipedrive = "phone" }' in text
    again = linked.cli(*move, "--yes")
    assert (again.status, "already" in again.line) == (2, True)


def test_a_connection_is_cleared_and_unlinked_at_once(cli: Cli, services: Services) -> None:
    cli("connection", "apply", "-", "--yes", stdin=services.text())
    cli("full", "acme", "--yes")
    done = cli("connection", "unlink", "acme", "--clear", "--yes")
    assert done.status == 0, done.err
    assert "Undo it: chargepipe undo" in done.out
    assert "acme is unlinked, its links are kept" in done.out
    codes = {
        f["field_code"]
        for f in services.sandbox.crm.fields("person")
        if f["field_name"].startswith("CB ")
    }
    for person in services.sandbox.crm.persons():
        assert not any(person["custom_fields"].get(code) for code in codes)
