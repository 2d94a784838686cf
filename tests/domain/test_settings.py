import json
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepipe.domain.held_deal import DEAL_NAMES
from chargepipe.domain.settings import (
    AdditionalField,
    Brake,
    ConnectionFile,
    DealRule,
    InvoiceDeals,
    InvoiceRules,
    MatchKey,
    Problem,
    Schedule,
    Settings,
    SettingsError,
    SubscriptionDeals,
    SubscriptionRules,
    check,
    differences,
    dump,
    format_interval,
    load,
    locked,
    parse_interval,
    placed,
)
from chargepipe.domain.settings.additional import BUILT_IN

from .builders import settings

HEAD = """\
name = "acme"
[chargebee]
site = "acme-test"
api_key = "env:KEY"
[pipedrive]
api_token = "file:/run/secrets/token"
"""
HEAD_LINES = HEAD.count("\n")


def problems(text: str) -> list[tuple[int | None, str, str]]:
    with pytest.raises(SettingsError) as caught:
        load(text)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    return [(p.line, p.path, p.message) for p in caught.value.problems]


def refused(**chosen: Any) -> dict[str, str]:
    with pytest.raises(SettingsError) as caught:
        check(Settings, chosen)
    return {problem.path: problem.message for problem in caught.value.problems}


def file(**parts: Any) -> ConnectionFile:
    row = {"chargebee": {"site": "acme", "api_key": "env:K"}, "pipedrive": {"oauth": True}}
    return check(ConnectionFile, {"name": "acme", **row, **parts})


def file_refused(**parts: Any) -> dict[str, str]:
    with pytest.raises(SettingsError) as caught:
        file(**parts)
    return {problem.path: problem.message for problem in caught.value.problems}


# What a file says, and what holds when it says nothing


def test_a_short_file_takes_the_defaults():
    found = load(HEAD)
    assert found.name == "acme"
    assert (found.chargebee.site, found.chargebee.api_key) == ("acme-test", "env:KEY")
    assert found.pipedrive.api_token == "file:/run/secrets/token"
    assert (found.chargebee.url, found.pipedrive.url, found.pipedrive.oauth) == (None, None, False)
    assert found.settings == Settings()
    assert found.brake == Brake(share_of_people=0.3, deals=100)
    assert found.schedule == Schedule(automatic=True, every=timedelta(hours=1))


def test_the_defaults_are_those_of_the_product():
    assert Settings().model_dump(exclude={"subscription_deals", "invoice_deals"}) == {
        "customers": "all",
        "create_people": True,
        "organizations": False,
        "deleted_customers": "flag",
        "subscription_data": "off",
        "match_key": {"chargebee": "email", "pipedrive": "email"},
        "business_entities": "all",
        "budget_share": 0.7,
        "daily_tokens": "auto",
        "overwrite": "always",
        "shared_keys": "overwrite",
        "deleted_persons": "recreate",
        "deal_care": True,
        "owner": "token",
        "visibility": "default",
        "label": "",
        "extras": (),
        "time_zone": "UTC",
        "zero_decimal": ("JPY", "KRW", "XAF", "XOF"),
        "additional_fields": (),
    }


def test_the_default_rules_of_deals_are_those_of_the_product():
    deals = SubscriptionDeals()
    assert (deals.enabled, deals.pipeline, deals.value) == (False, None, "amount")
    assert deals.title == "{company_or_name} - {plan}"
    assert {name: rule["status"] for name, rule in deals.status.model_dump().items()} == {
        "future": "open",
        "in_trial": "open",
        "active": "won",
        "non_renewing": "won",
        "paused": "won",
        "cancelled": "lost",
        "transferred": "none",
    }
    invoices = InvoiceDeals()
    assert (invoices.enabled, invoices.pipeline) == (False, None)
    assert invoices.title == "{company_or_name} - {id}"
    assert {name: rule["status"] for name, rule in invoices.status.model_dump().items()} == {
        "posted": "open",
        "payment_due": "open",
        "not_paid": "open",
        "paid": "won",
        "voided": "lost",
        "pending": "none",
    }
    rules = [*deals.status.model_dump().values(), *invoices.status.model_dump().values()]
    assert {rule["stage"] for rule in rules} == {None}


EXAMPLE = (
    HEAD
    + """
[settings]
customers = "with_subscriptions"
create_people = false
organizations = true
deleted_customers = "delete"
subscription_data = "organization"
match_key = { chargebee = "cf_no", pipedrive = " Customer  no " }
business_entities = ["be1", " be2 "]
budget_share = 1
daily_tokens = 60000
overwrite = "append"
shared_keys = "first"
deleted_persons = "leave"
deal_care = false
owner = "sales@acme.test"
extras = ["overdue", "link", "link"]
time_zone = "Europe/Berlin"
zero_decimal = ["VND", "JPY", "VND"]

[settings.subscription_deals]
enabled = true
pipeline = " Sales  EU "
value = "arr"
title = "{plan} of {name}"
[settings.subscription_deals.status]
in_trial = { stage = "Proposal Made", status = "open" }
active = { stage = 7, status = "won" }

[settings.invoice_deals]
enabled = true
pipeline = 3
[settings.invoice_deals.status]
paid = { status = "none" }

[[settings.additional_fields]]
from = "customer.cf_tier"
to = "person. Tier  A "
type = "number"
overwrite = "fill_empty"

[brake]
share_of_people = 1.0
deals = 0

[schedule]
automatic = false
every = "15m"
"""
)


def test_a_long_file_says_everything():
    found = load(EXAMPLE)
    assert found.settings == Settings(
        customers="with_subscriptions",
        create_people=False,
        organizations=True,
        deleted_customers="delete",
        subscription_data="organization",
        match_key=MatchKey(chargebee="cf_no", pipedrive="Customer no"),
        business_entities=("be1", "be2"),
        budget_share=1.0,
        daily_tokens=60000,
        overwrite="append",
        shared_keys="first",
        deleted_persons="leave",
        deal_care=False,
        owner="sales@acme.test",
        extras=("link", "overdue"),
        time_zone="Europe/Berlin",
        zero_decimal=("JPY", "VND"),
        subscription_deals=SubscriptionDeals(
            enabled=True,
            pipeline="Sales EU",
            value="arr",
            title="{plan} of {name}",
            status=SubscriptionRules(
                in_trial=DealRule(stage="Proposal Made", status="open"),
                active=DealRule(stage=7, status="won"),
            ),
        ),
        invoice_deals=InvoiceDeals(
            enabled=True, pipeline=3, status=InvoiceRules(paid=DealRule(status="none"))
        ),
        additional_fields=(
            AdditionalField(
                source="customer.cf_tier",
                target="person.Tier A",
                type="number",
                overwrite="fill_empty",
            ),
        ),
    )
    assert found.brake == Brake(share_of_people=1.0, deals=0)
    assert found.schedule == Schedule(automatic=False, every=timedelta(minutes=15))


def test_the_example_of_the_design_page_is_a_file():
    page = Path(__file__).resolve().parents[3] / "shared" / "design" / "interface.md"
    if not page.is_file():
        pytest.skip("the design pages (../shared) are not here")
    text = page.read_text().partition("```toml\n")[2].partition("```")[0]
    found = load(text)
    assert found.settings.subscription_deals.status.in_trial.stage == "Proposal Made"
    assert load(dump(found)) == found


def test_a_byte_order_mark_is_passed_over():
    assert load("\ufeff" + HEAD) == load(HEAD)
    (there,) = placed([Problem(None, "name", "is taken")], "\ufeff" + HEAD)
    assert there == Problem(1, "name", "is taken")


def test_settings_are_frozen_and_hashable():
    with pytest.raises(ValueError, match="frozen"):
        Settings().customers = "all"
    assert hash(load(EXAMPLE)) == hash(load(EXAMPLE))


def test_json_takes_a_file_there_and_back():
    found = load(EXAMPLE)
    stored = json.loads(json.dumps(found.model_dump(mode="json", by_alias=True)))
    assert ConnectionFile.model_validate(stored) == found
    assert stored["schedule"]["every"] == "15m"
    named = json.loads(json.dumps(found.model_dump(mode="json")))
    assert ConnectionFile.model_validate(named) == found


# What is wrong, all at once, with its line


def test_all_problems_are_told_at_once_each_with_its_line():
    text = """\
name = "acme"
[chargebee]
site = "https://acme.chargebee.com"
api_key = "live_hush"
[pipedrive]
api_token = "env:T"
oauth = true
[settings]
custmers = "all"
organizations = false
subscription_data = "organization"
budget_share = 1.5
match_key = { chargebee = "email", pipedrive = "phone" }
[settings.subscription_deals.status]
trial = { status = "open" }
active = { stage = 1, status = "none" }
[[settings.additional_fields]]
from = "customer.cf_a"
to = "person.A"
[[settings.additional_fields]]
from = "invoice.total"
to = "person.Total"
[brakes]
deals = 1
"""
    found = problems(text)
    assert "hush" not in str(found)
    assert [(line, path) for line, path, _ in found] == [
        (3, "chargebee.site"),
        (4, "chargebee.api_key"),
        (7, "pipedrive.oauth"),
        (9, "settings.custmers"),
        (11, "settings.subscription_data"),
        (12, "settings.budget_share"),
        (13, "settings.match_key.pipedrive"),
        (15, "settings.subscription_deals.status.trial"),
        (16, "settings.subscription_deals.status.active.stage"),
        (22, "settings.additional_fields.1.to"),
        (23, "brakes"),
    ]


@pytest.mark.parametrize(
    ("share", "words", "percent"),
    [
        (1.5, "must be at most 1", "must be at most 100 %"),
        (0, "must be above 0", "must be above 0 %"),
        ("x", "must be a number, without quotes", "must be a number"),
    ],
)
def test_a_share_is_told_in_the_unit_that_was_asked_for(share: Any, words: str, percent: str):
    data = {**tomllib.loads(HEAD), "settings": {"budget_share": share}}
    told = []
    for asked in ([], ["settings.budget_share"]):
        with pytest.raises(SettingsError) as error:
            check(ConnectionFile, data, in_per_cent=asked)
        told += [problem.message for problem in error.value.problems]
    assert told == [words, percent]


def test_an_unknown_key_is_told_with_the_nearest_known_one():
    assert problems(HEAD + "[settings]\ncustmers = 1\n") == [
        (HEAD_LINES + 2, "settings.custmers", 'is no key that we know; did you mean "customers"?')
    ]


def test_an_unknown_key_like_no_other_is_told_with_all_known_ones():
    ((_, _, message),) = problems(HEAD + "[brake]\nxyz = 1\n")
    assert message == "is no key that we know; known here: deals, share_of_people"


def test_unknown_keys_are_told_in_every_part():
    rows = {"status": {"activ": {"status": "won"}}}
    assert (
        'did you mean "active"?'
        in refused(subscription_deals=rows)["subscription_deals.status.activ"]
    )
    found = refused(additional_fields=[{"from": "customer.cf_a", "to": "person.A", "overwrit": 1}])
    assert 'did you mean "overwrite"?' in found["additional_fields.0.overwrit"]
    found = refused(additional_fields=[{"frm": "customer.cf_a", "to": "person.A"}])
    assert 'did you mean "from"?' in found["additional_fields.0.frm"]
    assert found["additional_fields.0.from"] == "is missing"


def test_what_is_missing_is_told_at_its_table():
    text = 'name = "acme"\n[chargebee]\nsite = "acme"\n[pipedrive]\noauth = true\n'
    assert problems(text) == [(2, "chargebee.api_key", "is missing")]
    assert problems("") == [
        (None, "chargebee", "is missing"),
        (None, "name", "is missing"),
        (None, "pipedrive", "is missing"),
    ]
    places = [(line, path) for line, path, _ in problems("above = 1\n")]
    missing = [(None, "chargebee"), (None, "name"), (None, "pipedrive")]
    assert places == [*missing, (1, "above")], "what has no line stands before all lines"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("name = acme", 1),
        ("name = acme\n\na = 1\n", 1),
        ('a = 1\nb = "x', 2),
        ("a = 1\na = 2", 2),
        ("[a\n", 1),
        ("a = 2026-13-40", 1),
    ],
)
def test_what_is_no_toml_is_told_with_its_line(text: str, line: int):
    words = "is not TOML: texts stand in quotes, brackets are closed, each key stands once"
    assert problems(text) == [(line, "", words)]


def test_texts_made_to_break_a_parser_are_refused_in_words():
    assert problems("a = " + "[" * 20000) == [(None, "", "nests brackets too deeply")]
    assert "is not TOML" in problems("a = " + "1" * 5000)[0][2]


def test_what_is_no_table_at_all_is_refused():
    nothing: Any = []
    with pytest.raises(SettingsError, match=r"^the file must be a table of keys and values$"):
        check(ConnectionFile, nothing)


def test_a_problem_that_we_have_no_words_for_is_told_all_the_same():
    odd: Any = {5: "x"}
    with pytest.raises(SettingsError) as caught:
        check(Settings, odd)
    (problem,) = caught.value.problems
    assert (problem.path, bool(problem.message)) == ("5", True)


def test_an_error_has_a_line_for_each_problem():
    with pytest.raises(SettingsError) as caught:
        check(Settings, {"owner": 5, "deal_care": 5})
    assert str(caught.value).splitlines() == [
        "deal_care must be true or false, without quotes",
        "owner must be a text in quotes",
    ]


def test_a_problem_reads_as_a_sentence():
    assert str(Problem(3, "a.b", "is missing")) == "line 3: a.b is missing"
    assert str(Problem(None, "a.b", "is missing")) == "a.b is missing"
    assert str(Problem(3, "", "is not TOML")) == "line 3: the file is not TOML"
    with pytest.raises(SettingsError, match=r"^name is missing$"):
        check(
            ConnectionFile,
            {"chargebee": {"site": "a", "api_key": "env:K"}, "pipedrive": {"oauth": True}},
        )


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("customers", "some", "must be 'all' or 'with_subscriptions'"),
        ("customers", 1, "must be 'all' or 'with_subscriptions'"),
        ("create_people", "yes", "must be true or false, without quotes"),
        ("create_people", 1, "must be true or false, without quotes"),
        ("budget_share", True, "must be a number, without quotes"),
        ("budget_share", "0.5", "must be a number, without quotes"),
        ("budget_share", 0, "must be above 0"),
        ("budget_share", float("nan"), "must be at most 1"),
        ("budget_share", 1.01, "must be at most 1"),
        ("owner", 5, "must be a text in quotes"),
        ("extras", "link", "must be a list in square brackets"),
        ("match_key", "email", "must be a table of keys and values"),
        ("subscription_deals", True, "must be a table of keys and values"),
    ],
)
def test_a_value_of_the_wrong_kind_is_told_what_would_be_right(key: str, value: Any, words: str):
    assert refused(**{key: value}) == {key: words}


def test_wrong_items_of_a_list_are_told_each():
    assert refused(extras=["link", "x", 4]) == {
        "extras.1": "must be 'link' or 'overdue'",
        "extras.2": "must be 'link' or 'overdue'",
    }
    assert refused(zero_decimal=[4]) == {"zero_decimal.0": "must be a text in quotes"}


@pytest.mark.parametrize("value", [0, -1, True, 1.5, "60000", "some", None])
def test_daily_tokens_are_auto_or_a_number(value: Any):
    words = 'must be "auto", or the tokens a day as a number above 0'
    assert refused(daily_tokens=value) == {"daily_tokens": words}
    assert settings(daily_tokens=1).daily_tokens == 1


@pytest.mark.parametrize(
    "value",
    [[], "some", ["a", "a"], ["a", " a"], [""], [5], {"a": 1}, None, [f"be{i}" for i in range(31)]],
)
def test_entities_are_all_or_a_list_of_up_to_thirty(value: Any):
    words = 'must be "all", or a list of 1 to 30 different entity ids'
    assert refused(business_entities=value) == {"business_entities": words}
    thirty = [f"be{i}" for i in range(30)]
    assert settings(business_entities=thirty).business_entities == tuple(thirty)
    assert settings(business_entities=["a"]).business_entities == ("a",)


@pytest.mark.parametrize("value", ["", "me", "a@", "@b", "a b@c", "a@b@c"])
def test_an_owner_is_the_token_or_an_email(value: str):
    words = 'must be "token" (the connecting user), or the email of a user of Pipedrive'
    assert refused(owner=value) == {"owner": words}
    assert settings(owner="token") == settings()


@pytest.mark.parametrize(
    "value", ["", "Berlin", "Europe", "../etc/passwd", "/etc/passwd", "a\x00b"]
)
def test_a_time_zone_is_one_of_the_world(value: str):
    words = 'must be a time zone such as "UTC" or "Europe/Berlin"'
    assert refused(time_zone=value) == {"time_zone": words}


@pytest.mark.parametrize("value", [["jpy"], ["JPYX"], ["JP"], [""], ["JPY", "€"]])
def test_currencies_are_codes_of_three_letters(value: Any):
    words = 'must be a list of currency codes of three capital letters, such as ["JPY"]'
    assert refused(zero_decimal=value) == {"zero_decimal": words}
    assert settings(zero_decimal=[]).zero_decimal == ()


@pytest.mark.parametrize(
    "value", ["", "Acme", "a.b", "acme-", "-acme", "https://acme", "a" * 64, "ä"]
)
def test_a_site_is_its_name_alone(value: str):
    found = file_refused(chargebee={"site": value, "api_key": "env:K"})
    words = 'must be the site name alone: "acme" of https://acme.chargebee.com'
    assert found == {"chargebee.site": words}


@pytest.mark.parametrize("value", ["a", "a1-b", "a" * 63])
def test_a_site_is_a_name_of_a_host(value: str):
    assert file(chargebee={"site": value, "api_key": "env:K"}).chargebee.site == value


@pytest.mark.parametrize("value", ["", "a b", "-a", ".a", "a/b", "a" * 51, "ä", "a\n"])
def test_a_connection_has_a_plain_name(value: str):
    words = "must be letters, digits, dots and dashes without blanks, at most 50"
    assert file_refused(name=value) == {"name": words}
    assert file(name="a" * 50).name == "a" * 50
    assert file(name="Acme_1.eu-2").name == "Acme_1.eu-2"


# Secrets and addresses


@pytest.mark.parametrize(
    "value",
    [
        *("live_hush", "env:", "env:1hush", "env:hush-1", "env:A hush", "env:A\n", "ENV:hush"),
        *("file:", "file: ", "file:/a\nhush", "file:hush\x7f", "hush:env:A", ""),
    ],
)
def test_a_literal_secret_is_refused_and_never_repeated(value: str):
    with pytest.raises(SettingsError) as caught:
        file(chargebee={"site": "acme", "api_key": value}, pipedrive={"api_token": value})
    words = str(caught.value)
    assert "hush" not in words
    assert "hush" not in repr(caught.value)
    assert [problem.path for problem in caught.value.problems] == [
        "chargebee.api_key",
        "pipedrive.api_token",
    ]
    assert {problem.message for problem in caught.value.problems} == {
        'must say where the secret is: "env:NAME" or "file:PATH". A secret itself never stands in '
        "this file; if it did just now, it is not safe any more: make a new one"
    }


def test_a_literal_secret_is_not_repeated_by_the_models_either():
    row = {"name": "a", "chargebee": {"site": "a", "api_key": "hush"}, "pipedrive": {"oauth": 1}}
    with pytest.raises(ValueError, match="api_key") as caught:
        ConnectionFile.model_validate(row)
    assert "hush" not in f"{caught.value} {caught.value!r}"


@pytest.mark.parametrize("value", ["env:A", "env:_a1", "file:/run/a b", "file:./x", "file:x"])
def test_a_secret_is_a_reference(value: str):
    assert file(pipedrive={"api_token": value}).pipedrive.api_token == value


def test_a_token_and_oauth_exclude_each_other():
    both = file_refused(pipedrive={"api_token": "env:A", "oauth": True})
    words = "oauth = true and api_token exclude each other: take one of the two away"
    assert both == {"pipedrive.oauth": words}
    words = 'is missing: give api_token = "env:NAME", or oauth = true'
    for none in ({}, {"oauth": False}):
        assert file_refused(pipedrive=none) == {"pipedrive.api_token": words}


@pytest.mark.parametrize(
    ("value", "url"),
    [
        ("https://acme.chargebee.com/api/v2/", "https://acme.chargebee.com/api/v2"),
        ("https://h:8443", "https://h:8443"),
        ("https://h/X//", "https://h/X"),
        ("http://127.0.0.1:8801/api/v2", "http://127.0.0.1:8801/api/v2"),
        ("http://127.3.2.1", "http://127.3.2.1"),
        ("http://localhost:1/", "http://localhost:1"),
        ("http://[::1]:8801", "http://[::1]:8801"),
    ],
)
def test_an_address_is_kept_without_its_last_slash(value: str, url: str):
    assert file(pipedrive={"oauth": True, "url": value}).pipedrive.url == url
    assert file(chargebee={"site": "a", "api_key": "env:K", "url": value}).chargebee.url == url


NO_ADDRESSES = [
    *("", "acme", "ftp://a", "https://", "https:///x", "//a", "https://a:x", "https://a b"),
    *("https://a\\b", "https://a\n", "https://a:0", "https://a:70000", "https://[::1"),
    "\x00https://a",
]
WITH_MORE = ["u:p@a", "@a", "a?x=1", "a#x", "a?", "a#"]
NOT_HERE = ["acme.test", "localhost.acme.test", "127.0.0.1.acme.test", "10.0.0.1", "[::2]"]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        *((bad, 'such as "https://host/path"') for bad in NO_ADDRESSES),
        *((f"https://{bad}", "without a user, a query (?) or a fragment (#)") for bad in WITH_MORE),
    ],
)
def test_other_addresses_are_refused(value: str, words: str):
    found = file_refused(pipedrive={"oauth": True, "url": value})
    assert found == {"pipedrive.url": f"must be an address {words}"}


@pytest.mark.parametrize("host", NOT_HERE)
def test_only_this_machine_is_reached_without_encryption(host: str):
    found = file_refused(pipedrive={"oauth": True, "url": f"http://{host}"})
    words = "must begin with https:// (http only to this machine, 127.0.0.1)"
    assert found == {"pipedrive.url": words}


# The match key


@pytest.mark.parametrize("value", ["", "mail", "cf_", "cf_a b", "first_name", "Email", "cf-a"])
def test_a_customer_is_matched_by_known_fields_only(value: str):
    found = refused(match_key={"chargebee": value, "pipedrive": "Number"})
    words = 'must be "email", "id", "phone" or a text custom field of the customer (cf_...)'
    assert found == {"match_key.chargebee": words}


@pytest.mark.parametrize(
    "value",
    ["", " ", "name", "ID", "first_name", "last_name", "x" * 256, "org_id", "owner_id", "label"],
)
def test_a_person_is_matched_by_email_phone_or_a_text_field(value: str):
    found = refused(match_key={"chargebee": "id", "pipedrive": value})
    words = 'must be "email", "phone" or the name of a text custom field of the person'
    assert found == {"match_key.pipedrive": words}


@pytest.mark.parametrize(
    ("chargebee", "pipedrive", "by_phone"),
    [
        ("email", "email", False),
        ("id", "email", False),
        ("id", "Number", False),
        ("email", "Second email", False),
        ("cf_a", "Number", False),
        ("phone", "phone", True),
        ("id", "phone", True),
        ("cf_tel", "phone", True),
        ("phone", "Second phone", True),
    ],
)
def test_fields_of_the_same_kind_match(chargebee: str, pipedrive: str, by_phone: bool):
    key = settings(match_key={"chargebee": chargebee, "pipedrive": pipedrive}).match_key
    assert (key.chargebee, key.pipedrive, key.by_phone) == (chargebee, pipedrive, by_phone)


@pytest.mark.parametrize("pair", [("email", "phone"), ("phone", "email")])
def test_an_email_never_matches_a_phone(pair: tuple[str, str]):
    found = refused(match_key={"chargebee": pair[0], "pipedrive": pair[1]})
    assert found == {
        "match_key.pipedrive": "an email never equals a phone: name two fields of the same kind"
    }


def test_the_built_in_fields_of_a_person_may_be_capitalized():
    assert settings(match_key={"pipedrive": " Email "}).match_key.pipedrive == "email"
    phones = settings(match_key={"chargebee": "phone", "pipedrive": "Phone"}).match_key
    assert (phones.pipedrive, phones.by_phone) == ("phone", True)
    assert settings(match_key={"pipedrive": "x" * 255}).match_key.pipedrive == "x" * 255


# Deals

IN_BRACES = "{company}, {company_or_name}, {customer_id}, {email}, {id}, {name}, {plan}, {status}"


@pytest.mark.parametrize("part", ["subscription_deals", "invoice_deals"])
@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("", "must not be empty"),
        ("  ", "must not be empty"),
        ("{plam}", f"names something else in braces; the words are {IN_BRACES}"),
        ("{}", f"names something else in braces; the words are {IN_BRACES}"),
        ("{plan.x}", f"names something else in braces; the words are {IN_BRACES}"),
        ("{plan[0]}", f"names something else in braces; the words are {IN_BRACES}"),
        ("{plan!r}", f"names something else in braces; the words are {IN_BRACES}"),
        ("{plan:>9}", f"names something else in braces; the words are {IN_BRACES}"),
        ("{plan", f"has a brace without its partner; words in braces are {IN_BRACES}"),
        ("plan}", f"has a brace without its partner; words in braces are {IN_BRACES}"),
    ],
)
def test_a_title_names_known_words_only(part: str, title: str, words: str):
    assert refused(**{part: {"title": title}}) == {f"{part}.title": words}


@pytest.mark.parametrize(
    "title", ["x", "{{x}}", "{plan}{status}{id}{name}{company}{email}{customer_id}"]
)
def test_a_title_may_name_any_known_word_or_none(title: str):
    assert settings(subscription_deals={"title": title}).subscription_deals.title == title


@pytest.mark.parametrize("value", [0, -1, True, 1.5, "", " ", ["a"]])
def test_a_pipeline_or_stage_is_a_name_or_an_id(value: Any):
    words = "must be a name in quotes, or an id above 0"
    assert refused(invoice_deals={"pipeline": value}) == {"invoice_deals.pipeline": words}
    rule = {"status": {"paid": {"stage": value, "status": "won"}}}
    assert refused(invoice_deals=rule) == {"invoice_deals.status.paid.stage": words}


def test_a_rule_needs_its_status():
    found = refused(invoice_deals={"status": {"paid": {"stage": 1}}})
    assert found == {"invoice_deals.status.paid.status": "is missing"}


def test_a_status_without_a_deal_has_no_stage():
    found = refused(invoice_deals={"status": {"paid": {"stage": 1, "status": "none"}}})
    words = 'status "none" makes no deal, so it has no stage: take one of the two away'
    assert found == {"invoice_deals.status.paid.stage": words}


@pytest.mark.parametrize("status", ["open", "won", "lost"])
def test_a_deal_in_any_status_may_have_a_stage(status: Any):
    assert DealRule(stage=1, status=status).stage == 1


# Additional fields


def field(source: str = "customer.cf_a", target: str = "person.A", **more: Any) -> dict[str, Any]:
    return {"from": source, "to": target, **more}


@pytest.mark.parametrize(
    "source",
    [
        *("", "cf_a", "customer", "customer.", "plan.x", "customer.a b", "customer.a.b.c"),
        *("customer.a.", "Customer.x"),
    ],
)
def test_a_source_is_an_attribute_of_a_record(source: str):
    words = 'must be "customer.", "subscription." or "invoice." and an attribute of it'
    found = refused(additional_fields=[field(source)])
    assert found == {"additional_fields.0.from": f'{words}, such as "customer.cf_tier"'}


@pytest.mark.parametrize(
    "target",
    ["", "Tier", "person", "person.", "person. ", "lead.A", "Person.A", "person." + "x" * 256],
)
def test_a_target_is_a_field_of_an_entity(target: str):
    words = 'must be "person.", "organization." or "deal." and a custom field\'s name'
    found = refused(additional_fields=[field(target=target)])
    assert found == {"additional_fields.0.to": words}


@pytest.mark.parametrize("name", ["CB Customer ID", "cb customer  id", "CB MRR", "CB Link"])
def test_a_field_of_ours_is_no_target(name: str):
    found = refused(additional_fields=[field(target=f"person.{name}")])
    words = "is a field that chargepipe writes by itself: choose another name"
    assert found == {"additional_fields.0.to": words}


@pytest.mark.parametrize("target", ["person.name", "organization.name", "deal.status"])
def test_a_field_that_is_called_like_a_built_in_one_is_no_target(target: str):
    found = refused(
        organizations=True,
        subscription_deals={"enabled": True},
        additional_fields=[field(target=target)],
    )
    words = "has the name that a built-in field has here: give the field another one"
    assert found == {"additional_fields.0.to": words}
    capital = target.replace("status", "Status").replace("name", "Name")
    settings(
        organizations=True,
        subscription_deals={"enabled": True},
        additional_fields=[field(target=capital)],
    )


def test_the_names_of_built_in_fields_are_known_to_the_settings():
    assert BUILT_IN["deal"] == set(DEAL_NAMES)


def test_an_additional_field_is_told_in_its_parts():
    made = AdditionalField(source="customer.billing_address.city", target="person.v1.2 City")
    assert (made.record, made.attribute) == ("customer", "billing_address.city")
    assert (made.entity, made.name) == ("person", "v1.2 City")
    longest = "person." + "x" * 255
    assert AdditionalField(source="customer.x", target=longest).name == "x" * 255


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("customer.created_at", "date"),
        ("subscription.trial_end", "date"),
        ("subscription.trial_start", "date"),
        ("subscription.start_date", "date"),
        ("subscription.due_since", "date"),
        ("invoice.date", "date"),
        ("customer.promotional_credits", "money"),
        ("subscription.mrr", "money"),
        ("invoice.total", "money"),
        ("customer.vat_number", "text"),
        ("customer.cf_signed_at", "text"),
        ("customer.cf_date", "text"),
    ],
)
def test_the_kind_of_a_field_goes_by_its_attribute(source: str, kind: str):
    assert AdditionalField(source=source, target="person.A").kind == kind
    assert AdditionalField(source=source, target="person.A", type="number").kind == "number"


AMOUNTS = """
    mrr arr total_dues promotional_credits refundable_credits excess_payments unbilled_charges
    plan_amount plan_unit_price setup_fee total sub_total tax amount_due amount_paid
    amount_adjusted credits_applied write_off_amount amount_to_collect
"""


@pytest.mark.parametrize("attribute", AMOUNTS.split())
def test_amounts_of_chargebee_are_money(attribute: str):
    assert AdditionalField(source=f"invoice.{attribute}", target="deal.A").kind == "money"


def test_money_comes_from_amounts_of_chargebee_only():
    found = refused(additional_fields=[field(type="money")])
    words = "money comes from Chargebee's own amounts only: choose number or text"
    assert found == {"additional_fields.0.type": words}
    assert settings(additional_fields=[field("customer.unbilled_charges", type="money")])


def test_the_models_by_themselves_tell_all_that_is_wrong_with_a_field_too():
    words = 'cannot be "append", .* or "fill_empty"; money comes from Chargebee\'s own amounts only'
    with pytest.raises(ValueError, match=words):
        AdditionalField(source="customer.cf_a", target="person.A", type="money", overwrite="append")


def test_a_single_value_is_never_appended():
    found = refused(additional_fields=[field(overwrite="append")])
    words = 'cannot be "append", for the field holds one value: "always" or "fill_empty"'
    assert found == {"additional_fields.0.overwrite": words}
    assert settings(overwrite="append", additional_fields=[field()])


def test_an_additional_field_of_the_organization_needs_organizations():
    rows = [field(target="organization.A")]
    assert refused(additional_fields=rows) == {
        "additional_fields.0.to": "needs organizations = true"
    }
    assert settings(additional_fields=rows, organizations=True)


@pytest.mark.parametrize(
    ("record", "subscriptions", "invoices", "possible"),
    [
        ("customer", False, False, False),
        ("customer", True, False, True),
        ("customer", False, True, True),
        ("subscription", True, False, True),
        ("subscription", False, True, False),
        ("invoice", True, False, False),
        ("invoice", False, True, True),
    ],
)
def test_an_additional_field_of_the_deal_needs_the_deals_of_its_record(
    record: str, subscriptions: bool, invoices: bool, possible: bool
):
    chosen = {
        "additional_fields": [field(f"{record}.po_number", "deal.PO")],
        "subscription_deals": {"enabled": subscriptions},
        "invoice_deals": {"enabled": invoices},
    }
    if possible:
        assert settings(**chosen)
    else:
        words = "needs the deals of its record: set their enabled = true"
        assert refused(**chosen) == {"additional_fields.0.to": words}


@pytest.mark.parametrize("entity", ["person", "organization"])
def test_an_invoice_shows_on_its_deal_only(entity: str):
    found = refused(
        additional_fields=[field("invoice.po_number", f"{entity}.PO")],
        organizations=True,
        invoice_deals={"enabled": True},
    )
    words = "must be a field of the deal: an invoice shows on its deal only"
    assert found == {"additional_fields.0.to": words}


def test_a_field_has_one_source():
    rows = [field(), field("customer.cf_b", "person.B"), field("subscription.cf_c", "person.a")]
    words = "is the field of an earlier entry too: each field has one source"
    assert refused(additional_fields=rows) == {"additional_fields.2.to": words}


def test_a_field_of_the_deal_may_have_one_source_for_each_kind_of_deal():
    deals = {"subscription_deals": {"enabled": True}, "invoice_deals": {"enabled": True}}
    rows = [field("subscription.po_number", "deal.PO"), field("invoice.po_number", "deal.PO")]
    assert settings(additional_fields=rows, **deals)
    found = refused(additional_fields=[*rows, field("invoice.cf_b", "deal.PO")], **deals)
    assert list(found) == ["additional_fields.2.to"]


def test_the_mirror_learns_which_attributes_are_asked_for():
    chosen = settings(
        match_key={"chargebee": "cf_no", "pipedrive": "Number"},
        additional_fields=[field(), field("subscription.po_number", "person.PO")],
    )
    assert chosen.attributes("customer") == {"cf_a", "cf_no"}
    assert chosen.attributes("subscription") == {"po_number"}
    assert chosen.attributes("invoice") == frozenset()


def test_additional_fields_follow_the_connections_policy_or_their_own():
    chosen = settings(
        overwrite="fill_empty",
        organizations=True,
        additional_fields=[
            field(),
            field("customer.cf_b", "person.B", overwrite="always"),
            field("customer.cf_c", "organization.C"),
        ],
    )
    assert chosen.policies("person") == {"A": "fill_empty", "B": "always"}
    assert chosen.policies("organization") == {"C": "fill_empty"}
    assert chosen.policies("deal") == {}


# Mixtures


def test_data_on_the_organization_need_organizations():
    words = 'needs organizations = true; without it choose "person" or "off"'
    assert refused(subscription_data="organization") == {"subscription_data": words}
    assert settings(subscription_data="person")


def test_a_mixture_is_not_told_where_a_part_of_it_is_wrong():
    found = refused(subscription_data="organization", organizations="yes")
    assert list(found) == ["organizations"]


def test_what_an_additional_field_needs_is_not_told_where_that_is_wrong_itself():
    rows = [field(target="organization.A")]
    assert list(refused(additional_fields=rows, organizations="yes")) == ["organizations"]
    rows = [field(target="deal.A")]
    found = refused(additional_fields=rows, subscription_deals={"title": ""})
    assert list(found) == ["subscription_deals.title"]


def test_what_is_wrong_with_one_additional_field_hides_no_other():
    rows = [field(overwrite="never"), field("invoice.total", "person.Total")]
    found = refused(additional_fields=rows, invoice_deals={"enabled": True})
    assert list(found) == ["additional_fields.0.overwrite", "additional_fields.1.to"]


def test_a_mixture_is_told_beside_other_problems():
    found = refused(subscription_data="organization", owner="x", extras=["x"])
    assert list(found) == ["extras.0", "owner", "subscription_data"]


# Intervals, brake


@pytest.mark.parametrize(
    ("text", "interval"),
    [
        ("1m", timedelta(minutes=1)),
        ("15m", timedelta(minutes=15)),
        ("1h", timedelta(hours=1)),
        ("60m", timedelta(hours=1)),
        ("1d", timedelta(days=1)),
        ("31d", timedelta(days=31)),
    ],
)
def test_an_interval_is_read(text: str, interval: timedelta):
    assert parse_interval(text) == interval


@pytest.mark.parametrize(
    "text",
    [
        *("", "0m", "30s", "1", "h", "1 h", "1H", "-1h", "1.5h", "32d", "745h", "1h\n", "٣m"),
        "9" * 30 + "d",
    ],
)
def test_other_intervals_are_refused(text: str):
    words = 'must be an interval from "1m" to "31d", such as "15m", "1h" or "1d"'
    with pytest.raises(ValueError, match=words):
        parse_interval(text)
    assert file_refused(schedule={"every": text}) == {"schedule.every": words}


@given(st.integers(1, 31 * 24 * 60))
def test_every_interval_has_its_text(minutes: int):
    assert parse_interval(format_interval(timedelta(minutes=minutes))) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("text", "short"), [("60m", "1h"), ("24h", "1d"), ("90m", "90m"), ("25h", "25h")]
)
def test_an_interval_is_written_as_short_as_it_can_be(text: str, short: str):
    assert format_interval(parse_interval(text)) == short


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("share_of_people", 0, "must be above 0"),
        ("share_of_people", 1.5, "must be at most 1"),
        ("deals", -1, "must be at least 0"),
        ("deals", 1.5, "must be a whole number, without quotes"),
        ("deals", True, "must be a whole number, without quotes"),
    ],
)
def test_the_brake_has_its_limits(key: str, value: Any, words: str):
    assert file_refused(brake={key: value}) == {f"brake.{key}": words}


# Writing, comparing, locking


def test_a_file_is_written_as_short_as_it_can_be():
    assert (
        dump(load(HEAD))
        == """\
name = "acme"

[chargebee]
site = "acme-test"
api_key = "env:KEY"

[pipedrive]
api_token = "file:/run/secrets/token"
"""
    )


def test_a_file_is_written_in_tables_as_people_write_them():
    assert (
        dump(load(EXAMPLE)).partition("[settings]")[2]
        == """
customers = "with_subscriptions"
create_people = false
organizations = true
deleted_customers = "delete"
subscription_data = "organization"
match_key = { chargebee = "cf_no", pipedrive = "Customer no" }
business_entities = ["be1", "be2"]
budget_share = 1.0
daily_tokens = 60000
overwrite = "append"
shared_keys = "first"
deleted_persons = "leave"
deal_care = false
owner = "sales@acme.test"
extras = ["link", "overdue"]
time_zone = "Europe/Berlin"
zero_decimal = ["JPY", "VND"]

[settings.subscription_deals]
enabled = true
pipeline = "Sales EU"
value = "arr"
title = "{plan} of {name}"

[settings.subscription_deals.status]
in_trial = { stage = "Proposal Made", status = "open" }
active = { stage = 7, status = "won" }

[settings.invoice_deals]
enabled = true
pipeline = 3

[settings.invoice_deals.status]
paid = { status = "none" }

[[settings.additional_fields]]
from = "customer.cf_tier"
to = "person.Tier A"
type = "number"
overwrite = "fill_empty"

[brake]
share_of_people = 1.0
deals = 0

[schedule]
automatic = false
every = "15m"
"""
    )


def test_characters_that_toml_forbids_are_escaped():
    odd = file(settings={"invoice_deals": {"pipeline": 'a"b\\c\x7f\x01é😀'}})
    assert load(dump(odd)) == odd
    assert "é😀" in dump(odd)


NAMES = st.text(min_size=1, max_size=8).filter(str.strip)
STAGES = st.none() | NAMES | st.integers(1, 10**6)
RULES = st.fixed_dictionaries(
    {"status": st.sampled_from(["open", "won", "lost"])}, optional={"stage": STAGES}
) | st.just({"status": "none"})
TITLES = st.sampled_from(["{plan}", "{{x}} {id}", 'a "b" \\ {name}', "x\n\ty"])


def rules(model: Any) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries({}, optional=dict.fromkeys(model.model_fields, RULES))


ADDITIONAL = st.builds(
    field,
    st.sampled_from(["customer.cf_a", "subscription.x", "customer.billing_address.city"]),
    st.builds("{}.x{}".format, st.sampled_from(["person", "organization", "deal"]), NAMES),
    overwrite=st.sampled_from([None, "always", "fill_empty"]),
)
SETTINGS = st.fixed_dictionaries(
    {"organizations": st.just(True)},
    optional={
        "customers": st.sampled_from(["all", "with_subscriptions"]),
        "create_people": st.booleans(),
        "subscription_data": st.sampled_from(["off", "person", "organization"]),
        "match_key": st.sampled_from(
            [{}, {"chargebee": "id"}, {"chargebee": "cf_a", "pipedrive": "x"}]
        ),
        "business_entities": st.just("all")
        | st.lists(NAMES, min_size=1, max_size=3, unique_by=str.strip),
        "budget_share": st.floats(0, 1, exclude_min=True),
        "daily_tokens": st.just("auto") | st.integers(1),
        "extras": st.lists(st.sampled_from(["link", "overdue"])),
        "time_zone": st.sampled_from(["UTC", "Europe/Berlin"]),
        "zero_decimal": st.lists(st.sampled_from(["JPY", "VND", "CLP"])),
        "subscription_deals": st.fixed_dictionaries(
            {"enabled": st.just(True)},
            optional={"pipeline": STAGES, "title": TITLES, "status": rules(SubscriptionRules)},
        ),
        "invoice_deals": st.fixed_dictionaries(
            {"enabled": st.just(True)},
            optional={"pipeline": STAGES, "title": TITLES, "status": rules(InvoiceRules)},
        ),
        "additional_fields": st.lists(ADDITIONAL, max_size=3),
    },
)
FILES = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["acme", "A.1"]),
        "chargebee": st.fixed_dictionaries(
            {"site": st.just("acme"), "api_key": st.sampled_from(["env:K", 'file:/a "b" \\c'])},
            optional={"url": st.sampled_from([None, "https://a/b", "http://127.0.0.1:1"])},
        ),
        "pipedrive": st.sampled_from([{"oauth": True}, {"api_token": "env:T", "url": "https://p"}]),
    },
    optional={
        "settings": SETTINGS,
        "brake": st.fixed_dictionaries({}, optional={"deals": st.integers(0)}),
        "schedule": st.builds(lambda m: {"every": f"{m}m"}, st.integers(1, 44640)),
    },
)


def possible(data: dict[str, Any]) -> ConnectionFile | None:
    try:
        return check(ConnectionFile, data)
    except SettingsError as error:
        # Names that fall together or become too little are the only thing left to refuse.
        messages = {problem.message for problem in error.problems}
        assert all(
            "source" in words or "enabled" in words or "field" in words for words in messages
        )
        return None


@given(FILES)
def test_a_file_that_is_written_and_read_is_the_same(data: dict[str, Any]):
    made = possible(data)
    if made is not None:
        assert load(dump(made)) == made
        assert dump(load(dump(made))) == dump(made)
        assert differences(made, load(dump(made))) == ()


def test_differences_name_path_old_and_new():
    old, new = load(HEAD), load(EXAMPLE)
    found = {path: (before, after) for path, before, after in differences(old, new)}
    assert found["settings.customers"] == ("all", "with_subscriptions")
    assert found["settings.match_key.chargebee"] == ("email", "cf_no")
    assert found["settings.subscription_deals.status.active.stage"] == (None, 7)
    assert found["settings.zero_decimal"] == (["JPY", "KRW", "XAF", "XOF"], ["JPY", "VND"])
    assert found["schedule.every"] == ("1h", "15m")
    assert found["settings.additional_fields"][0] == []
    assert found["settings.additional_fields"][1][0]["to"] == "person.Tier A"
    assert "settings.invoice_deals.title" not in found
    assert next(iter(found)) == "settings.customers"


def test_equal_settings_have_no_differences():
    assert differences(Settings(), Settings()) == ()
    (only,) = differences(Settings(), settings(owner="a@b"))
    assert only == ("owner", "token", "a@b")


BY_ID = {"match_key": {"chargebee": "id"}}


def test_before_the_first_full_sync_nothing_is_locked():
    old = settings(organizations=True)
    assert locked(old, settings(**BY_ID), False) == ()


def test_after_the_first_full_sync_the_match_key_is_locked():
    (problem,) = locked(settings(), settings(**BY_ID), True)
    assert (problem.path, problem.line) == ("settings.match_key", None)
    assert problem.message == (
        "cannot change from the first full sync on: people are linked by it. Put the old one "
        "back; or, once that sync is done, see what another one means and move it: chargepipe "
        "connection move-key"
    )


def test_organizations_stay_on_once_a_full_sync_has_run_with_them():
    on, off = settings(organizations=True), settings()
    (problem,) = locked(on, off, True)
    assert problem.path == "settings.organizations"
    assert problem.message == (
        "cannot be switched off once a full sync has run with it on: people are linked to "
        "organizations. Put organizations = true back"
    )
    assert locked(on, off, True, organizations_synced=False) == ()
    assert len(locked(on, off, False, organizations_synced=True)) == 1
    assert locked(off, on, True) == locked(on, on, True) == locked(off, off, True) == ()


def test_all_that_is_locked_is_told_at_once():
    assert len(locked(settings(organizations=True), settings(**BY_ID), True)) == 2
