"""A real Chromium, and a sandbox that it looks at."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from browser.chromium import command, launched
from browser.playing import PATIENCE, Play
from chargepipe.sandbox import Sandbox, journeys
from served import served


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium a module: Playwright's event loop must not meet those of other modules."""
    if command() is None:
        pytest.skip("Chromium is missing: apt-get install chromium-headless-shell")
    with launched() as browser:
        yield browser


@pytest.fixture
def play(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> Iterator[Play]:
    """A fresh sandbox and a fresh page; it fails where the console had something to say."""
    monkeypatch.setattr(journeys, "PATIENCE", PATIENCE)
    sandbox = Sandbox(customers=60, plan="growth")
    with served(sandbox) as ports:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        page = context.new_page()
        page.set_default_timeout(1000 * PATIENCE)
        page.clock.install()
        made = Play(page, sandbox, ports)
        page.on("console", made.hear)
        page.on("pageerror", lambda error: made.said.append(str(error)))
        made.open()
        yield made
        context.close()
    assert made.said == []
