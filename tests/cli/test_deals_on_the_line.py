"""Deals as their users meet them on the command line: a sync, a decision, a backfill."""

from collections.abc import Iterator

import pytest
from command_line import Cli, Services, serving

from chargepipe.sandbox import Sandbox

ON = "[settings.subscription_deals]\nenabled = true\n"


@pytest.fixture
def services() -> Iterator[Services]:
    with serving(Sandbox(customers=0, people_before=0.0, plan="ultimate")) as made:
        yield made


def test_a_deal_is_backfilled_shown_decided_and_explained(cli: Cli, services: Services) -> None:
    billing, crm = services.sandbox.billing, services.sandbox.crm
    ada = billing.add_customer(email="a@x.co", company="Engines")["id"]
    billing.add_subscription(ada, id="old", created_at=1_736_000_000, status="cancelled")
    cli("connection", "apply", "-", "--yes", stdin=services.text(more=ON))
    early = cli("backfill", "acme")
    assert (early.status, "no full sync yet" in early.line) == (2, True)
    assert cli("full", "acme", "--yes", "--json").json["objects"]["deal"]["created"] == 0

    window = ("--status", "cancelled,paused", "--from", "2025-01-01", "--to", "2025-01-31")
    preview = cli("preview", "acme", "backfill", *window)
    assert "create deal: 1" in preview.out
    assert "preview of a backfill of deals (cancelled, paused; from 2025-01-01" in preview.out
    made = cli("backfill", "acme", *window, "--json").json
    assert (made["kind"], made["objects"]["deal"]) == ("backfill", {"created": 1, "updated": 0})
    (deal,) = crm.deals()
    assert (deal["status"], deal["title"]) == ("lost", "Engines - team-USD-monthly")

    crm.add_deal(title="By hand", person_id=deal["person_id"], value=49, currency="USD")
    billing.add_subscription(ada, id="new")
    assert cli("sync", "acme").status == 3
    shown = cli("errors", "acme").out
    assert "deal subscription:new  alike_deals" in shown
    assert f"{services.chargebee}/d/subscriptions/new" in shown
    number = shown.split()[0]
    wrong = cli("errors", "decide", number, "--person", "1")
    assert (wrong.status, "--deal" in wrong.line) == (2, True)
    decided = cli("errors", "decide", number, "--deal", "2", "--json").json
    assert decided["objects"]["deal"] == {"created": 0, "updated": 1}
    record = cli("record", "acme", "new").out
    assert "deal 2, linked by decided" in record
    assert "status: won" in record
    assert "from subscription new: status; by the rule of the settings" in record


def test_an_error_says_how_many_deals_wait_for_it(cli: Cli, services: Services) -> None:
    cli("connection", "apply", "-", "--yes", stdin=services.text(more=ON))
    cli("full", "acme", "--yes")
    billing = services.sandbox.billing
    ada = billing.add_customer(email="", company="Engines")["id"]
    for _ in range(2):
        billing.add_subscription(ada)
    assert cli("sync", "acme").status == 3
    assert "    2 deals wait until this is over." in cli("errors", "acme").out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("preview", "acme", "full", "--status", "active"), "narrow a backfill alone"),
        (("backfill", "acme", "--status", "paid"), "is no status that makes deals here"),
        (("backfill", "acme", "--from", "yesterday"), "is no day"),
    ],
)
def test_a_window_that_cannot_be_is_wrong_use(
    cli: Cli, services: Services, words: tuple[str, ...], said: str
) -> None:
    cli("connection", "apply", "-", "--yes", stdin=services.text(more=ON))
    cli("full", "acme", "--yes")
    result = cli(*words)
    assert (result.status, said in result.line) == (2, True)
