"""Deny first: where a probe may not run, and that it then sends nothing."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from probed import differing, left_behind, prepared, probing

from chargepipe.accounts.lease import claim
from chargepipe.actions.connections import as_json, find, stored_file
from chargepipe.actions.probe import allowed, announcement, probe
from chargepipe.actions.probe.allowed import MOST, is_test_site
from chargepipe.actions.probe.hands import MOST_TOKENS
from chargepipe.actions.refusal import Refused
from chargepipe.domain.settings import ConnectionFile, load
from chargepipe.sandbox import Fault
from chargepipe.store.models import Account, Run
from world import World

pytestmark = pytest.mark.django_db(transaction=True)


def file(site: str, url: str | None) -> ConnectionFile:
    given = f'url = "{url}"' if url else ""
    return load(
        f'name = "a"\n[chargebee]\nsite = "{site}"\napi_key = "env:A"\n{given}\n'
        '[pipedrive]\napi_token = "env:B"\n'
    )


@pytest.mark.parametrize(
    ("site", "url", "test"),
    [
        ("acme-test", None, True),
        ("acme", None, False),
        ("acme-testing", None, False),
        ("acme-test", "https://acme.chargebee.com/api/v2", False),
        ("acme", "https://acme-test.chargebee.com/api/v2", False),
        ("acme-test", "https://acme-test.chargebee.com/api/v2", True),
        ("acme", "http://127.0.0.1:8801/api/v2", True),
        ("acme", "http://localhost:8801/api/v2", True),
        ("acme", "https://127.0.0.1.example.com/api/v2", False),
    ],
)
def test_only_a_test_site_or_this_machine_is_probed(site: str, url: str | None, test: bool) -> None:
    assert is_test_site(file(site, url)) is test


def calls(world: World) -> int:
    return sum(world.sandbox.counts.values())


def test_a_live_site_is_refused_before_anything_is_sent() -> None:
    world = World(customers=5)
    world.connect()
    connection = find("acme")
    live = stored_file(connection).chargebee.model_copy(update={"site": "acme", "url": None})
    connection.file = as_json(stored_file(connection).model_copy(update={"chargebee": live}))
    connection.save()
    before = calls(world)
    with pytest.raises(Refused, match="no test site"):
        probing(world)
    assert calls(world) == before


@pytest.mark.parametrize("state", ["queued", "running"])
def test_a_run_on_its_way_refuses_a_probe(state: str) -> None:
    world = World(customers=5)
    connection = world.connect()
    run = Run.objects.create(connection=connection, kind="sync", state=state)
    before = calls(world)
    with pytest.raises(Refused, match=f"Run {run.pk} is on its way"):
        probing(world)
    assert calls(world) == before


def test_an_account_that_is_held_refuses_a_probe() -> None:
    world = World(customers=5)
    connection = world.connect()
    assert connection.account_id is not None
    lease = claim(connection.account_id, world.env)
    assert lease is not None
    with pytest.raises(Refused, match="holds this account"):
        probing(world)
    lease.release()
    assert probing(world).state == "holds"


def test_a_probe_holds_the_account_and_gives_it_back() -> None:
    world = World(customers=5)
    connection = world.connect()
    assert connection.account_id is not None
    seen: list[object] = []

    def tell(_: object) -> None:
        seen.append(claim(connection.account_id or 0, world.env))

    probe("acme", world.env, tell)
    assert set(seen) == {None}
    assert claim(connection.account_id, world.env) is not None


def test_another_company_is_refused_and_nothing_is_written() -> None:
    world = World(customers=5)
    world.connect()
    world.crm.me["company_id"] = 999
    with pytest.raises(Refused, match="another Pipedrive company"):
        probing(world)
    assert written(world) == []
    assert Account.objects.get().lease_until is None


def written(world: World) -> list[str]:
    return [path for service, method, path, *_ in world.sandbox.requests if method != "GET"]


@pytest.mark.parametrize("told", [True, False])
def test_too_few_tokens_are_refused_and_nothing_is_written(told: bool) -> None:
    world = World(customers=5)
    world.connect("daily_tokens = 500")
    if told:
        left = [("x-daily-ratelimit-token-remaining", str(MOST_TOKENS - 1))]
        spoil_headers(world, left)
    else:
        world.sandbox.company.shows_limits = False
    with pytest.raises(Refused, match="tokens left today"):
        probing(world)
    assert written(world) == []


def spoil_headers(world: World, headers: list[tuple[str, str]]) -> None:
    """Let the sandbox's company have spent nearly all of its day."""
    budget: Any = world.sandbox._pipedrive.budget
    budget.spend(budget.left() - int(headers[0][1]))


def test_an_unlinked_and_an_unknown_connection_are_refused() -> None:
    world = World(customers=5)
    connection = world.connect()
    with pytest.raises(Refused, match="no connection"):
        allowed("other")
    connection.account = None
    connection.save()
    with pytest.raises(Refused, match="unlinked"):
        allowed("acme")


def test_chargebee_is_only_read() -> None:
    world = prepared()
    probing(world)
    methods = {method for service, method, *_ in world.sandbox.requests if service == "chargebee"}
    assert methods == {"GET"}


def test_no_429_is_provoked_and_the_tokens_are_bounded_and_booked() -> None:
    world = prepared()
    before, spent = world.sandbox.tokens_used, Account.objects.get().tokens_used
    report = probing(world)
    assert world.sandbox.too_many.total() == 0
    assert report.tokens == report.tokens_told == world.sandbox.tokens_used - before
    assert report.tokens < MOST_TOKENS
    account = Account.objects.get()
    today = account.tokens_day == world.clock.now().date()
    assert today
    assert account.tokens_used in (report.tokens, spent + report.tokens)


def test_a_probe_makes_no_more_than_it_says() -> None:
    world = prepared()
    probing(world)
    made = [path for _, method, path, status, _ in world.sandbox.requests if method == "POST"]
    limits = {
        "persons": "/persons",
        "organizations": "/organizations",
        "deals": "/deals",
        "custom fields": "Fields",
    }
    for what, tail in limits.items():
        assert sum(path.endswith(tail) for path in made) <= MOST[what], what
    words = announcement(find("acme"))
    assert all(f"{number} {what}" in words for what, number in MOST.items())


def test_a_probe_that_has_to_wait_long_stays_within_its_tokens() -> None:
    world = prepared(settle=100.0)
    report = probing(world)
    reserve = 3 * sum(MOST.values())
    assert report.tokens <= MOST_TOKENS + reserve
    assert any("has spent its" in finding.seen for finding in report.findings)
    world.clock.advance(600)
    assert left_behind(world) == []


def test_a_service_that_fails_before_anything_was_made_raises() -> None:
    world = World(customers=5)
    world.connect()
    world.faults.add(
        Fault(path="/users/me", status=402, body="{}", content_type="application/json")
    )
    with pytest.raises(Exception, match="not open"):
        probing(world)
    assert Account.objects.get().lease_until is None


def test_an_address_that_pipedrive_does_not_know_costs_one_check_alone() -> None:
    world = prepared()
    world.faults.add(
        Fault(method="PUT", status=401, body="{}", content_type="application/json", times=None)
    )
    report = probing(world)
    found = {finding.number: finding.state for finding in report.findings}
    assert (found[9], found[30]) == ("not checked", "not checked")
    assert len(found) > 40
    assert differing(report) == set()


def test_the_report_is_one_object_without_personal_data() -> None:
    world = prepared()
    report = probing(world)
    text = json.dumps(report.as_json())
    assert set(json.loads(text)) == {
        *("connection", "state", "findings", "trouble", "tokens", "requests", "deleted"),
        *("left_overs_deleted", "left"),
    }
    shown = text + " ".join(report.ending())
    emails = [row["email"] for row in world.billing.customers() if "email" in row]
    names = [row["name"] for row in world.crm.persons()]
    assert not any(value in shown for value in (*emails, *names))
    assert "@" not in shown


def test_a_lease_that_was_lost_ends_the_probe_and_still_leaves_nothing() -> None:
    world = prepared()
    account = Account.objects.get()

    def take_over(finding: Any) -> None:
        if finding.number == 9:
            long_ago = timezone.now() - timedelta(days=1000)
            Account.objects.filter(pk=account.pk).update(fence=999, lease_until=long_ago)

    report = probe("acme", world.env, take_over)
    assert report.state == "refused"
    assert "taken over" in report.trouble[0]
    assert left_behind(world) == []
