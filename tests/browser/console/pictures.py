"""Takes a picture of every page for the docs, over simulated services: `script/screenshots`."""

import re
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, expect

from browser.chromium import launched
from browser.console.desk import ADMIN, DOOR, Desk, desk_of
from browser.console.small_png import smaller
from browser.console.walking import come_in, connect, ended, press, sync_all, synced

CUSTOMERS = 120
DESKTOP = ViewportSize(width=1200, height=800)
PHONE = ViewportSize(width=360, height=740)
PAGES = {
    "connections": "/",
    "overview": "/c/acme/",
    "runs": "/c/acme/runs/",
    "backfill": "/c/acme/backfill/",
    "errors": "/c/acme/errors/",
    "records": "/c/acme/records/",
    "record": "/c/acme/records/cust_000012",
    "settings": "/c/acme/settings/",
    "settings-mapping": "/c/acme/settings/mapping",
    "settings-file": "/c/acme/settings/file",
    "settings-copy": "/c/acme/settings/copy?to=rehearsal",
    "accounts": "/c/acme/settings/accounts",
    "people": "/people/",
    "me": "/people/me",
    "not-found": "/nowhere",
}
DARK = ("connections", "overview", "errors", "record", "settings")
ON_A_PHONE = ("overview", "errors", "record", "settings")
TWIN = "tilda.twin@example.com"


def take(folder: Path) -> None:
    """Set a small company up, walk through the console and keep what is seen on the way."""
    with tempfile.TemporaryDirectory() as home, launched() as browser:
        with desk_of(Path(home) / "company", CUSTOMERS) as desk:
            _prepare(desk)
            _walk(browser, desk, folder)
            _others(browser, desk, folder)
        with desk_of(Path(home) / "demo", CUSTOMERS, demo=True) as desk:
            _tour(browser, desk, folder)
    for picture in folder.glob("*.png"):
        picture.write_bytes(smaller(picture.read_bytes()))


def _prepare(desk: Desk) -> None:
    sandbox = desk.sandbox
    sandbox.billing.add_customer(id="tilda", first_name="Tilda", last_name="Twin", email=TWIN)
    for name in ("Tilda Twin", "T. Twin (sales)"):
        sandbox.crm.add_person(name=name, emails=[{"value": TWIN}])


def _walk(browser: Browser, desk: Desk, folder: Path) -> None:
    context = browser.new_context(base_url=desk.address, viewport=DESKTOP)
    page = context.new_page()
    page.goto("/sign-in")
    _keep(page, folder, "sign-in")
    page.goto(desk.welcome)
    _keep(page, folder, "welcome")
    come_in(desk, page)
    page.goto("/connect")
    _keep(page, folder, "setup-1-connect")
    connect(page, desk)
    page.wait_for_url("**/setup/configure")
    _read(page)
    page.get_by_role("checkbox", name="Organizations").check()
    _read(page)
    _keep(page, folder, "setup-2-configure")
    page.locator("#group-subscription_deals > summary").click()
    page.get_by_role("checkbox", name="Make these deals").first.check()
    press(page, "Save and go on")
    press(page, "Validate")
    expect(page.get_by_role("heading", name="customers were checked")).to_be_visible()
    _keep(page, folder, "setup-3-validate")
    page.set_viewport_size(PHONE)
    page.reload()
    _keep(page, folder, "setup-3-validate-phone")
    page.set_viewport_size(DESKTOP)
    page.goto("/c/acme/setup/trial")
    press(page, "Run the trial")
    expect(page.get_by_role("heading", name="10 customers were tried")).to_be_visible()
    _keep(page, folder, "setup-4-trial")
    page.goto("/c/acme/setup/all")
    with desk.slow():
        sync_all(page)
        bar = page.get_by_role("progressbar", name="Changes written")
        expect(bar).to_have_attribute("value", re.compile(r"^[1-9]\d+$"))
        _keep(page, folder, "setup-5-sync-all")
        page.goto("/c/acme/")
        _keep(page, folder, "overview-while-it-syncs")
    page.goto("/c/acme/setup/all")
    expect(page.get_by_role("heading", name="Everything was synced")).to_be_visible()
    _edit_and_sync(page, desk, folder)
    connect(page, desk, "rehearsal")
    page.wait_for_url("**/c/rehearsal/setup/configure")
    context.close()


def _read(page: Page) -> None:
    """Wait until nothing on the page is being read any more."""
    expect(page.locator("#offers[hx-trigger]")).to_have_count(0)
    page.wait_for_load_state("networkidle")
    expect(page.locator(".htmx-request")).to_have_count(0)


def _edit_and_sync(page: Page, desk: Desk, folder: Path) -> None:
    for number in (7, 12, 21):
        desk.sandbox.billing.edit_customer(f"cust_{number:06}", first_name="Renamed")
    page.goto("/c/acme/runs/")
    press(page, "Preview")
    ended(page)
    _keep(page, folder, "preview")
    press(page, "Write exactly this")
    ended(page)
    _keep(page, folder, "run")
    press(page, "Undo this run")
    ended(page, "waiting")
    _keep(page, folder, "undo")
    press(page, "No, cancel it")
    ended(page, "cancelled")
    page.goto("/c/acme/errors/")
    page.get_by_role("link", name="Tilda Twin", exact=True).click()
    expect(page.get_by_role("heading", name="Which person is it?")).to_be_visible()
    _keep(page, folder, "error")


def _others(browser: Browser, desk: Desk, folder: Path) -> None:
    looks = [
        ("", DESKTOP, "light", PAGES),
        ("-dark", DESKTOP, "dark", DARK),
        ("-phone", PHONE, "light", ON_A_PHONE),
    ]
    for mark, size, theme, names in looks:
        context = browser.new_context(
            base_url=desk.address,
            storage_state=desk.signed_in[ADMIN],
            viewport=size,
            color_scheme="dark" if theme == "dark" else "light",
        )
        page = context.new_page()
        for name in names:
            page.goto(PAGES[name])
            _read(page)
            _keep(page, folder, name + mark)
        context.close()


def _tour(browser: Browser, desk: Desk, folder: Path) -> None:
    """The demo as it opens: its banner, and the first step of the tour."""
    context = browser.new_context(base_url=desk.address, viewport=DESKTOP)
    page = context.new_page()
    page.goto(f"/demo/{DOOR}")
    synced(page, desk, "demo")
    for size, mark in ((DESKTOP, ""), (PHONE, "-phone")):
        page.set_viewport_size(size)
        page.goto("/c/demo/")
        _keep(page, folder, f"demo{mark}")
    context.close()


def _keep(page: Page, folder: Path, name: str) -> None:
    """The page as far as a reader sees it without scrolling."""
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    page.screenshot(path=folder / f"{name}.png", animations="disabled")


if __name__ == "__main__":
    take(Path(sys.argv[1]))
