"""Every page, in both themes, on a desktop and on a phone: usable by all, and never too wide."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from browser.console.conftest import Opens
from browser.console.desk import Desk
from browser.console.watch import Watch

DESKTOP, PHONE = (1280, 900), (360, 740)
LOOKS = [(size, theme) for size in (DESKTOP, PHONE) for theme in ("light", "dark")]
RULES: dict[str, dict[str, Any]] = {
    "light": {"resultTypes": ["violations"]},
    "dark": {"resultTypes": ["violations"], "runOnly": ["color-contrast"]},
}
"""A theme changes colours and nothing else, so only they are looked at again."""
PAGES = [
    *("/", "/connect", "/people/", "/people/me", "/nowhere", "/c/nobody/"),
    *(f"/c/acme/{part}" for part in ("", "runs/", "errors/", "records/", "settings/")),
    *(f"/c/acme/settings/{part}" for part in ("file", "accounts")),
    *(f"/c/acme/setup/{step}" for step in ("connect", "configure", "validate", "trial", "all")),
    *("/c/acme/runs/?kind=undo", "/c/acme/errors/?state=ignored", "/c/acme/records/?q=nobody"),
]
OPENED = ["runs/", "errors/", "records/"]
"""Lists of which the first row is opened."""
WIDER = """() => [...document.querySelectorAll("main *, header *")]
  .filter((node) => node.getBoundingClientRect().right > innerWidth + 0.5)
  .filter((node) => !node.closest(".scroll, .side, pre, textarea, .hidden-words"))
  .map((node) => node.outerHTML.slice(0, 150))"""


@pytest.fixture(scope="module")
def customers() -> int:
    """As few as show every kind of row."""
    return 20


@pytest.fixture(scope="module")
def before(desk: Desk) -> None:
    """The first error of the list has candidates."""
    email = "twin@example.com"
    desk.sandbox.billing.add_customer(id="twin", first_name="Tilda", email=email)
    for name in ("Tilda at work", "Tilda at home"):
        desk.sandbox.crm.add_person(name=name, emails=[{"value": email}])


def looks_right(page: Page) -> None:
    page.evaluate("for (const each of document.querySelectorAll('main details')) each.open = true")
    wrong: list[Any] = []
    for (width, height), theme in LOOKS:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(
            color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce"
        )
        for each in Axe().run(page, options=RULES[theme]).response["violations"]:
            parts = [(node["html"][:200], node["failureSummary"]) for node in each["nodes"][:3]]
            wrong.append((width, theme, each["id"], parts))
        if page.evaluate("document.documentElement.scrollWidth") > width:
            wrong.append((width, theme, "too wide", page.evaluate(WIDER)))
    assert wrong == []


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_usable_by_all(page: Page, acme: str, path: str, watch: Watch) -> None:
    watch.expected.append("status of 404")
    page.goto(path)
    looks_right(page)


@pytest.mark.parametrize("part", OPENED)
def test_what_a_list_leads_to_is_usable_by_all(page: Page, acme: str, part: str) -> None:
    page.goto(acme + part)
    page.locator("tbody a").first.click()
    page.get_by_role("link", name="All ").wait_for()
    looks_right(page)


def test_what_a_stranger_sees_is_usable_by_all(
    opens: Opens, desk: Desk, acme: str, watch: Watch
) -> None:
    watch.expected.append("status of 410")
    page = opens()
    for path in ("/sign-in", desk.welcome):
        page.goto(path)
        looks_right(page)
