"""People in a browser: who comes in, what each role sees, and how one leaves."""

from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from browser.console.conftest import Opens
from browser.console.desk import ADMIN, PASSWORD, Desk
from browser.console.walking import come_in, press
from browser.console.watch import Watch

VIEWER, OPERATOR = "vera@example.com", "olaf@example.com"


@pytest.fixture
def team(page: Page, desk: Desk, opens: Opens, acme: str) -> None:
    """A viewer and an operator, invited by the admin."""
    for email, role in ((VIEWER, "viewer"), (OPERATOR, "operator")):
        if email not in desk.signed_in:
            page.goto("/people/")
            page.get_by_label("Email").fill(email)
            page.get_by_label("Role", exact=True).select_option(role)
            press(page, "Make a link")
            come_in(desk, opens(), page.locator("#welcome-link").inner_text(), email)


def test_the_first_link_works_once(page: Page, desk: Desk, opens: Opens, watch: Watch) -> None:
    watch.expected.append("status of 410")
    stranger = opens()
    stranger.goto(desk.welcome)
    expect(stranger.get_by_role("heading")).to_have_text("This link does not work any more")


@pytest.mark.usefixtures("team")
def test_a_viewer_sees_everything_and_no_button(opens: Opens, acme: str) -> None:
    page = opens(VIEWER)
    for part in ("", "runs/", "errors/", "records/"):
        page.goto(acme + part)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert page.locator("main form[method=post] button:visible").count() == 0
    page.goto(f"{acme}runs/")
    page.locator("tbody a").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Run")
    assert page.locator("main form[method=post] button").count() == 0
    page.goto(f"{acme}errors/")
    page.locator("tbody a").first.click()
    assert page.locator("main form[method=post] button").count() == 0


@pytest.mark.usefixtures("team")
def test_a_viewer_who_presses_all_the_same_is_refused(
    opens: Opens, acme: str, watch: Watch
) -> None:
    watch.expected.append("status of 403")
    page = opens(VIEWER)
    page.goto(f"{acme}runs/")
    token = page.locator("input[name=csrfmiddlewaretoken]").first.input_value()
    answer = page.request.post(
        f"{acme}runs/start", form={"kind": "sync", "csrfmiddlewaretoken": token}
    )
    assert answer.status == 403
    page.goto("/people/")
    expect(page.get_by_text("This needs the role admin; yours is viewer.")).to_be_visible()


@pytest.mark.usefixtures("team")
def test_an_operator_starts_runs_and_changes_no_setting(
    opens: Opens, acme: str, watch: Watch
) -> None:
    watch.expected.append("status of 403")
    page = opens(OPERATOR)
    page.goto(acme)
    expect(page.get_by_role("button", name="Sync now")).to_be_visible()
    page.goto(f"{acme}settings/")
    expect(page.get_by_role("button", name="Save")).to_have_count(0)
    page.goto("/people/")
    expect(page.get_by_text("This needs the role admin; yours is operator.")).to_be_visible()


FAINT = """() => {
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => channels(colour).slice(0, 3)
    .map((each) => each / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, each, place) => sum + each * [0.2126, 0.7152, 0.0722][place], 0);
  const above = (node) => (node ? [node, ...above(node.parentElement)] : []);
  const ground = (node) => above(node).map((each) => getComputedStyle(each).backgroundColor)
    .find((colour) => (channels(colour)[3] ?? 1) === 1) ?? "rgb(255, 255, 255)";
  const contrast = (node) => {
    const [one, two] = [getComputedStyle(node).webkitTextFillColor, ground(node)].map(light);
    return (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
  };
  const faint = (node) => above(node).some((each) => getComputedStyle(each).opacity !== "1");
  const parts = ":is(input, select, label, legend, .hint)";
  return [...document.querySelectorAll(`fieldset:disabled ${parts}`)]
    .filter((node) => contrast(node) < 4.5 || faint(node))
    .map((node) => node.outerHTML.slice(0, 99));
}"""
"""What is greyed and can hardly be read."""


@pytest.mark.usefixtures("team")
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_a_role_may_not_change_can_be_read_and_says_why(
    opens: Opens, acme: str, theme: Literal["light", "dark"]
) -> None:
    page = opens(VIEWER)
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.goto(f"{acme}settings/")
    expect(page.get_by_text("An admin can change them; your role is viewer.")).to_be_visible()
    assert page.locator("fieldset:disabled input").count() > 10
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    assert page.evaluate(FAINT) == []


@pytest.mark.usefixtures("team")
def test_one_signs_out_and_in_again_where_one_was(opens: Opens, acme: str, desk: Desk) -> None:
    page = opens(OPERATOR)
    page.goto(acme)
    page.get_by_label("Your account").click()
    press(page, "Sign out")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto(f"{acme}runs/")
    page.get_by_label("Email").fill(OPERATOR)
    page.get_by_label("Password").fill("another one altogether")
    press(page, "Sign in")
    expect(page.get_by_role("alert")).to_contain_text("No person here has this email")
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Sign in")
    expect(page.get_by_role("heading", name="Runs", exact=True)).to_be_visible()


@pytest.mark.usefixtures("team")
def test_who_is_switched_off_is_out_at_once(page: Page, opens: Opens, acme: str) -> None:
    viewer = opens(VIEWER)
    viewer.goto(acme)
    page.goto("/people/")
    page.once("dialog", lambda dialog: dialog.accept())
    press(page.get_by_role("row").filter(has_text=VIEWER), "Switch off")
    expect(page.get_by_role("status")).to_contain_text(f"{VIEWER} is viewer, switched off")
    viewer.goto(acme)
    expect(viewer.get_by_role("heading", name="Sign in")).to_be_visible()


def test_the_only_admin_stays(page: Page) -> None:
    page.goto("/people/")
    row = page.get_by_role("row").filter(has_text=ADMIN)
    row.get_by_label("Role of").select_option("viewer")
    press(row, "Change")
    expect(page.get_by_role("status")).to_contain_text("This is the only admin.")
