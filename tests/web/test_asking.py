"""What is hard to take back is asked for, also where no script can ask."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import resolve

from chargepipe import web
from chargepipe.actions import evidence
from chargepipe.store.models import Connection, Run, User
from chargepipe.web.asking import QUESTIONS
from deals import ON
from web.conftest import signed_in
from world import World

TEMPLATES = Path(web.__file__).parent / "templates"
ASKED = re.compile(r'\{% ask "([\w-]+)"')
TARGET = re.compile(r"<form[^>]*?(?:action=\"\{% url '([\w:-]+)'[^>]*)?>")
OWN = {"backfill/page.html": "backfill:page"}
"""Pages whose form leads to the page itself."""
SAID = {
    "sync-all": " tokens, and 5 for each record that differs. Start the full sync?",
    "unlink": "Unlink acme? What was written stays in Pipedrive, and links are kept.",
}
"""What is asked beyond the question itself."""
PRESSES: dict[str, tuple[str, dict[str, Any]]] = {
    "sync-all": ("/c/acme/setup/all/start", {}),
    "unlink": ("/c/acme/settings/accounts/unlink", {"how": "keep"}),
    "switch-off": ("/people/{vera}", {"switch": "off"}),
    "rule": ("/c/acme/errors/rule", {"rule": "newest", "of": "person"}),
    "deals": ("/c/acme/backfill/", {"statuses": ["active", "cancelled"], "most": "7"}),
}


def asking() -> list[tuple[str, str]]:
    """Each question of a template, and the name of the address that its form leads to."""
    found = []
    for file in sorted(TEMPLATES.rglob("*.html")):
        text, name = file.read_text(), str(file.relative_to(TEMPLATES))
        for each in ASKED.finditer(text):
            target = list(TARGET.finditer(text, 0, each.start()))[-1][1] or OWN[name]
            found.append((each[1], target))
    return found


def test_every_question_of_a_page_is_asked_by_what_stands_behind_it() -> None:
    pairs = asking()
    assert {key for key, _ in pairs} == set(QUESTIONS) == set(PRESSES)
    for key, target in pairs:
        found = resolve(PRESSES[key][0].format(vera=1))
        assert found.view_name == target
        assert hasattr(found.func, "asks"), target


def test_no_template_asks_past_the_list() -> None:
    raw = [file.name for file in TEMPLATES.rglob("*.html") if "data-ask" in file.read_text()]
    assert raw == []


def state() -> tuple[Any, ...]:
    linked = Connection.objects.values_list("name", "account_id")
    people = User.objects.values_list("email", "is_active")
    return Run.objects.count(), sorted(linked), sorted(people)


@pytest.fixture
def pressed(world: World, monkeypatch: pytest.MonkeyPatch) -> Client:
    """An admin's browser, with something to press everywhere."""
    monkeypatch.setattr(evidence, "Environment", lambda: world.env)
    connection = world.connect(ON)
    email = "twin@example.com"
    world.billing.add_customer(id="twin", first_name="Tilda", email=email)
    for name in ("Tilda at work", "Tilda at home"):
        world.crm.add_person(name=name, emails=[{"value": email}])
        world.clock.advance(60)
    world.run(connection, "full")
    signed_in("viewer")
    return signed_in("admin")


def hidden(page: str) -> dict[str, list[str]]:
    """What the form of a question sends again."""
    kept: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page):
        kept.setdefault(name, []).append(value)
    return kept


@pytest.mark.parametrize("key", QUESTIONS)
def test_nothing_happens_before_the_yes(pressed: Client, key: str) -> None:
    path, sent = PRESSES[key]
    vera = User.objects.get(email="viewer@example.com")
    path, before = path.format(vera=vera.pk), state()
    answer = pressed.post(path, sent, headers={"referer": "http://testserver/c/acme/runs/"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert SAID.get(key, QUESTIONS[key].format(name=vera.email)) in page
    assert 'href="/c/acme/runs/"' in page.replace("http://testserver", "")
    assert state() == before
    assert pressed.post(path, {**hidden(page), "sure": "1"}).status_code == 302
    assert state() != before


def test_who_may_not_is_not_asked(pressed: Client) -> None:
    assert signed_in("viewer").post("/c/acme/backfill/", {"most": "7"}).status_code == 403


def test_an_unlink_is_asked_with_the_chosen_way(pressed: Client) -> None:
    page = pressed.post("/c/acme/settings/accounts/unlink", {"how": "drop"}).content.decode()
    assert "links are dropped." in page
    assert hidden(page)["how"] == ["drop"]
