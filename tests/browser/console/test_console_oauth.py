"""Connecting by OAuth in a browser: over to Pipedrive's page and back, with a yes and with a no."""

import re

import pytest
from playwright.sync_api import Page, expect

from browser.console.desk import Desk
from browser.console.walking import SITE, fill, press
from browser.console.watch import Watch


@pytest.fixture
def asked(page: Page, desk: Desk, watch: Watch) -> Page:
    """The form is filled in without a token, and Pipedrive's page asks the admin."""
    pipedrive = f"http://127.0.0.1:{desk.ports[1]}/oauth/authorize"
    watch.expected.append(f"request to the outside: {pipedrive}")
    page.goto("/connect")
    fill(page, desk)
    page.get_by_label("Pipedrive API token").fill("")
    press(page, "Connect with Pipedrive")
    page.wait_for_url(f"{pipedrive}?*")
    expect(page.get_by_role("heading", name=re.compile("^Install .+"))).to_be_visible()
    return page


def test_a_no_leads_back_to_what_was_typed(asked: Page, desk: Desk) -> None:
    press(asked, "Cancel")
    asked.wait_for_url("**/connect")
    expect(asked.get_by_role("status")).to_contain_text("Pipedrive was told no")
    assert not desk.sandbox.apps.is_installed
    expect(asked.get_by_label("Chargebee site")).to_have_value(SITE)
    expect(asked.get_by_role("button", name="Connect with Pipedrive")).to_be_visible()
    expect(asked.get_by_text("Signed in:")).to_have_count(0)
    asked.goto("/")
    expect(asked.get_by_role("heading", name="Nothing is connected yet")).to_be_visible()


def test_a_yes_connects_and_configure_names_the_company(asked: Page, desk: Desk) -> None:
    company = desk.sandbox.crm.me["company_name"]
    press(asked, "Allow and install")
    asked.wait_for_url(f"{desk.address}/connect")
    expect(asked.get_by_text(f"Signed in: {company}")).to_be_visible()
    expect(asked.get_by_label("Chargebee site")).to_have_value(SITE)
    press(asked, "Check both and connect")
    asked.wait_for_url("**/c/acme/setup/configure")
    expect(asked.get_by_role("status")).to_contain_text(company)
    assert desk.sandbox.apps.is_installed
    asked.goto("/c/acme/settings/accounts")
    expect(asked.get_by_text(company).first).to_be_visible()
