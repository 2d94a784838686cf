"""The set-up as pages: each step says what it costs, shows what it would do, and is ticked."""

import re
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from chargepipe.actions import examples
from chargepipe.config.process import Demo
from chargepipe.store.models import Connection, Run
from chargepipe.web.asking import SURE
from forms import sent
from web.conftest import signed_in
from world import CHARGEBEE, World

RICH = 'organizations = true\nsubscription_data = "person"'


@pytest.fixture
def in_the_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    demo = Demo("door", "http://127.0.0.1:1", "http://127.0.0.1:2", "http://127.0.0.1:1/p", "", "")
    monkeypatch.setattr(settings, "PROCESS", replace(settings.PROCESS, demo=demo))


@pytest.fixture
def asked(world: World, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which service was called, each time that a page asked one."""
    calls: list[str] = []

    def transport(root: str) -> Any:
        calls.append(root)
        return world.transport(root)

    env = replace(world.env, transport=transport)
    monkeypatch.setattr(examples, "Environment", lambda: env)
    return calls


def test_a_step_says_what_it_costs_before_the_press(world: World, admin: Client) -> None:
    connection = world.connect(RICH)
    for step in ("validate", "trial", "all"):
        page = admin.get(f"/c/acme/setup/{step}").content.decode()
        for words in ("Cost", "Time", "Custom fields", "Written", "left for runs today"):
            assert words in page, (step, words)
        assert len(re.findall(r'class="[^"]*\bprimary\b', page)) == 1, "one button leads"
        assert "These settings need 13 custom fields, 0 are there" in page
    assert "Validate</a> counts them" in page
    world.run(connection, "validate")
    page = admin.get("/c/acme/setup/all").content.decode()
    assert "20 customers; at most" in page
    assert "13 are made first" in page
    page = admin.get("/c/acme/setup/validate").content.decode()
    assert "To check again costs at most about" in page


def test_what_holds_only_before_the_first_full_sync_is_said_only_then(
    world: World, admin: Client
) -> None:
    lock = "After the first full sync the match key is locked"
    connection = world.connect()
    assert lock in admin.get("/c/acme/setup/all").content.decode()
    world.run(connection, "full")
    page = admin.get("/c/acme/setup/all").content.decode()
    assert lock not in page
    assert "What it would do" not in page


def test_a_press_is_a_yes_to_all_only_for_the_first_full_sync(world: World, admin: Client) -> None:
    connection = world.connect()
    admin.post("/c/acme/setup/all/start", {SURE: "sync-all"})
    assert connection.runs.get().approved
    connection.runs.all().delete()
    world.run(connection, "full")
    admin.post("/c/acme/setup/all/start", {SURE: "sync-all"})
    assert not connection.runs.latest("pk").approved


def test_a_trial_is_previewed_on_its_page(world: World, admin: Client) -> None:
    connection = world.connect()
    assert "Preview" in admin.get("/c/acme/setup/trial").content.decode()
    admin.post("/c/acme/setup/trial/start", {"preview": "1", "customers": "cust_000002"})
    run = connection.runs.get()
    assert (run.kind, run.of, run.only) == ("preview", "trial", ["cust_000002"])
    run.delete()
    world.run(connection, "preview", of="trial")
    page = admin.get("/c/acme/setup/trial").content.decode()
    assert "What would be written" in page
    assert "tokens with reading" in page
    assert len(re.findall(r"<strong>To (?:make|change)</strong> person <", page)) == 10
    assert not [person for person in world.crm.persons() if person["custom_fields"]]


def test_configure_is_ticked_once_it_was_saved(world: World, admin: Client) -> None:
    world.connect()
    page = admin.get("/c/acme/setup/configure").content.decode()
    assert page.count('<span class="hidden-words">done</span>') == 1
    answer = admin.post("/c/acme/setup/configure", sent(page))
    assert answer.headers["location"] == "/c/acme/setup/validate"
    page = admin.get("/c/acme/setup/").headers["location"]
    assert page == "/c/acme/setup/validate"
    steps = admin.get(page).content.decode()
    assert steps.count('<span class="hidden-words">done</span>') == 2


def test_the_form_is_followed_and_chargebee_is_asked_once(
    world: World, admin: Client, asked: list[str]
) -> None:
    connection = world.connect("")
    form = sent(admin.get("/c/acme/setup/configure").content.decode()) | {"follows": "1"}
    follow = {"HX-Request": "true", "HX-Trigger": "examples"}
    first = admin.post("/c/acme/settings/preview", form, headers=follow).content.decode()
    assert first.count('class="card example"') == 3
    assert "need 4 custom fields" in first
    assert "CB Status" not in first
    form["settings.organizations"] = "1"
    second = admin.post("/c/acme/settings/preview", form, headers=follow).content.decode()
    assert "need 5 custom fields" in second
    assert "CB Status" in second[second.index('id="standing"') :], "the picture follows as well"
    form["additional.from"] = ["customer.cf_tier", "customer.cf_none", ""]
    form["additional.to"] = ["person.Tier", "", ""]
    whole = admin.post("/c/acme/settings/preview", form, headers=follow).content.decode()
    assert "Not tried" not in whole, "the second row is still being filled in"
    assert "need 6 custom fields" in whole
    assert asked == [CHARGEBEE], "no Pipedrive, and Chargebee once"
    world.billing.edit_customer("cust_000001", first_name="Renamed")
    third = admin.post("/c/acme/settings/preview", form, headers=follow).content.decode()
    assert "Renamed" not in third
    connection.refresh_from_db()
    assert connection.configured_at is None


def test_without_a_script_the_form_comes_back_with_the_examples(
    world: World, admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = world.connect()
    monkeypatch.setattr(examples, "Environment", lambda: world.env)
    monkeypatch.setattr("chargepipe.web.settings.views.refresh", lambda _: None)
    for address in ("/c/acme/setup/configure", "/c/acme/settings/"):
        form = sent(admin.get(address).content.decode()) | {"try": "1", "schedule.every": "2h"}
        page = admin.post(address, form).content.decode()
        assert page.count('class="card example"') == 3
        assert 'name="schedule.every" value="2h"' in page, "what was changed is not lost"
        refused = admin.post(address, form | {"schedule.every": "xx"})
        assert refused.status_code == 422
        assert "Not tried: 1 to correct" in refused.content.decode()
    connection.refresh_from_db()
    assert connection.file["schedule"]["every"] == "1h"


GROUP = re.compile(r'<details class="card group" id="group-([^"]+)"( open)?>.*?state-words">(.*?)<')


def groups(page: str) -> dict[str, tuple[bool, str]]:
    """Each group of the form: whether it is unfolded, and what it says of itself."""
    return {key: (bool(open), said) for key, open, said in GROUP.findall(page.replace("\n", " "))}


def test_a_group_is_folded_and_says_what_holds_in_it(world: World, admin: Client) -> None:
    world.connect()
    found = groups(admin.get("/c/acme/settings/").content.decode())
    assert [key for key, (open, _) in found.items() if open] == ["who", "organizations", "written"]
    assert found["subscription_deals"] == found["invoice_deals"] == (False, "off")
    assert found["organizations"] == (True, "changed: Find and make organizations")
    assert found["schedule"] == (False, "defaults")
    assert found["additional"] == (False, "none")
    form = sent(admin.get("/c/acme/settings/").content.decode())
    form |= {"settings.invoice_deals.enabled": "1", "schedule.every": "2h"}
    form["additional.from"] = ["customer.cf_tier", "", ""]
    form["additional.to"] = ["typed:person.", "", ""]
    form["additional.to.typed"] = ["Tier", "", ""]
    admin.post("/c/acme/settings/", form)
    found = groups(admin.get("/c/acme/settings/").content.decode())
    assert found["subscription_deals"] == (False, "off")
    assert found["invoice_deals"] == (True, "on")
    assert found["schedule"] == (False, "changed: Every")
    assert found["additional"] == (True, "1")


def test_a_group_with_a_mistake_is_unfolded(world: World, admin: Client) -> None:
    world.connect()
    page = admin.get("/c/acme/setup/configure").content.decode()
    answer = admin.post("/c/acme/setup/configure", sent(page) | {"schedule.every": "xx"})
    found = groups(answer.content.decode())
    assert found["schedule"] == (True, "changed: Every")
    assert not found["budget"][0]


def test_the_demo_offers_a_name_that_is_free_and_says_where_keys_are(
    world: World, admin: Client, in_the_demo: None
) -> None:
    for name in ("second", "second-2"):
        page = admin.get("/connect").content.decode()
        assert f'name="name" value="{name}"' in page
        world.connect(name=name)
    assert 'value="second-3"' in admin.get("/connect").content.decode()
    assert "Empty: that of the simulated service. In Chargebee under Settings" in page
    assert "so more is not needed" in page
    assert page.count('class="primary"') == 1


@pytest.mark.parametrize("step", ["validate", "trial", "all"])
def test_what_moves_can_be_looked_at_again_and_stopped(
    world: World, step: str, admin: Client
) -> None:
    connection = world.connect()
    kind = {"validate": "validate", "trial": "trial", "all": "full"}[step]
    run = Run.objects.create(connection=connection, kind=kind, state="running")
    page = admin.get(f"/c/acme/setup/{step}").content.decode()
    assert f'<noscript><p class="small"><a href="/c/acme/setup/{step}">Look again</a>' in page
    for verb in ("pause", "cancel"):
        assert f"/c/acme/runs/{run.pk}/{verb}" in page
    viewed = signed_in("operator").get(f"/c/acme/runs/{run.pk}/").content.decode()
    assert "Look again" in viewed


@pytest.mark.parametrize(("step", "kind"), [("validate", "validate"), ("all", "full")])
def test_what_stops_a_run_of_the_set_up_stays_in_the_set_up(
    world: World, step: str, kind: str, admin: Client
) -> None:
    connection = world.connect()
    if step == "all":
        world.run(connection, "validate")
    run = Run.objects.create(connection=connection, kind=kind)
    for verb, state in (("pause", "queued"), ("resume", "paused"), ("cancel", "queued")):
        Run.objects.filter(pk=run.pk).update(state=state, asked="")
        page = admin.get(f"/c/acme/setup/{step}").content.decode()
        form = page.partition(f'action="/c/acme/runs/{run.pk}/{verb}"')[2].partition("</form>")[0]
        (back,) = re.findall(r'name="back" value="([^"]+)"', form)
        answer = admin.post(f"/c/acme/runs/{run.pk}/{verb}", {"back": back})
        assert answer.headers["location"] == f"/c/acme/setup/{step}", verb
    run.refresh_from_db()
    assert run.state == "cancelled"
    assert admin.get("/c/acme/setup/").headers["location"] == f"/c/acme/setup/{step}"


def test_numbers_are_grouped_as_money_is(acme: Connection, admin: Client) -> None:
    Run.objects.filter(connection=acme).update(tokens=104_091, counts={})
    page = admin.get("/c/acme/runs/").content.decode()
    assert "104,091" in page


def test_what_was_checked_under_other_settings_holds_no_longer(world: World, admin: Client) -> None:
    connection = world.connect('owner = "nobody@example.com"')
    tick = re.compile(r'class="hidden-words">done</span></span>(\w+)')
    world.run(connection, "validate")
    for of in ("trial", "full"):
        world.run(connection, "preview", of=of)
    page = admin.get("/c/acme/setup/validate").content.decode()
    assert "The settings changed" not in page
    assert "Validate" in tick.findall(page)
    for step in ("trial", "all"):
        page = admin.get(f"/c/acme/setup/{step}").content.decode()
        assert "Planned <time" in page
        assert "is no user of this Pipedrive account" in page, "a preview names what it lacks"
    form = sent(admin.get("/c/acme/setup/configure").content.decode())
    admin.post("/c/acme/setup/configure", form)
    assert "Validate" in tick.findall(admin.get("/c/acme/setup/validate").content.decode())
    admin.post("/c/acme/setup/configure", form | {"settings.owner": "token"})
    page = admin.get("/c/acme/setup/validate").content.decode()
    assert "The settings changed since this check: check again." in page
    assert "Validate" not in tick.findall(page)
    for step in ("trial", "all"):
        page = admin.get(f"/c/acme/setup/{step}").content.decode()
        assert "The settings changed since the preview of <time" in page
        assert "tokens with reading" not in page
        assert "What would be written" not in page
        assert "Preview again" in page
    world.run(connection, "validate")
    page = admin.get("/c/acme/setup/validate").content.decode()
    assert "The settings changed" not in page
    assert "Validate" in tick.findall(page)


def test_the_summary_of_a_validation_cuts_no_words(world: World, admin: Client) -> None:
    for number in range(3):
        world.billing.add_customer(id=f"same-{number}", email="same@x.co")
    world.run(world.connect(), "validate")
    page = admin.get("/c/acme/setup/validate").content.decode()
    assert "Another customer has the same match key: they share one person." in page
    assert "..." not in page.partition("<tbody>")[2].partition("</tbody>")[0]
    listed = admin.get("/c/acme/errors/?code=shared_key&state=warning").content.decode()
    assert "2 other customers have the same match key" in listed
