"""Takes a picture of every page for the docs, over simulated services: `script/screenshots`."""

import re
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from browser.conftest import ARGS
from browser.console.desk import ADMIN, Desk, desk_of
from browser.console.walking import come_in, connect, ended, press, sync_all
from browser.playing import PATIENCE

CUSTOMERS = 120
DESKTOP = ViewportSize(width=1200, height=800)
PHONE = ViewportSize(width=390, height=780)
LIGHT = {
    "connections": "/",
    "overview": "/c/acme/",
    "runs": "/c/acme/runs/",
    "errors": "/c/acme/errors/",
    "records": "/c/acme/records/",
    "settings": "/c/acme/settings/",
    "settings-file": "/c/acme/settings/file",
    "accounts": "/c/acme/settings/accounts",
    "people": "/people/",
}
SOME = ("overview", "errors", "settings")
"""Pages that are shown dark, and on a phone, too."""
TWIN = "tilda.twin@example.com"


def take(folder: Path) -> None:
    """Set a small company up, walk through the console and keep what is seen on the way."""
    expect.set_options(timeout=1000 * PATIENCE)
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    with (
        tempfile.TemporaryDirectory() as home,
        desk_of(Path(home), CUSTOMERS) as desk,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=path, args=ARGS)
        _prepare(desk)
        _walk(browser, desk, folder)
        _others(browser, desk, folder)
        browser.close()


def _prepare(desk: Desk) -> None:
    sandbox = desk.sandbox
    sandbox.billing.add_customer(id="tilda", first_name="Tilda", last_name="Twin", email=TWIN)
    for name in ("Tilda Twin", "T. Twin (sales)"):
        sandbox.crm.add_person(name=name, emails=[{"value": TWIN}])


def _walk(browser: Browser, desk: Desk, folder: Path) -> None:
    context = browser.new_context(base_url=desk.address, viewport=DESKTOP)
    page = context.new_page()
    page.goto(desk.welcome)
    _keep(page, folder, "welcome")
    come_in(desk, page)
    page.goto("/connect")
    _keep(page, folder, "setup-1-connect")
    connect(page, desk)
    page.wait_for_url("**/setup/configure")
    page.get_by_role("checkbox", name="Organizations").check()
    _keep(page, folder, "setup-2-configure")
    press(page, "Save and go on")
    press(page, "Validate")
    expect(page.get_by_role("heading", name="customers were checked")).to_be_visible()
    _keep(page, folder, "setup-3-validate")
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
    context.close()


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
    page.goto("/c/acme/records/cust_000012")
    _keep(page, folder, "record")
    page.goto("/c/acme/errors/")
    page.get_by_role("link", name="Tilda Twin", exact=True).click()
    expect(page.get_by_role("heading", name="Which person is it?")).to_be_visible()
    _keep(page, folder, "error")


def _others(browser: Browser, desk: Desk, folder: Path) -> None:
    looks = [
        ("", DESKTOP, "light", LIGHT),
        ("-dark", DESKTOP, "dark", SOME),
        ("-phone", PHONE, "light", SOME),
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
            page.goto(LIGHT[name])
            _keep(page, folder, name + mark)
        context.close()


def _keep(page: Page, folder: Path, name: str) -> None:
    """The page as far as a reader sees it without scrolling."""
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    page.screenshot(path=folder / f"{name}.png", animations="disabled")


if __name__ == "__main__":
    take(Path(sys.argv[1]))
