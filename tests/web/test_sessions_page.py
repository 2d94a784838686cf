"""Where somebody is signed in: by which browser, and when last."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from chargepipe.store.models import Session, User
from chargepipe.web.signing.browsers import called

CHROME = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140 Safari/537"
)


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (CHROME, "Chrome on Linux"),
        (f"{CHROME.replace('X11; Linux', 'Windows NT 10.0; Win64')} Edg/140", "Edge on Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140) Firefox/140", "Firefox on macOS"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18 like Mac OS X) Version/18 Mobile Safari/604",
            "Safari on iPhone",
        ),
        ("Chrome on Linux", "Chrome on Linux"),
        ("something else", ""),
    ],
)
def test_a_browser_has_a_name(agent: str, name: str) -> None:
    assert called(agent) == name


def test_the_list_says_browser_and_when_it_was_seen(db: None) -> None:
    user = User(email="ada@example.com")
    user.set_password("seven quiet harbours")
    user.save()
    client = Client(headers={"user-agent": CHROME})
    sent = {"username": "ada@example.com", "password": "seven quiet harbours"}
    assert client.post("/sign-in", sent).status_code == 302
    page = client.get("/people/me").content.decode()
    assert "Chrome on Linux" in page
    assert "AppleWebKit" not in page
    assert "last seen <time" in page


def test_a_session_is_noted_now_and_then_and_lasts_no_longer_for_it(admin: Client) -> None:
    key = admin.cookies[settings.SESSION_COOKIE_NAME].value
    long_ago = timezone.now() - timedelta(days=3)
    mine = Session.objects.filter(pk=key)
    ends = mine.get().expire_date
    for seen in (True, False):
        mine.update(changed_at=long_ago)
        admin.get("/people/me")
        assert (mine.get().changed_at > long_ago) is seen
    cache.delete(f"seen-{key}")
    admin.get("/people/me")
    assert mine.get().changed_at > long_ago
    assert mine.get().expire_date == ends
