"""Lists that show the site as it was some seconds ago."""

from sandbox.books import NOW
from sandbox.line import Line


def emails(line: Line) -> list[str]:
    listed = line.billing("/customers", limit=100, id__in='["new", "old"]').json()["list"]
    return [entry["customer"].get("email", "") for entry in listed]


def lagging() -> Line:
    line = Line(customers=5)
    line.sandbox.billing.add_customer(id="old", email="a@x.example")
    line.sandbox.site.list_lag = 300
    return line


def test_a_list_shows_new_and_changed_records_late_while_one_record_shows_at_once() -> None:
    line = lagging()
    line.sandbox.billing.edit_customer("old", email="b@x.example")
    line.sandbox.billing.add_customer(id="new", email="n@x.example")
    assert emails(line) == ["a@x.example"]
    assert line.billing("/customers/old").json()["customer"]["email"] == "b@x.example"
    line.clock.advance(299)
    assert emails(line) == ["a@x.example"]
    line.clock.advance(1)
    assert emails(line) == ["b@x.example", "n@x.example"]


def test_a_late_list_is_sorted_and_filtered_by_what_it_shows() -> None:
    line = lagging()
    line.clock.advance(60)
    line.sandbox.billing.edit_customer("cust_000001", company="x")
    fresh = {"updated_at__after": NOW - 1, "sort_by[asc]": "updated_at"}
    assert line.ids("/customers", **fresh) == ["old"]
    line.clock.advance(300)
    assert line.ids("/customers", **fresh) == ["old", "cust_000001"]


def test_deletions_come_late_too() -> None:
    line = lagging()
    line.sandbox.billing.delete_customer("old")
    assert "old" in line.ids("/customers", limit=100)
    line.clock.advance(300)
    assert "old" not in line.ids("/customers", limit=100)


def test_the_lag_may_change_while_the_site_is_served() -> None:
    line = lagging()
    line.sandbox.billing.edit_customer("old", email="b@x.example")
    line.sandbox.site.list_lag = 0
    assert emails(line) == ["b@x.example"]
    line.sandbox.billing.edit_customer("old", email="c@x.example")
    assert emails(line) == ["c@x.example"]
    line.sandbox.site.list_lag = 10
    line.sandbox.billing.edit_customer("old", email="d@x.example")
    assert emails(line) == ["c@x.example"]
    line.clock.advance(10)
    assert emails(line) == ["d@x.example"]


def test_without_a_lag_lists_are_the_records_themselves() -> None:
    line = Line(customers=5)
    shelf = line.sandbox.billing.shelves["customer"]
    line.sandbox.billing.edit_customer("cust_000001", company="x")
    assert shelf.listed is shelf.table
