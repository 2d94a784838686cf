"""What Chargebee tells of the site: fields, currencies, contacts, moves, planned changes."""

from urllib.parse import quote

import pytest

from sandbox.line import Json, Line, code


@pytest.fixture
def line() -> Line:
    return Line(customers=40)


def test_custom_fields_of_the_sample_data_are_described(line: Line) -> None:
    listed = line.billing("/custom_field_configs", entity_type="customer", limit=100).json()
    configs = {entry["custom_field_config"]["api_name"]: entry for entry in listed["list"]}
    used = {name for row in line.sandbox.billing.customers() for name in row if name[:3] == "cf_"}
    assert used == set(configs)
    tier = configs["cf_tier"]["custom_field_config"]
    assert (tier["field_datatype"], tier["edit_ui"]) == ("string", "drop_down")
    assert "gold" in tier["props"]
    assert configs["cf_seats"]["custom_field_config"]["field_datatype"] == "long"
    assert configs["cf_renewal"]["custom_field_config"]["field_datatype"] == "date"


def test_a_custom_field_is_known_once_a_record_has_it(line: Line) -> None:
    subscription: Json = {"entity_type": "subscription"}
    assert line.billing("/custom_field_configs", **subscription).json() == {"list": []}
    line.sandbox.billing.add_subscription("cust_000001", cf_region="north", cf_vip=True)
    found = line.billing("/custom_field_configs", **subscription).json()["list"]
    kinds = {
        config["api_name"]: (config["field_datatype"], config["edit_ui"])
        for config in (entry["custom_field_config"] for entry in found)
    }
    assert kinds == {"cf_region": ("string", "text"), "cf_vip": ("string", "check_box")}


def test_currencies_are_listed_and_one_is_the_base(line: Line) -> None:
    rows = [entry["currency"] for entry in line.billing("/currencies/list").json()["list"]]
    assert [row["currency_code"] for row in rows if row["is_base_currency"]] == ["USD"]
    used = {row["currency_code"] for row in line.sandbox.billing.subscriptions()}
    assert used <= {row["currency_code"] for row in rows}
    one = line.billing(f"/currencies/{rows[1]['id']}").json()
    assert one == {"currency": rows[1]}
    assert code(line.billing("/currencies/none")) == (404, "resource_not_found")


def test_contacts_of_a_customer_are_those_on_its_record(line: Line) -> None:
    billing = line.sandbox.billing
    rows = [row for row in billing.customers() if not row["deleted"]]
    row = next(row for row in rows if row.get("contacts"))
    found = line.billing(f"/customers/{quote(row['id'], safe='')}/contacts").json()["list"]
    assert [entry["contact"] for entry in found] == row["contacts"]
    plain = next(row for row in rows if not row.get("contacts"))
    empty = line.billing(f"/customers/{quote(plain['id'], safe='')}/contacts")
    assert empty.json() == {"list": []}
    billing.delete_customer(row["id"])
    gone = line.billing(f"/customers/{quote(row['id'], safe='')}/contacts")
    assert code(gone) == (404, "resource_not_found")


def test_an_event_is_read_by_its_id(line: Line) -> None:
    line.sandbox.billing.edit_customer("cust_000001", company="New")
    listed = line.billing("/events").json()["list"][0]
    assert line.billing(f"/events/{listed['event']['id']}").json() == listed
    assert code(line.billing("/events/ev_none")) == (404, "resource_not_found")


def test_scheduled_changes_are_told_and_where_there_are_none_that_is_an_error(line: Line) -> None:
    row = line.sandbox.subscriptions.start("cust_000001", plan="team")
    path = f"/subscriptions/{row['id']}/retrieve_with_scheduled_changes"
    assert code(line.billing(path)) == (400, "invalid_request")
    line.sandbox.subscriptions.change(row["id"], plan="business", at_term_end=True)
    coming = line.billing(path).json()
    assert coming["subscription"]["subscription_items"][0]["item_price_id"].startswith("business")
    assert coming["customer"]["id"] == "cust_000001"
    now = line.billing(f"/subscriptions/{row['id']}").json()["subscription"]
    assert now["subscription_items"][0]["item_price_id"].startswith("team")
    assert line.ids("/subscriptions", has_scheduled_changes__is="true") == [row["id"]]
    assert code(line.billing(path.replace(row["id"], "none"))) == (404, "resource_not_found")


def test_transfers_between_entities_are_listed(line: Line) -> None:
    row = line.sandbox.billing.add_customer(first_name="Ada")
    new = line.sandbox.customers.transfer(row["id"], "be_apac")
    listed = line.billing("/business_entities/transfers").json()["list"]
    transfer = listed[0]["business_entity_transfer"]
    assert transfer["resource_id"] == row["id"]
    assert transfer["active_resource_id"] == new["id"]
    assert transfer["destination_business_entity_id"] == "be_apac"
    found = line.billing("/business_entities/transfers", resource_id__is=row["id"]).json()
    assert found["list"] == listed
    none = line.billing("/business_entities/transfers", resource_type__is="subscription").json()
    assert none == {"list": []}


def test_moves_between_sites_are_listed(line: Line) -> None:
    line.sandbox.customers.move_out("cust_000001")
    line.sandbox.customers.move_in(id="from elsewhere")
    rows = line.billing("/site_migration_details").json()["list"]
    told = [entry["site_migration_detail"] for entry in rows]
    assert [(row["entity_id"], row["status"]) for row in told] == [
        ("cust_000001", "moved_out"),
        ("from elsewhere", "moved_in"),
    ]
    out = line.billing("/site_migration_details", status__is="moved_out").json()["list"]
    assert out == rows[:1]


def test_credit_notes_are_listed_and_read(line: Line) -> None:
    invoice = line.sandbox.invoices.raise_for("cust_000001", 5000)
    line.sandbox.invoices.credit(invoice["id"], 2000)
    listed = line.billing("/credit_notes", customer_id__is="cust_000001").json()["list"]
    note = listed[0]["credit_note"]
    assert (note["reference_invoice_id"], note["total"]) == (invoice["id"], 2000)
    assert line.billing(f"/credit_notes/{note['id']}").json() == listed[0]
    assert line.billing("/credit_notes", total__gt=2000).json() == {"list": []}
