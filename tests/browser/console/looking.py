"""Looks at a page as people of all kinds see it: both themes, on a desktop and on a phone."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

DESKTOP, PHONE = (1280, 900), (360, 740)
LOOKS = [(size, theme) for size in (DESKTOP, PHONE) for theme in ("light", "dark")]
RULES: dict[str, dict[str, Any]] = {
    "light": {"resultTypes": ["violations"]},
    "dark": {"resultTypes": ["violations"], "runOnly": ["color-contrast"]},
}
"""A theme changes colours and nothing else, so only they are looked at again."""
WIDER = """() => [...document.querySelectorAll("main *, header *")]
  .filter((node) => node.getBoundingClientRect().right > innerWidth + 0.5)
  .filter((node) => !node.closest(".scroll, .side, pre, textarea, .hidden-words"))
  .map((node) => node.outerHTML.slice(0, 150))"""


def looks_right(page: Page) -> None:
    """Nothing stands in the way of anybody, and nothing is wider than the screen."""
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
