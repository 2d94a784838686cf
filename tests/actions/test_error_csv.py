"""The error list as CSV, as a spreadsheet program reads it."""

import csv
import io

import pytest

from chargepipe.actions import error_csv, errors
from chargepipe.actions.csv import BOM, lines, safe
from chargepipe.store.models import SyncError
from world import CHARGEBEE, PIPEDRIVE, World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db: None) -> World:
    return World(customers=0, people_before=0.0)


def opened(text: str) -> list[list[str]]:
    """What a program sees that takes UTF-8 by its BOM."""
    return list(csv.reader(io.StringIO(text.encode().decode("utf-8-sig"), newline="")))


def test_signs_of_all_languages_blanks_and_quotes_arrive_whole():
    row = ["Zoë 🚀", 'say "x", y;', "two\r\nlines", "+49 30 123", "0049"]
    text = "".join(lines(("a", "b", "c", "d", "e"), [row]))
    assert text.startswith(BOM)
    assert text.count(BOM) == 1
    assert opened(text) == [["a", "b", "c", "d", "e"], row]


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "+cmd",
        "-x",
        "+",
        "+1+cmd|' /C calc'!A0",
        '-2+HYPERLINK("http://x")',
        "+49=1",
    ],
)
def test_whatever_a_spreadsheet_would_run_is_neutralised(text: str):
    assert safe(text) == f"'{text}"


@pytest.mark.parametrize(
    "text", ["+49 (0)30 901820", "+1-800-FLOWERS", "+49 30 1 ext. 5", "-5", "-5.20", "Ada", "a=b"]
)
def test_phones_numbers_and_plain_text_stay_as_they_are(text: str):
    assert safe(text) == text


def test_each_error_says_what_to_do_with_candidates_and_links_to_both_services(world: World):
    connection = world.connect()
    for name in ("=HYPERLINK", "Y"):
        world.crm.add_person(name=name, emails=[{"value": "a@x.co"}])
    world.billing.add_customer(id="c/1", first_name="=Ada", email="a@x.co")
    world.run(connection, "full")
    header, row = opened("".join(error_csv.csv("acme")))
    shown = dict(zip(header, row, strict=True))
    first, second = (person["id"] for person in world.crm.persons())
    assert shown["code"] == "ambiguous_person"
    assert (shown["record"], shown["key"], shown["state"]) == ("customer", "c/1", "open")
    assert "decide" in shown["what to do"]
    assert shown["candidates"] == f"{first} =HYPERLINK; {second} Y"
    assert (shown["name"], shown["email"]) == ("'=Ada", "a@x.co")
    assert shown["in Chargebee"] == f"{CHARGEBEE}/d/customers/c%2F1"
    assert shown["in Pipedrive"].split() == [
        f"{PIPEDRIVE}/person/{each}" for each in (first, second)
    ]


def test_a_linked_customers_error_leads_to_its_person(world: World):
    connection = world.connect()
    ada = world.billing.add_customer(email="a@x.co")["id"]
    world.run(connection, "full")
    error = SyncError.objects.create(
        connection=connection,
        kind="customer",
        source_key=ada,
        code="refused",
        words="Pipedrive refused the write: no",
        opened_at=world.clock.now(),
    )
    (person,) = world.crm.persons()
    (place,) = errors.places(error)
    assert (place.kind, place.id) == ("person", person["id"])
    assert place.url.endswith(f"/person/{person['id']}")


def test_ignored_errors_are_left_out_and_have_their_reason_when_asked_for(world: World):
    connection = world.connect()
    for _ in range(2):
        world.billing.add_customer(first_name="No Email")
    world.run(connection, "full")
    one = SyncError.objects.order_by("pk").first()
    assert one is not None
    errors.ignore("acme", [one.pk], "=known")
    assert len(opened("".join(error_csv.csv("acme")))) == 2
    header, *rows = opened("".join(error_csv.csv("acme", ("open", "ignored"))))
    reasons = {dict(zip(header, row, strict=True))["reason"] for row in rows}
    assert reasons == {"", "'=known"}
