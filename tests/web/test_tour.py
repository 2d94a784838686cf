"""The tour of the demo: five steps, ended and begun again, without a script."""

from dataclasses import replace

import pytest
from django.conf import settings
from django.test import Client

from chargepipe.config.process import Demo
from chargepipe.store.models import Connection


@pytest.fixture
def in_the_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    demo = Demo("door", "http://127.0.0.1:1", "http://127.0.0.1:2", "http://127.0.0.1:1/p", "", "")
    monkeypatch.setattr(settings, "PROCESS", replace(settings.PROCESS, demo=demo))


def test_five_steps_lead_through_the_pages(acme: Connection, in_the_demo: None) -> None:
    client, seen = Client(), list[str]()
    page = client.get("/demo/door", follow=True)
    assert page.request["PATH_INFO"] == "/c/acme/"
    assert "Tour, step 1 of 5" in page.content.decode()
    for number in range(2, 6):
        page = client.post("/tour", {"go": "next"}, follow=True)
        assert f"Tour, step {number} of 5" in page.content.decode()
        assert page.status_code == 200
        seen.append(page.request["PATH_INFO"])
    assert seen == ["/c/acme/records/", "/c/acme/runs/", "/c/acme/errors/", "/connect"]


def test_the_demos_own_connection_is_led_through_whatever_others_are_called(
    acme: Connection, in_the_demo: None
) -> None:
    Connection.objects.create(name="aaa", site="aaa-test", file=acme.file)
    assert Client().get("/demo/door").headers["location"] == "/c/acme/"


def test_away_from_its_page_a_step_folds_to_a_line(acme: Connection, in_the_demo: None) -> None:
    client = Client()
    client.get("/demo/door")
    away = client.get("/c/acme/errors/").content.decode()
    assert away.count("To the page of this step") == 2  # wide, and folded on a phone
    assert away.count("Everything was synced once already.") == 1
    assert "To the page of this step" not in client.get("/c/acme/").content.decode()


def test_an_ended_tour_stays_ended_until_it_is_begun_again(
    acme: Connection, in_the_demo: None
) -> None:
    client = Client()
    client.get("/demo/door")
    ended = client.post("/tour", {"go": "end"}, follow=True).content.decode()
    assert "Tour, step" not in ended
    assert "Take the tour" in ended
    client.get("/demo/door")
    assert "Tour, step" not in client.get("/c/acme/").content.decode()
    begun = client.post("/tour", {"go": "begin"}, follow=True)
    assert "Tour, step 1 of 5" in begun.content.decode()


def test_outside_the_demo_there_is_no_tour(acme: Connection, admin: Client) -> None:
    admin.post("/tour", {"go": "begin"})
    page = admin.get("/c/acme/").content.decode()
    assert "Tour, step" not in page
    assert "Take the tour" not in page


def test_who_sets_up_another_connection_is_not_led_away(
    acme: Connection, in_the_demo: None
) -> None:
    Connection.objects.create(name="second", site="second-test", file=acme.file)
    client = Client()
    client.get("/demo/door")
    for page, shown in (
        ("/c/second/setup/configure", False),
        ("/c/second/setup/validate", False),
        ("/c/acme/setup/validate", True),
        ("/c/second/", True),
        ("/connect", True),
    ):
        assert ("Tour, step" in client.get(page).content.decode()) is shown, page
