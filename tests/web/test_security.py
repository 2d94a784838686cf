"""Signing in is hard to guess, hard to steal and hard to forge."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.urls import URLPattern

from chargepipe.actions import people
from chargepipe.store.encrypted import signing_key
from chargepipe.store.models import Session, User
from served import HANGS
from web.conftest import signed_in
from web.test_access import ALL, address

EMAIL, PASSWORD = "ada@example.com", "seven quiet harbours"
MACHINES = {"oauth/callback"}
"""Addresses that machines call, which bring no token of a form; each has a check of its own."""


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create(email=EMAIL, role="admin", password=make_password(PASSWORD))


def sign_in(client: Client, password: str) -> int:
    return client.post("/sign-in", {"username": EMAIL, "password": password}).status_code


@pytest.mark.django_db
@pytest.mark.parametrize(("route", "pattern"), ALL, ids=[route for route, _ in ALL])
def test_no_press_counts_without_the_token_of_a_form(route: str, pattern: URLPattern) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = signed_in("admin").cookies
    answer = strict.post(address(route))
    assert (answer.status_code == 403) == (route not in MACHINES), answer.content.decode()


def test_who_guesses_has_to_wait_even_with_the_right_password(ada: User) -> None:
    client = Client()
    wrong = [sign_in(client, f"wrong {number}") for number in range(10)]
    assert wrong[:9] == [200] * 9
    answer = client.post("/sign-in", {"username": EMAIL.upper(), "password": PASSWORD})
    assert answer.status_code == 429
    assert "Too many attempts" in answer.content.decode()
    assert client.get("/")["location"].startswith("/sign-in")


def test_who_guesses_for_many_people_has_to_wait_as_well(ada: User) -> None:
    client = Client(REMOTE_ADDR="192.0.2.3")
    for number in range(10):
        sent = {"username": f"somebody{number}@example.com", "password": "wrong"}
        client.post("/sign-in", sent)
    assert sign_in(client, PASSWORD) == 429


def test_somebody_at_another_address_is_not_shut_out_by_that(ada: User) -> None:
    for number in range(11):
        sign_in(Client(REMOTE_ADDR="192.0.2.1"), f"wrong {number}")
    assert sign_in(Client(REMOTE_ADDR="192.0.2.2"), PASSWORD) == 302


def shut_out(address: str, email: str = EMAIL) -> None:
    """Guess from an address until it has to wait."""
    stranger = Client(REMOTE_ADDR=address)
    for number in range(11):
        stranger.post("/sign-in", {"username": email, "password": f"wrong {number}"})
    assert sign_in(Client(REMOTE_ADDR=address), PASSWORD) == 429


def test_a_known_browser_is_not_shut_out_with_its_address(ada: User) -> None:
    """Behind a proxy that hides addresses everybody has the same one."""
    known = Client(REMOTE_ADDR="192.0.2.7")
    assert sign_in(known, PASSWORD) == 302
    known.post("/sign-out")
    shut_out("192.0.2.7")
    assert sign_in(known, PASSWORD) == 302
    cookie = known.cookies["chargepipe_known"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert sign_in(Client(REMOTE_ADDR="192.0.2.7"), PASSWORD) == 429, "and nobody else comes in"


def test_a_known_browser_waits_for_its_own_guesses(ada: User) -> None:
    known = Client(REMOTE_ADDR="192.0.2.8")
    assert sign_in(known, PASSWORD) == 302
    known.post("/sign-out")
    wrong = [sign_in(known, f"wrong {number}") for number in range(11)]
    assert wrong[-1] == 429
    assert sign_in(known, PASSWORD) == 429
    assert sign_in(Client(REMOTE_ADDR="192.0.2.8"), PASSWORD) == 302, "the address has not guessed"


def test_the_cookie_of_one_person_lets_nobody_guess_for_another(ada: User) -> None:
    bob = User.objects.create(email="bob@example.com", password=make_password(PASSWORD))
    known = Client(REMOTE_ADDR="192.0.2.9")
    sent = {"username": bob.email, "password": PASSWORD}
    assert known.post("/sign-in", sent).status_code == 302
    known.post("/sign-out")
    shut_out("192.0.2.9")
    assert sign_in(known, PASSWORD) == 429
    known.cookies["chargepipe_known"] = known.cookies["chargepipe_known"].value + "x"
    assert known.post("/sign-in", sent).status_code == 429, "a forged cookie is none"


def test_the_session_is_another_one_after_signing_in(ada: User) -> None:
    client = Client()
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    before = session.session_key
    client.cookies["chargepipe_session"] = str(before)
    assert sign_in(client, PASSWORD) == 302
    assert client.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()


def test_signing_out_ends_the_session_on_the_server(ada: User) -> None:
    client = Client()
    sign_in(client, PASSWORD)
    key = client.session.session_key
    assert client.post("/sign-out").status_code == 302
    assert not Session.objects.filter(session_key=key).exists()


def test_the_cookie_is_out_of_reach_of_scripts(ada: User) -> None:
    client = Client()
    sign_in(client, PASSWORD)
    cookie = client.cookies["chargepipe_session"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


def test_signing_in_leads_to_no_other_site(ada: User) -> None:
    form = {"username": EMAIL, "password": PASSWORD, "next": "https://evil.example/"}
    assert Client().post("/sign-in", form)["location"] == "/"


@pytest.mark.django_db
def test_the_first_link_makes_one_admin_and_works_once() -> None:
    token = people.invite_first()
    form = {"email": EMAIL, "password": PASSWORD, "again": PASSWORD}
    assert Client().post(f"/welcome/{token}", form).status_code == 302
    late = form | {"email": "eve@example.com"}
    assert Client().post(f"/welcome/{token}", late).status_code == 410
    assert list(User.objects.values_list("email", "role")) == [(EMAIL, "admin")]
    assert people.invite_first() is None


def test_what_is_signed_hangs_on_the_keys_of_the_installation() -> None:
    assert str(settings.SECRET_KEY) == signing_key()
    assert len(signing_key()) >= 50


@pytest.mark.django_db
def test_a_page_says_what_browsers_may_do_with_it() -> None:
    answer = Client().get("/sign-in")
    policy = answer["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer["x-frame-options"] == "DENY"
    assert answer["x-content-type-options"] == "nosniff"
    assert answer["referrer-policy"] == "same-origin"


def test_django_finds_nothing_to_say_of_a_console_that_is_reached_by_https(tmp_path: Path) -> None:
    env = os.environ | {
        "CHARGEPIPE_HOME": str(tmp_path),
        "CHARGEPIPE_URL": "https://sync.example.com",
        "DJANGO_SETTINGS_MODULE": "chargepipe.config.settings",
    }
    words = [sys.executable, "-m", "django", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(words, env=env, capture_output=True, text=True, timeout=HANGS)
    assert (done.returncode, "identified no issues" in done.stdout) == (0, True), done.stderr
