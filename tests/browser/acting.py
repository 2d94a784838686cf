"""What a person does on the page, step by step."""

import json
from typing import Any

from playwright.sync_api import Locator, expect

from browser.playing import Play


def pick(play: Play, case: str) -> dict[str, Any]:
    """Open the first customer of a case; its row. All is drawn once its heading has the focus."""
    id = play.sandbox.billing.cases[case][0]
    play.page.get_by_role("button", name=case.replace("_", " "), exact=True).click()
    expect(customer(play)).to_contain_text(id)
    expect(heading(customer(play))).to_be_focused()
    return play.sandbox.billing.customer(id)


def dialog(play: Play) -> Locator:
    return play.page.get_by_role("dialog")


def send(play: Play, name: str) -> None:
    """Press the button that sends the open form, and wait until its call is answered."""
    press(dialog(play), name)
    expect(dialog(play)).to_be_hidden()


def heading(card: Locator) -> Locator:
    return card.get_by_role("heading").first


def customer(play: Play) -> Locator:
    return play.page.locator("#billing-open > article")


def record(play: Play) -> Locator:
    return play.page.locator("#crm-open > article")


def press(place: Locator, name: str) -> None:
    place.get_by_role("button", name=name, exact=True).click()


def search(play: Play, side: str, text: str) -> None:
    """Search, and wait until what was found is drawn."""
    box = play.page.locator(f"#{side}-search")
    box.get_by_role("searchbox").fill(text)
    press(box, "Search")
    searched(play, side, text)


def searched(play: Play, side: str, text: str) -> None:
    """Wait until a search was answered and its hits are drawn: then its form is idle."""
    call = f'"target":"{side}","method":"search","args":{{"text":{json.dumps(text)},'
    expect(play.page.locator("#last-call pre")).to_contain_text(call)
    expect(play.page.locator(f"#{side}-search form")).not_to_have_attribute("aria-busy", "true")


def last_call(play: Play, method: str) -> dict[str, Any]:
    """The last call of a button, once it was answered and is one of this method."""
    place = play.page.locator("#last-call pre")
    expect(place).to_contain_text(f'"method":"{method}"')
    return json.loads(place.inner_text())
