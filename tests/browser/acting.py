"""What a person does on the page, step by step."""

import json
from typing import Any

from playwright.sync_api import Locator, expect

from browser.playing import Play


def pick(play: Play, case: str) -> dict[str, Any]:
    """Open the first customer of a case; its row."""
    id = play.sandbox.billing.cases[case][0]
    play.page.get_by_role("button", name=case.replace("_", " "), exact=True).click()
    expect(customer(play)).to_contain_text(id)
    return play.sandbox.billing.customer(id)


def customer(play: Play) -> Locator:
    return play.page.locator("#billing-open > article")


def record(play: Play) -> Locator:
    return play.page.locator("#crm-open > article")


def press(place: Locator, name: str) -> None:
    place.get_by_role("button", name=name, exact=True).click()


def search(play: Play, side: str, text: str) -> None:
    box = play.page.locator(f"#{side}-search")
    box.get_by_role("searchbox").fill(text)
    press(box, "Search")


def last_call(play: Play) -> dict[str, Any]:
    return json.loads(play.page.locator("#last-call pre").inner_text())
