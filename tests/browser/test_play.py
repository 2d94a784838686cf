"""The sandbox's page, used by hand."""

from playwright.sync_api import expect

from browser.acting import customer, dialog, last_call, pick, press, record, search, searched, send
from browser.playing import Play


def test_it_opens_on_both_ports_and_says_what_to_do(play: Play) -> None:
    for port in play.ports:
        play.open(port)
        expect(play.page.get_by_role("heading", name="chargepipe sandbox")).to_be_visible()
        expect(play.page.locator("#billing-list")).to_contain_text("Search, or pick one of these")
        expect(play.page.locator("#crm-list")).to_contain_text("pick a customer on the left")
    assert not play.sandbox.requests


def test_a_customer_is_found_and_edited_by_one_call(play: Play) -> None:
    row = next(row for row in play.sandbox.billing.customers() if row.get("email"))
    search(play, "billing", row["email"])
    play.page.locator("#billing-list .hit", has_text=row["id"]).first.click()
    press(customer(play), "Edit Email")
    dialog(play).get_by_label("Email").fill("new@example.com")
    send(play, "Save")
    expect(customer(play)).to_contain_text("new@example.com")
    args = {"id": row["id"], "email": "new@example.com"}
    call = {"target": "billing", "method": "edit_customer", "args": args}
    assert last_call(play, "edit_customer") == call
    assert play.sandbox.billing.customer(row["id"])["email"] == "new@example.com"
    expect(play.page.locator("#events")).to_contain_text("customer changed")


def test_a_search_without_a_hit_says_so(play: Play) -> None:
    search(play, "billing", "nobody at all")
    expect(play.page.locator("#billing-list")).to_contain_text("Nobody is found")
    search(play, "crm", "nobody at all")
    expect(play.page.locator("#crm-list")).to_contain_text("Nothing is found")


def test_the_person_of_a_customer_stands_beside_it_by_email(play: Play) -> None:
    row = pick(play, "already_person")
    expect(play.page.locator("#crm-list")).to_contain_text("stand")
    expect(record(play).or_(play.page.locator("#crm-list .hit")).first).to_contain_text(
        row["email"]
    )


def test_a_link_to_a_record_opens_it(play: Play) -> None:
    sandbox = play.sandbox
    subscription = next(iter(sandbox.billing.subscriptions()))
    play.page.goto(f"http://127.0.0.1:{play.ports[0]}/d/subscriptions/{subscription['id']}")
    expect(customer(play)).to_contain_text(subscription["customer_id"])
    person = sandbox.crm.add_person(name="Linked To")
    play.page.goto(f"http://127.0.0.1:{play.ports[1]}/person/{person['id']}")
    expect(record(play)).to_contain_text("Linked To")
    assert not sandbox.requests


def test_a_person_with_the_mark_finds_its_customer(play: Play) -> None:
    crm = play.sandbox.crm
    code = crm.add_field("person", field_name="CB Customer ID", field_type="varchar")["field_code"]
    id = play.sandbox.billing.cases["no_email"][0]
    crm.add_person(name="Marked Person", custom_fields={code: id})
    play.open()
    search(play, "crm", "marked")
    play.page.locator("#crm-list .hit", has_text="Marked Person").click()
    expect(record(play)).to_contain_text("CB Customer ID")
    expect(customer(play)).to_contain_text(id)


def test_what_a_sync_writes_appears_by_itself(play: Play) -> None:
    row = pick(play, "no_email")
    expect(play.page.locator("#crm-list")).to_contain_text("No person stands for")
    crm = play.sandbox.crm
    code = crm.add_field("person", field_name="CB Customer ID", field_type="varchar")["field_code"]
    crm.add_person(name="Made by a sync", custom_fields={code: row["id"]})
    play.shows(record(play), "Made by a sync")


def test_nothing_moves_below_the_hands_of_somebody_who_types(play: Play) -> None:
    row = pick(play, "status_active")
    box = play.page.locator("#billing-search").get_by_role("searchbox")
    box.fill("half a wo")
    play.sandbox.billing.edit_customer(row["id"], first_name="Changed Meanwhile")
    play.looks(2.2)
    expect(customer(play)).not_to_contain_text("Changed Meanwhile")
    play.shows(customer(play), "Changed Meanwhile")
    expect(box).to_be_focused()
    assert box.input_value() == "half a wo"


def test_nothing_moves_below_an_open_dialog(play: Play) -> None:
    row = pick(play, "status_active")
    press(customer(play), "Edit Email")
    play.sandbox.billing.edit_customer(row["id"], first_name="Changed Meanwhile")
    play.looks()
    expect(customer(play)).not_to_contain_text("Changed Meanwhile")
    play.page.keyboard.press("Escape")
    play.shows(customer(play), "Changed Meanwhile")


def test_a_subscription_is_started_and_cancelled(play: Play) -> None:
    row = pick(play, "no_subscription")
    press(customer(play), "Start a subscription ...")
    dialog(play).get_by_label("Plan").select_option("business")
    dialog(play).get_by_label("Currency").select_option("EUR")
    send(play, "Start a subscription")
    part = customer(play).locator(".part", has_text="business")
    expect(part).to_contain_text("active")
    press(part, "Cancel ...")
    dialog(play).get_by_label("At the end of the term").check()
    send(play, "Cancel it")
    expect(part).to_contain_text("non renewing")
    (made,) = play.sandbox.billing.search(row["id"])[0]["subscriptions"]
    assert (made["status"], made["currency_code"]) == ("non_renewing", "EUR")


def test_an_invoice_is_raised_in_what_people_type(play: Play) -> None:
    row = pick(play, "no_subscription")
    before = {each["id"] for each in play.sandbox.billing.search(row["id"])[0]["invoices"]}
    press(customer(play), "Raise an invoice ...")
    dialog(play).get_by_label("Amount").fill("12")
    send(play, "Raise an invoice")
    expect(customer(play)).to_contain_text("12")
    invoices = play.sandbox.billing.search(row["id"])[0]["invoices"]
    (made,) = (each for each in invoices if each["id"] not in before)
    assert made["total"] == (12 if made["currency_code"] == "JPY" else 1200)


def test_a_deal_is_won_and_reopened(play: Play) -> None:
    deal = next(deal for deal in play.sandbox.crm.deals() if deal["status"] == "open")
    search(play, "crm", deal["title"])
    play.page.locator("#crm-list .hit", has_text=f"deal {deal['id']}").first.click()
    press(record(play), "Win")
    expect(record(play).locator("h3 .badge")).to_have_text("won")
    assert play.sandbox.crm.deal(deal["id"])["status"] == "won"
    press(record(play), "Reopen")
    expect(record(play).locator("h3 .badge")).to_have_text("open")


def test_a_deal_moves_to_another_stage(play: Play) -> None:
    deal = next(deal for deal in play.sandbox.crm.deals() if deal["status"] == "open")
    search(play, "crm", str(deal["id"]))
    play.page.locator("#crm-list .hit", has_text=f"deal {deal['id']}").first.click()
    press(record(play), "Move ...")
    dialog(play).get_by_label("Stage").select_option("2")
    send(play, "Move")
    expect(record(play)).to_contain_text("Contact Made")


def test_a_month_passes(play: Play) -> None:
    before = play.sandbox.clock.now()
    press(play.page.locator("#clock"), "A month on")
    assert last_call(play, "travel")["args"] == {"seconds": 2592000}
    assert 30 * 86_400 <= play.sandbox.clock.now() - before < 30 * 86_400 + 600
    expect(play.page.locator("#events")).to_contain_text("renewed")


def test_it_says_that_subscriptions_stand_still_until_time_passes(play: Play) -> None:
    clock = play.page.locator("#clock")
    expect(clock).to_contain_text("Subscriptions stand still")
    press(clock, "An hour on")
    expect(clock).not_to_contain_text("Subscriptions stand still")


def test_a_fault_is_put_in_force_and_cleared(play: Play) -> None:
    press(play.page.locator("#tabs"), "Faults")
    faults = play.page.locator("#faults")
    press(faults, "HTML 403 from the shield to the next 3 calls")
    expect(faults).to_contain_text("3 calls to come")
    hit = play.sandbox.faults.hit("pipedrive", "GET", "/api/v2/persons")
    assert hit is not None
    assert (hit.status, hit.kind) == (403, "html")
    press(faults, "Clear all faults")
    expect(faults).to_contain_text("None. Both services work.")
    assert play.sandbox.faults.in_force() == []


def test_plan_and_catalog_are_switched(play: Play) -> None:
    press(play.page.locator("#tabs"), "Plan, catalog, lags")
    terms = play.page.locator("#terms")
    terms.get_by_label("Plan", exact=True).select_option("ultimate")
    expect(terms).to_contain_text("210,000 tokens a day")
    terms.get_by_label("Product catalog").select_option("v1")
    expect(play.page.locator("#counters")).to_contain_text("catalog v1")
    terms.get_by_label("Seats").fill("0")
    terms.get_by_label("Seats").blur()
    expect(terms.get_by_role("alert")).to_contain_text("whole number from 1")
    expect(terms.get_by_label("Seats")).to_have_value("1")
    terms.get_by_label("Lists show a write").fill("")
    terms.get_by_label("Lists show a write").blur()
    expect(terms.get_by_role("alert")).to_contain_text("has to be a number")
    expect(terms.get_by_label("Lists show a write")).to_have_value("0")
    assert (play.sandbox.company.plan, play.sandbox.company.seats) == ("ultimate", 1)


def test_a_refusal_is_said_where_the_button_was(play: Play) -> None:
    play.page.locator("summary", has_text="Permissions").click()
    permissions = play.page.locator("#permissions")
    permissions.get_by_role("button", name="Uninstall").click()
    expect(permissions.get_by_role("alert").filter(has_text="installed")).to_be_visible()
    pick(play, "status_active")
    press(customer(play), "Merge into ...")
    dialog(play).get_by_label("Id of the customer").fill("nobody")
    press(dialog(play), "Merge into")
    expect(dialog(play).get_by_role("alert")).to_contain_text("no customer with the id")
    play.page.keyboard.press("Escape")
    expect(dialog(play)).to_be_hidden()


def test_a_custom_field_is_renamed_and_deleted(play: Play) -> None:
    play.sandbox.crm.add_field("person", field_name="Tier", field_type="varchar")
    play.open()
    play.page.locator("summary", has_text="Custom fields").click()
    part = play.page.locator("#fields .part")
    press(part, "Rename ...")
    dialog(play).get_by_label("Name").fill("Level")
    send(play, "Rename")
    expect(part).to_contain_text("Level")
    press(part, "Delete the field Level")
    press(dialog(play), "Cancel")
    expect(dialog(play)).to_be_hidden()
    expect(part).to_have_count(1)
    press(part, "Delete the field Level")
    send(play, "Delete")
    expect(part).to_have_count(0)


def test_a_right_is_taken_and_given_back(play: Play) -> None:
    play.page.locator("summary", has_text="Permissions").click()
    permissions = play.page.locator("#permissions")
    press(permissions, "Forbid: Can add people")
    expect(permissions).to_contain_text("forbidden")
    assert not play.sandbox.crm.may("can_add_people")
    press(permissions, "Allow: Can add people")
    expect(permissions).not_to_contain_text("forbidden")


def test_a_merged_person_is_said_to_be_gone(play: Play) -> None:
    crm = play.sandbox.crm
    one, two = (crm.add_person(name=name)["id"] for name in ("First Twin", "Second Twin"))
    search(play, "crm", "First Twin")
    play.page.locator("#crm-list .hit", has_text="First Twin").click()
    press(record(play), "Merge into ...")
    dialog(play).get_by_label("Id of the person").fill(str(two))
    press(dialog(play), "Merge into")
    expect(play.page.locator("#crm-open")).to_contain_text(f"The person {one} is gone")


def test_data_is_text_and_never_markup(play: Play) -> None:
    name = "<img src=x onerror=alert(1)>"
    play.sandbox.billing.add_customer(id="odd", first_name=name, email="odd@example.com")
    play.sandbox.crm.add_person(name=name, emails=[{"value": "odd@example.com"}])
    search(play, "billing", "odd")
    play.page.locator("#billing-list .hit").first.click()
    expect(customer(play)).to_contain_text(name)
    expect(record(play)).to_contain_text(name)
    assert play.page.locator("main img").count() == 0


def test_everything_has_a_name_and_can_be_reached_by_key(play: Play) -> None:
    pick(play, "already_person")
    nameless = """() => [...document.querySelectorAll("button, input, select, summary")]
        .filter((node) => !(node.ariaLabel || node.labels?.length || node.textContent.trim()))
        .map((node) => node.outerHTML)"""
    assert play.page.evaluate(nameless) == []
    play.page.locator("#billing-search").get_by_role("searchbox").focus()
    play.page.keyboard.type("cust")
    play.page.keyboard.press("Enter")
    searched(play, "billing", "cust")
    hit = play.page.locator("#billing-list .hit").first
    expect(hit).to_be_visible()
    for _ in ("Search", "Back to the cases", "Make a customer ...", "the first hit"):
        play.page.keyboard.press("Tab")
    expect(hit).to_be_focused()
    play.page.keyboard.press("Enter")
    expect(customer(play)).to_be_visible()


def test_it_says_when_the_sandbox_is_gone_and_when_it_is_back(play: Play) -> None:
    pick(play, "status_active")
    play.page.mouse.wheel(0, 600)
    play.page.locator("#billing-search").get_by_role("searchbox").fill("half a wo")
    play.page.evaluate("scrollTo(0, 600)")
    with play.lost():
        play.shows(play.page.locator("#lost"), "does not answer")
        expect(play.page.locator("#lost")).to_be_in_viewport()
    play.hides(play.page.locator("#lost"))


def test_it_says_so_while_a_dialog_is_open_too(play: Play) -> None:
    press(play.page.locator("#billing-list"), "Make a customer ...")
    with play.lost():
        play.shows(play.page.locator("#lost"), "does not answer")
