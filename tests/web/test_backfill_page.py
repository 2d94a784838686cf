"""The backfill as a page: what is asked for, what is refused in words."""

from django.test import Client

from chargepipe.store.models import Connection, Run
from deals import ON
from web.conftest import signed_in
from world import World


def switched_on(world: World) -> Connection:
    connection = world.connect(f"organizations = true\n{ON}")
    world.run(connection, "full")
    return connection


def test_a_preview_is_asked_for_the_window_of_the_form(world: World, admin: Client) -> None:
    switched_on(world)
    sent = {"statuses": ["active", "cancelled"], "start": "2020-01-01", "most": "7", "preview": "1"}
    answer = admin.post("/c/acme/backfill/", sent)
    run = Run.objects.order_by("-pk")[0]
    assert answer["location"] == f"/c/acme/runs/{run.pk}/"
    assert (run.kind, run.of) == ("preview", "backfill")
    window = {"statuses": ["active", "cancelled"], "start": "2020-01-01", "end": "", "most": 7}
    assert {name: run.window[name] for name in window} == window
    listed = admin.get("/c/acme/backfill/").content.decode()
    assert "active, cancelled; from 2020-01-01; at most 7" in listed


def test_a_window_that_cannot_be_is_refused_beside_the_form(world: World, admin: Client) -> None:
    switched_on(world)
    sent = {"start": "2025-05-01", "end": "2025-01-01", "sure": "1"}
    answer = admin.post("/c/acme/backfill/", sent)
    assert answer.status_code == 422
    assert "ends (2025-01-01) before it begins" in answer.content.decode()
    assert not Run.objects.filter(kind="backfill").exists()


def test_without_deals_the_page_leads_to_the_settings(acme: Connection, admin: Client) -> None:
    assert "Deals are switched off" in admin.get("/c/acme/backfill/").content.decode()


def test_viewers_look_and_start_none(world: World) -> None:
    switched_on(world)
    viewer = signed_in("viewer")
    page = viewer.get("/c/acme/backfill/").content.decode()
    assert "An operator can start it; your role is viewer." in page
    assert '<fieldset class="stack" disabled>' in page
    assert viewer.post("/c/acme/backfill/", {"preview": "1"}).status_code == 403


def test_a_record_shows_its_deals_and_why_one_has_none(world: World, admin: Client) -> None:
    connection = switched_on(world)
    world.run(connection, "full")
    deal = connection.records.filter(kind="subscription").order_by("source_id")[0]
    page = admin.get(f"/c/acme/records/{deal.customer_id}").content.decode()
    assert f"of subscription {deal.source_id}" in page or "Without a deal" in page
    found = admin.get("/c/acme/records/", {"q": deal.source_id}).content.decode()
    assert deal.customer_id in found
