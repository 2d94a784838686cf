"""The demo in a browser: its banner leads to the services, its tour through five pages."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from browser.console.conftest import Opens
from browser.console.desk import DOOR, Desk, desk_of
from browser.console.looking import looks_right
from browser.console.walking import ended, press, synced
from browser.console.watch import Watch


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder: Path = tmp_path_factory.mktemp("demo")
    with desk_of(folder, 12, demo=True) as desk:
        yield desk


@pytest.fixture
def visitor(opens: Opens, desk: Desk, watch: Watch) -> Page:
    """Somebody who came in by the demo's door; the sandbox may be looked at."""
    watch.expected.append(f"request to the outside: http://127.0.0.1:{desk.ports[0]}/")
    page = opens()
    page.goto(f"/demo/{DOOR}")
    return page


def at_step(page: Page, number: int) -> None:
    expect(page.get_by_role("complementary", name=f"Tour, step {number} of 5")).to_be_visible()


def test_five_steps_and_a_change_that_arrives(visitor: Page, desk: Desk) -> None:
    page = visitor
    synced(page, desk, "demo")
    page.goto(f"/demo/{DOOR}")
    page.wait_for_url("**/c/demo/")
    at_step(page, 1)
    looks_right(page)
    page.set_viewport_size({"width": 1280, "height": 900})

    press(page, "Next")
    page.wait_for_url("**/c/demo/records/")
    at_step(page, 2)
    person = page.locator("tbody a").first
    customer = (person.get_attribute("href") or "").rpartition("/records/")[2]
    person.click()
    change_the_name(page, desk, "Changed On The Page")
    press(page, "Sync this record")
    ended(page)
    expect(page.locator(".will", has_text="Changed On The Page")).to_be_visible()
    assert customer in page.locator(".changes").inner_text()

    press(page, "Next")
    page.wait_for_url("**/c/demo/runs/")
    at_step(page, 3)
    press(page, "Next")
    page.wait_for_url("**/c/demo/errors/")
    at_step(page, 4)
    press(page, "Next")
    page.wait_for_url("**/connect")
    at_step(page, 5)
    press(page, "Done")
    expect(page.get_by_role("complementary", name="Tour")).to_have_count(0)
    expect(page.get_by_role("button", name="Take the tour")).to_be_visible()


def change_the_name(page: Page, desk: Desk, name: str) -> None:
    """Follow the record's own link to the simulated Chargebee, and edit the customer there."""
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Chargebee").first.click()
    sandbox = opened.value
    card = sandbox.locator("#billing-open > article")
    press(card, "Edit First name")
    sandbox.get_by_role("dialog").get_by_label("First name").fill(name)
    press(sandbox.get_by_role("dialog"), "Save")
    expect(card).to_contain_text(name)
    sandbox.close()


def test_the_banner_leads_to_the_sandbox(visitor: Page, desk: Desk) -> None:
    with visitor.context.expect_page() as opened:
        visitor.get_by_role("link", name="Open the sandbox").click()
    expect(opened.value.get_by_role("heading", name="chargepipe sandbox")).to_be_visible()


def test_on_a_phone_the_page_itself_is_on_the_first_screen(visitor: Page) -> None:
    page = visitor
    page.set_viewport_size({"width": 360, "height": 740})
    for path in ("/c/demo/", "/c/demo/errors/", "/c/demo/setup/validate"):
        page.goto(path)
        box = page.get_by_role("heading", level=1).bounding_box()
        assert box is not None
        assert box["y"] < 260
        current = page.locator(".side [aria-current]").bounding_box()
        assert current is not None
        assert current["x"] >= 0
        assert current["x"] + current["width"] <= 360
    page.locator("details.tour summary").click()
    expect(page.locator("details.tour").get_by_role("button", name="Next")).to_be_visible()
