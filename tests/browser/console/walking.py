"""What a person does in the console, step by step."""

from playwright.sync_api import Locator, Page, expect

from browser.console.desk import ADMIN, PASSWORD, Desk

SITE = "sandbox-test"


def press(place: Page | Locator, name: str) -> None:
    place.get_by_role("button", name=name, exact=True).click()


def come_in(desk: Desk, page: Page, link: str = "", email: str = ADMIN) -> Page:
    """Use a link that works once, else the printed one, which makes somebody the admin."""
    page.goto(link or desk.welcome)
    if not link:
        page.get_by_label("Your email").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("The same once more").fill(PASSWORD)
    press(page, "Go in")
    expect(page.get_by_role("heading", name="Connections", exact=True)).to_be_visible()
    desk.signed_in[email] = page.context.storage_state()
    return page


def connect(page: Page, desk: Desk, name: str = "acme") -> None:
    """Fill in the first step with what is right, and send it."""
    page.goto("/connect")
    fill(page, desk, name)
    press(page, "Check both and connect")


def fill(page: Page, desk: Desk, name: str = "acme") -> None:
    page.get_by_label("Name of the connection").fill(name)
    page.get_by_label("Chargebee site").fill(SITE)
    page.get_by_label("Chargebee API key").fill(desk.sandbox.chargebee_key)
    page.get_by_label("Pipedrive API token").fill(desk.sandbox.pipedrive_token)
    for number, label in enumerate(("Address of Chargebee", "Address of Pipedrive")):
        field = page.get_by_label(label)
        if not field.is_visible():
            page.get_by_text("Another address").nth(number).click()
        path = "/api/v2" if label.endswith("Chargebee") else ""
        field.fill(f"http://127.0.0.1:{desk.ports[number]}{path}")


def sync_all(page: Page) -> None:
    """Start the full sync on its page, and say yes to the question that it asks."""
    page.once("dialog", lambda dialog: dialog.accept())
    press(page, "Sync all")


def synced(page: Page, desk: Desk, name: str = "acme") -> None:
    """The shortest way from nothing to a finished full sync."""
    connect(page, desk, name)
    page.wait_for_url(f"**/c/{name}/setup/configure")
    page.goto(f"/c/{name}/setup/all")
    sync_all(page)
    expect(page.get_by_role("heading", name="Everything was synced")).to_be_visible()


def ended(page: Page, state: str = "done") -> None:
    """Wait until the run of this page has ended as it should."""
    expect(page.locator("#run .badge").first).to_have_text(state)
