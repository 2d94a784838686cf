"""A served console a file, and pages of people who are signed in to it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from browser.console.desk import ADMIN, PASSWORD, Desk, desk_of
from browser.console.walking import come_in, synced
from browser.console.watch import Watch
from browser.playing import PATIENCE

Opens = Callable[..., Page]


@pytest.fixture(scope="module")
def customers() -> int:
    """How many there are; a file may want others."""
    return 40


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, customers: int) -> Iterator[Desk]:
    folder: Path = tmp_path_factory.mktemp("console")
    with desk_of(folder, customers) as desk:
        yield desk
    said = desk.log.read_text()
    assert "[error" not in said, said
    sandbox = desk.sandbox
    secrets = (sandbox.chargebee_key, sandbox.pipedrive_token, sandbox.apps.client_secret)
    for secret in (*secrets, PASSWORD):
        assert secret not in said


@pytest.fixture
def watch(desk: Desk) -> Iterator[Watch]:
    """What all pages of this test have to complain of: nothing."""
    watch = Watch(desk.address)
    yield watch
    assert watch.complaints == []


@pytest.fixture
def opens(browser: Browser, desk: Desk, watch: Watch) -> Iterator[Opens]:
    """Opens a page in a browser of its own: of a stranger, or of somebody who came in before."""
    contexts = []

    def open_page(email: str = "", width: int = 1280) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            base_url=desk.address,
            storage_state=desk.signed_in[email] if email else None,
        )
        contexts.append(context)
        watch.on(context)
        page = context.new_page()
        page.set_default_timeout(1000 * PATIENCE)
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def before(desk: Desk) -> None:
    """What a file changes in the services before the first full sync: nothing."""


@pytest.fixture(scope="module")
def acme(browser: Browser, desk: Desk, before: None) -> str:
    """A connection with a finished full sync; its address."""
    context = browser.new_context(base_url=desk.address, storage_state=desk.signed_in.get(ADMIN))
    page = context.new_page()
    if ADMIN not in desk.signed_in:
        come_in(desk, page)
    synced(page, desk)
    context.close()
    return "/c/acme/"


@pytest.fixture
def page(opens: Opens, desk: Desk) -> Page:
    """The admin's page; the first time somebody becomes the admin by the printed link."""
    if ADMIN not in desk.signed_in:
        return come_in(desk, opens())
    page = opens(ADMIN)
    page.goto("/")
    return page
