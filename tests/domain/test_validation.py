import string
from typing import Any

import pytest

from chargepipe.domain import codes
from chargepipe.domain.matching import Ambiguous, Match, Matched, NoKey, NotFound
from chargepipe.domain.validation import (
    Finding,
    Subject,
    findings,
    findings_of,
    skip_reason,
    stopped_by_match,
)

from .builders import customer, settings, subscription

LINKED = Matched(7, "link")


def subject(
    id: str = "c1", person: Match | None = None, organization: Match | None = None, **row: Any
) -> Subject:
    owned = row.pop("owned", [])
    keys = frozenset(row.pop("keys", [f"{id}@x"]))
    return Subject(customer(id, **row), owned, keys, person or NotFound(), organization)


def found(*subjects: Subject, **chosen: Any) -> list[tuple[str, str]]:
    rows = findings(subjects, settings(**chosen), {"USD", "EUR"}, "USD")
    return [(finding.record, finding.code) for finding in rows]


def test_a_sound_customer_has_no_finding():
    for person in (NotFound(), LINKED, Matched(1, "key"), Matched(1, "mark")):
        for organization in (None, NotFound(), LINKED, Matched(1, "name")):
            assert found(subject(person=person, organization=organization)) == []


def test_a_customer_without_a_key_is_blocked():
    (finding,) = findings([subject(person=NoKey())], settings(), ["USD"], "USD")
    words = "The customer has no value in the match key's field."
    assert finding == Finding("c1", "no_match_key", words, (), True, "customer")


def test_several_people_are_listed():
    (finding,) = findings([subject(person=Ambiguous((3, 5), "key"))], settings(), ["USD"], "USD")
    assert (finding.code, finding.candidates, finding.blocking) == (
        "ambiguous_person",
        (3, 5),
        True,
    )


def test_several_marks_are_told_from_several_matches():
    assert found(subject(person=Ambiguous((3, 5), "mark"))) == [("c1", "duplicate_mark")]


def test_several_organizations_are_listed():
    rows = [subject(organization=Ambiguous((3, 5), "name"))]
    (finding,) = findings(rows, settings(), ["USD"], "USD")
    assert (finding.code, finding.candidates) == ("ambiguous_organization", (3, 5))


@pytest.mark.parametrize(
    ("owned", "blocked"),
    [
        ([], True),
        ([{"deleted": True}], True),
        ([{"status": "transferred"}], True),
        ([{"status": "cancelled"}], False),
        ([{"deleted": True}, {"status": "future"}], False),
    ],
)
def test_setting_1_asks_for_a_subscription_of_any_status(owned: list[Any], blocked: bool):
    row = subject(owned=[subscription(**each) for each in owned])
    expected = [("c1", "no_subscription")] if blocked else []
    assert found(row, customers="with_subscriptions") == expected
    assert found(row) == []


def test_a_linked_customer_may_lose_its_last_subscription():
    assert found(subject(person=LINKED), customers="with_subscriptions") == []
    marked = subject(person=Matched(7, "mark"))
    assert found(marked, customers="with_subscriptions") == [("c1", "no_subscription")]


def test_customers_that_share_a_key_are_warned_of():
    rows = [
        subject("a", keys=["k", "l"]),
        subject("b", keys=["l"]),
        subject("c", keys=["k"]),
        subject("d", keys=["m"]),
        subject("e", keys=[]),
        subject("f", keys=[]),
    ]
    shared = findings(rows, settings(), ["USD"], "USD")
    assert [(f.record, f.words.split()[0], f.blocking) for f in shared] == [
        ("a", "2", False),
        ("b", "1", False),
        ("c", "1", False),
    ]
    assert {f.code for f in shared} == {"shared_key"}


@pytest.mark.parametrize(
    ("policy", "blocks"), [("overwrite", False), ("first", False), ("fail", True)]
)
def test_a_shared_key_blocks_only_where_it_shall_fail(policy: str, blocks: bool):
    rows = [subject("a", keys=["k"]), subject("b", keys=["k"])]
    result = findings(rows, settings(shared_keys=policy), ["USD"], "USD")
    assert [finding.blocking for finding in result] == [blocks, blocks]


def test_a_skipped_customer_shares_its_key_with_nobody():
    assert found(subject("a", keys=["k"]), subject("b", keys=["k"], deleted=True)) == []


def test_a_currency_that_pipedrive_lacks_is_a_warning():
    rows = [subject(owned=[subscription(currency_code="CHF", mrr=5)])]
    (finding,) = findings(rows, settings(), ["USD"], "USD")
    assert (finding.code, finding.blocking) == ("currency_missing", False)
    assert finding.words == "Pipedrive does not have the currency CHF."


def test_each_missing_currency_is_named_once():
    owned = [
        subscription("a", currency_code="GBP", mrr=5),
        subscription("b", status="future", currency_code="CHF", mrr=1, exchange_rate=1),
        subscription("c", status="future", currency_code="GBP", base_currency_code="JPY", mrr=0),
    ]
    owned[0:1] = [
        subscription("a", currency_code="GBP", mrr=5, base_currency_code="JPY", exchange_rate=1)
    ]
    rows = findings([subject(owned=owned)], settings(), [], "USD")
    assert [finding.words.split()[-1] for finding in rows] == ["GBP.", "JPY."]


def test_the_preferred_currency_of_a_customer_goes_before_the_sites():
    rows = [subject(preferred_currency_code="CHF")]
    assert [f.words[-4:] for f in findings(rows, settings(), ["USD"], "USD")] == ["CHF."]
    assert findings([subject()], settings(), ["USD"], "USD") == ()


def test_amounts_that_cannot_be_added_block():
    owned = [subscription("s1", mrr=1), subscription("s2", currency_code="USD", mrr=1)]
    (finding,) = findings([subject(owned=owned)], settings(), ["USD", "EUR"], "USD")
    assert (finding.code, finding.blocking) == ("unconvertible", True)
    assert "subscription s1 has no rate" in finding.words


def test_zero_decimal_currencies_are_those_of_the_settings():
    owned = [subscription("s1", mrr=1), subscription("s2", mrr=1)]
    assert found(subject(owned=owned), zero_decimal=["EUR"]) == []


def test_findings_come_in_the_order_of_the_customers_and_of_the_checks():
    rows = [
        subject("b", person=NoKey(), organization=Ambiguous((1, 2), "name"), keys=["k"]),
        subject("a", keys=["k"], preferred_currency_code="CHF"),
    ]
    assert found(*rows, customers="with_subscriptions") == [
        ("b", "no_subscription"),
        ("b", "no_match_key"),
        ("b", "ambiguous_organization"),
        ("b", "shared_key"),
        ("a", "no_subscription"),
        ("a", "shared_key"),
        ("a", "currency_missing"),
    ]


def test_a_customer_of_an_entity_not_chosen_is_skipped():
    chosen = settings(business_entities=["be1"])
    assert skip_reason(customer(business_entity_id="be1"), chosen, False) is None
    for entity in ("be2", None):
        words = skip_reason(customer(business_entity_id=entity), chosen, True)
        assert words == "its business entity is not chosen"
    assert skip_reason(customer(business_entity_id="be2"), settings(), False) is None


def test_a_customer_deleted_before_it_was_linked_is_skipped():
    gone = customer(deleted=True)
    assert skip_reason(gone, settings(), True) is None
    words = skip_reason(gone, settings(), False)
    assert words == "deleted in Chargebee before it was linked"


def test_a_deleted_customer_is_passed_over_where_it_is_left():
    words = skip_reason(customer(deleted=True), settings(deleted_customers="leave"), True)
    assert words == "deleted in Chargebee; its person is left as it is (deleted_customers)"
    assert skip_reason(customer(deleted=True), settings(deleted_customers="delete"), True) is None
    assert skip_reason(customer(), settings(deleted_customers="leave"), True) is None


def test_the_copy_that_a_transfer_left_behind_is_skipped():
    for linked in (True, False):
        words = skip_reason(customer("c1", active_id="c2"), settings(), linked)
        assert words == "moved to another business entity: the live copy has another id"
    assert skip_reason(customer("c1", active_id="c1"), settings(), False) is None


def test_skipped_customers_have_no_findings():
    assert found(subject(person=NoKey(), deleted=True)) == []
    assert found(subject(person=NoKey()), business_entities=["be1"]) == []
    assert found(subject(person=LINKED, deleted=True, organization=Ambiguous((1, 2), "name"))) != []


def test_a_finding_is_made_of_its_code_and_the_details():
    finding = Finding.of(
        codes.REFUSED, "acme", kind="organization", candidates=[5, 3, 5], answer="no"
    )
    assert finding.words == "Pipedrive refused the write: no"
    assert (finding.record, finding.kind, finding.candidates) == ("acme", "organization", (3, 5))
    assert finding.blocking
    assert not Finding.of(codes.CURRENCY_MISSING, "c1", currency="CHF").blocking


def test_a_finding_without_its_details_or_of_an_unknown_code_is_refused():
    with pytest.raises(KeyError, match="answer"):
        Finding.of(codes.REFUSED, "c1")
    with pytest.raises(KeyError, match="nonsense"):
        Finding.of("nonsense", "c1")


def test_every_code_is_described():
    names = {
        value for name, value in vars(codes).items() if name.isupper() and isinstance(value, str)
    }
    assert set(codes.CODES) == names
    assert names > codes.PLANNING
    for name, code in codes.CODES.items():
        assert code.name == name
        assert code.todo.endswith(".")
        assert code.words[0] in string.ascii_uppercase + "{"


def test_warnings_are_shared_keys_and_missing_currencies():
    warnings = {code.name for code in codes.CODES.values() if not code.blocking}
    assert warnings == {"shared_key", "currency_missing"}


def test_no_repr_shows_personal_data():
    row = subject("hush", keys=["hush"])
    assert "hush" not in f"{row!r} {Finding.of(codes.NO_MATCH_KEY, 'hush')!r}"


def test_one_customer_may_be_looked_at_alone():
    row = subject(person=NoKey())
    found_alone = findings_of(row, settings(shared_keys="fail"), [], "USD", 3)
    codes_found = [finding.code for finding in found_alone]
    assert codes_found == ["no_match_key", "shared_key", "currency_missing"]
    assert found_alone[1].words.startswith("3 other customers")


@pytest.mark.parametrize("match", [None, LINKED, NotFound(), Matched(1, "key")])
def test_a_match_that_leads_somewhere_stops_nothing(match: Match | None):
    assert stopped_by_match(customer(), match) is None
