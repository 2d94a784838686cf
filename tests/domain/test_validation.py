import string
from typing import Any

import pytest

from chargepipe.domain import codes
from chargepipe.domain.matching import Ambiguous, Match, Matched, NoKey, NotFound
from chargepipe.domain.validation import (
    Finding,
    Subject,
    findings,
    left_gone,
    skip_reason,
    speaks,
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


def look(
    row: Subject, currencies: tuple[str, ...] = ("USD",), others: int = 0, **chosen: Any
) -> tuple[Finding, ...]:
    seen = findings(row, settings(**chosen), currencies, "USD", others)
    assert {finding.record for finding in seen} <= {row.customer.id}
    return seen


def found(row: Subject, others: int = 0, **chosen: Any) -> list[str]:
    return [finding.code for finding in look(row, ("USD", "EUR"), others, **chosen)]


def test_a_sound_customer_has_no_finding():
    for person in (NotFound(), LINKED, Matched(1, "key"), Matched(1, "mark")):
        for organization in (None, NotFound(), LINKED, Matched(1, "name")):
            assert found(subject(person=person, organization=organization)) == []


def test_a_customer_without_a_key_is_blocked():
    (finding,) = look(subject(person=NoKey()))
    words = "The customer has no value in the match key's field."
    assert finding == Finding("c1", "no_match_key", words, (), True, "customer")


def test_several_people_are_listed():
    (finding,) = look(subject(person=Ambiguous((3, 5), "key")))
    assert (finding.code, finding.candidates, finding.blocking) == (
        "ambiguous_person",
        (3, 5),
        True,
    )


def test_several_marks_are_told_from_several_matches():
    assert found(subject(person=Ambiguous((3, 5), "mark"))) == ["duplicate_mark"]


def test_several_organizations_are_listed():
    (finding,) = look(subject(organization=Ambiguous((3, 5), "name")))
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
    expected = ["no_subscription"] if blocked else []
    assert found(row, customers="with_subscriptions") == expected
    assert found(row) == []


def test_a_linked_customer_may_lose_its_last_subscription():
    assert found(subject(person=LINKED), customers="with_subscriptions") == []
    marked = subject(person=Matched(7, "mark"))
    assert found(marked, customers="with_subscriptions") == ["no_subscription"]


@pytest.mark.parametrize(
    ("policy", "blocks"), [("overwrite", False), ("first", False), ("fail", True)]
)
def test_a_shared_key_blocks_only_where_it_shall_fail(policy: str, blocks: bool):
    (finding,) = look(subject(), others=2, shared_keys=policy)
    assert (finding.code, finding.blocking) == ("shared_key", blocks)
    assert finding.words.startswith("2 other customers have the same match key")
    (finding,) = look(subject(), others=1, shared_keys=policy)
    assert finding.words.startswith("1 other customer has the same match key")


def test_a_currency_that_pipedrive_lacks_is_a_warning():
    (finding,) = look(subject(owned=[subscription(currency_code="CHF", mrr=5)]))
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
    rows = look(subject(owned=owned), ())
    assert [finding.words.split()[-1] for finding in rows] == ["GBP.", "JPY."]


def test_the_preferred_currency_of_a_customer_goes_before_the_sites():
    assert [f.words[-4:] for f in look(subject(preferred_currency_code="CHF"))] == ["CHF."]
    assert look(subject()) == ()


def test_amounts_that_cannot_be_added_block():
    owned = [subscription("s1", mrr=1), subscription("s2", currency_code="USD", mrr=1)]
    (finding,) = look(subject(owned=owned), ("USD", "EUR"))
    assert (finding.code, finding.blocking) == ("unconvertible", True)
    assert "subscription s1 has no rate" in finding.words


def test_dues_need_a_way_to_the_base_currency_only_where_they_are_shown():
    owned = [
        subscription("s1", status="cancelled", total_dues=1),
        subscription("s2", status="cancelled", currency_code="USD", total_dues=1),
    ]
    assert found(subject(owned=owned)) == []
    assert found(subject(owned=owned), extras=["link"]) == []
    assert found(subject(owned=owned), extras=["overdue"]) == ["unconvertible"]


def test_dues_are_in_a_currency_that_pipedrive_needs():
    owned = [subscription(status="cancelled", currency_code="CHF", total_dues=1)]
    assert found(subject(owned=owned), extras=["overdue"]) == ["currency_missing"]


def test_zero_decimal_currencies_are_those_of_the_settings():
    owned = [subscription("s1", mrr=1), subscription("s2", mrr=1)]
    assert found(subject(owned=owned), zero_decimal=["EUR"]) == []


def test_findings_come_in_the_order_of_the_checks():
    row = subject(
        person=NoKey(),
        organization=Ambiguous((1, 2), "name"),
        preferred_currency_code="CHF",
    )
    assert found(row, others=1, customers="with_subscriptions") == [
        "no_subscription",
        "no_match_key",
        "ambiguous_organization",
        "shared_key",
        "currency_missing",
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


def test_the_living_of_chosen_entities_and_the_deleted_speak_for_their_company():
    some = settings(business_entities=["be1"])
    assert speaks(customer("c1", business_entity_id="be1", active_id="c1"), some)
    assert speaks(customer("c1", business_entity_id="be1", deleted=True), some)
    assert not speaks(customer("c1", business_entity_id="be2"), some)
    assert not speaks(customer("c1", business_entity_id="be1", active_id="c2"), some)


def test_a_customer_cleared_before_it_was_linked_is_skipped():
    cleared = customer(pii_cleared="cleared")
    assert skip_reason(cleared, settings(), True) is None
    words = skip_reason(cleared, settings(), False)
    assert words == "personal data cleared in Chargebee before it was linked"


def test_a_person_that_is_gone_is_made_again_unless_there_is_a_reason():
    assert left_gone(customer(), settings()) is None
    assert left_gone(customer(deleted=True), settings()) == (
        "deleted in Chargebee, and its person was deleted in Pipedrive"
    )
    assert left_gone(customer(pii_cleared="cleared"), settings()) == (
        "personal data cleared in Chargebee, and its person was deleted in Pipedrive"
    )
    assert left_gone(customer(), settings(deleted_persons="leave")) == (
        "its person was deleted in Pipedrive and is left so (deleted_persons)"
    )


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
        assert bool(code.of_many) is ("{" in code.words), "details are of one case alone"
        assert "{" not in code.of_many
        assert code.of_many.endswith(".") or not code.of_many


def test_warnings_are_shared_keys_missing_currencies_and_what_is_foretold_of_a_run():
    warnings = {code.name for code in codes.CODES.values() if not code.blocking}
    of_run = {"fields_short", "unfit_values", "unknown_choice", "cost"}
    assert warnings == {"shared_key", "currency_missing"} | of_run


def test_no_repr_shows_personal_data():
    row = subject("hush", keys=["hush"])
    assert "hush" not in f"{row!r} {Finding.of(codes.NO_MATCH_KEY, 'hush')!r}"


@pytest.mark.parametrize("match", [None, LINKED, NotFound(), Matched(1, "key")])
def test_a_match_that_leads_somewhere_stops_nothing(match: Match | None):
    assert stopped_by_match(customer(), match) is None
