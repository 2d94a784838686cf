import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepipe.domain.diff import (
    Difference,
    after_difference,
    organization_difference,
    person_difference,
)
from chargepipe.domain.held import ContactValue, HeldOrganization, HeldPerson
from chargepipe.domain.keys import email_key
from chargepipe.domain.money import Money
from chargepipe.domain.settings import Overwrite
from chargepipe.domain.targets import PersonTarget
from chargepipe.domain.values import Raw, Value

from .builders import organization, person

POLICIES: list[Overwrite] = ["always", "fill_empty", "append"]
HOME = ContactValue("home@x.test", "home", False)
WORK = ContactValue("work@x.test", "work", True)
OURS = ContactValue("ours@x.test", "work", True)


def held(name: str = "Jane Doe", **parts: Any) -> HeldPerson:
    row: dict[str, Any] = {"emails": (), "phones": (), "org_id": None, "fields": {}}
    return HeldPerson(7, name, **{**row, **parts})


def diff(
    target: PersonTarget,
    now: HeldPerson | None,
    last: PersonTarget | None = None,
    policy: Overwrite = "always",
    organization_id: int | None = None,
    policies: Mapping[str, Overwrite] | None = None,
) -> Difference:
    return person_difference(target, now, last, policy, organization_id, policies)


def emails(*values: ContactValue) -> list[Any]:
    return [value.as_json() for value in values]


def emails_after(difference: Difference) -> Any:
    return difference.after.get("emails")


def test_nothing_differs_where_pipedrive_holds_the_target():
    target = person(
        email="jane@x.test", phone="030 901820", organization="acme", fields={"CB Plan": "pro"}
    )
    now = held(
        emails=(ContactValue("JANE@x.test", "work", True),),
        phones=(ContactValue("030/901820", "work", True),),
        org_id=5,
        fields={"CB Plan": "pro"},
    )
    difference = diff(target, now, organization_id=5)
    assert difference == Difference({}, {})
    assert not difference


def test_a_new_person_gets_everything_that_is_there():
    target = person(
        email="jane@x.test",
        phone="030",
        organization="acme",
        fields={"CB Customer MRR": Money(5, "EUR"), "CB Plan": None, "CB Customer ID": "c1"},
    )
    difference = diff(target, None, organization_id=5)
    assert difference.before == {}
    assert difference.after == {
        "name": "Jane Doe",
        "emails": [{"value": "jane@x.test", "label": "work", "primary": True}],
        "phones": [{"value": "030", "label": "work", "primary": True}],
        "organization": {"key": "acme", "id": 5},
        "CB Customer MRR": {"amount": 5, "currency": "EUR"},
        "CB Customer ID": "c1",
    }


@pytest.mark.parametrize("policy", POLICIES)
def test_a_new_person_of_little_gets_little(policy: Overwrite):
    difference = diff(person(), None, policy=policy, organization_id=5)
    assert difference.after == {"name": "Jane Doe"}
    assert difference


def test_a_new_person_may_wait_for_its_organization():
    difference = diff(person(organization="acme"), None)
    assert difference.after["organization"] == {"key": "acme", "id": None}


def test_a_name_that_differs_is_written_and_the_old_one_kept_as_before():
    difference = diff(person("Jane Roe"), held(" Jane Doe"))
    assert difference.before == {"name": " Jane Doe"}
    assert difference.after == {"name": "Jane Roe"}


def test_blanks_in_a_name_are_no_difference():
    assert not diff(person("Jane Doe"), held(" Jane   Doe "))


@pytest.mark.parametrize("policy", ["fill_empty", "append"])
def test_only_always_writes_over_a_name(policy: Overwrite):
    assert not diff(person("Jane Roe"), held(), policy=policy)
    assert diff(person("Jane Roe"), held("  "), policy=policy).after == {"name": "Jane Roe"}


@pytest.mark.parametrize("policy", POLICIES)
def test_a_cleared_name_is_written_whatever_the_policy(policy: Overwrite):
    target = person("c1", cleared=True)
    assert diff(target, held(), policy=policy).after == {"name": "c1"}


@pytest.mark.parametrize(
    ("policy", "after"),
    [
        ("always", (OURS, HOME, ContactValue("work@x.test", "work", False))),
        ("append", (HOME, WORK, ContactValue("ours@x.test", "work", False))),
        ("fill_empty", None),
    ],
)
def test_our_email_joins_those_of_the_person(policy: Overwrite, after: Any):
    difference = diff(person(email="ours@x.test"), held(emails=(HOME, WORK)), policy=policy)
    assert emails_after(difference) == (after and emails(*after))
    if after:
        assert difference.before["emails"] == emails(HOME, WORK)


@pytest.mark.parametrize("policy", POLICIES)
def test_where_there_is_no_email_ours_is_the_primary_one(policy: Overwrite):
    difference = diff(person(email="ours@x.test"), held(), policy=policy)
    assert difference.before == {"emails": []}
    assert difference.after == {"emails": emails(OURS)}


@pytest.mark.parametrize("policy", POLICIES)
def test_an_equal_email_is_there_already(policy: Overwrite):
    now = held(emails=(WORK, ContactValue("OURS@x.test", "home", False)))
    assert not diff(person(email="ours@x.test"), now, policy=policy)


OLD = ContactValue("old@x.test", "main", False)
LAST = person(email="old@x.test")


@pytest.mark.parametrize(
    ("policy", "after"),
    [
        (
            "always",
            (
                ContactValue("ours@x.test", "main", True),
                ContactValue("work@x.test", "work", False),
                HOME,
            ),
        ),
        ("append", (WORK, ContactValue("ours@x.test", "main", False), HOME)),
        ("fill_empty", None),
    ],
)
def test_our_email_replaces_the_one_that_we_wrote_before(policy: Overwrite, after: Any):
    now = held(emails=(WORK, OLD, HOME))
    difference = diff(person(email="ours@x.test"), now, LAST, policy)
    assert emails_after(difference) == (after and emails(*after))


@pytest.mark.parametrize("policy", ["always", "append"])
def test_an_equal_email_takes_the_place_of_the_one_that_we_wrote_before(policy: Overwrite):
    equal = ContactValue("OURS@x.test", "home", False)
    target, primary = person(email="ours@x.test"), replace(OLD, primary=True)
    difference = diff(target, held(emails=(primary, HOME, equal)), LAST, policy)
    assert emails_after(difference) == emails(HOME, replace(equal, primary=True))
    difference = diff(target, held(emails=(WORK, OLD, equal)), LAST, policy)
    assert emails_after(difference) == emails(WORK, equal)


def test_under_fill_empty_the_one_that_we_wrote_stays_beside_an_equal_one():
    now = held(emails=(replace(OLD, primary=True), ContactValue("OURS@x.test", "home", False)))
    assert not diff(person(email="ours@x.test"), now, LAST, "fill_empty")
    cleared = diff(person(email="ours@x.test", cleared=True), now, LAST, "fill_empty")
    assert emails_after(cleared) == emails(ContactValue("OURS@x.test", "home", True))


def test_an_equal_email_that_we_wrote_ourselves_stays():
    now = held(emails=(WORK, OLD))
    assert not diff(person(email="OLD@x.test"), now, LAST)


def test_append_keeps_our_email_primary_where_it_was():
    now = held(emails=(ContactValue("old@x.test", "work", True), HOME))
    difference = diff(person(email="ours@x.test"), now, LAST, "append")
    assert emails_after(difference) == emails(OURS, HOME)


def test_of_equal_emails_the_very_one_that_we_wrote_is_replaced():
    now = held(emails=(ContactValue("OLD@x.test", "a", True), ContactValue("old@x.test", "b")))
    difference = diff(person(email="ours@x.test"), now, LAST, "append")
    after = ContactValue("OLD@x.test", "a", True), ContactValue("ours@x.test", "b", False)
    assert emails_after(difference) == emails(*after)


def test_an_email_that_we_wrote_in_another_case_is_ours_too():
    now = held(emails=(ContactValue("OLD@x.test", "a", True),))
    after = ContactValue("ours@x.test", "a", True)
    assert emails_after(diff(person(email="ours@x.test"), now, LAST)) == emails(after)


def test_an_email_that_someone_took_away_is_not_missed():
    difference = diff(person(email="ours@x.test"), held(emails=(HOME,)), LAST, "append")
    assert emails_after(difference) == emails(HOME, ContactValue("ours@x.test", "work", False))


def test_without_an_email_in_chargebee_those_of_the_person_stay():
    assert not diff(person(), held(emails=(WORK, HOME)))
    assert not diff(person(), held(emails=(WORK, HOME)), person())


def test_a_blank_email_is_nobodys():
    blank = held(emails=(ContactValue(" "), WORK))
    assert not diff(person(), blank, person())
    assert diff(person(email="ours@x.test"), blank, person(), "append").after


@pytest.mark.parametrize(
    ("policy", "gone"), [("always", True), ("append", True), ("fill_empty", False)]
)
def test_an_email_removed_in_chargebee_is_taken_away_where_we_wrote_it(
    policy: Overwrite, gone: bool
):
    difference = diff(person(), held(emails=(WORK, OLD)), LAST, policy)
    assert emails_after(difference) == (emails(WORK) if gone else None)


@pytest.mark.parametrize("policy", POLICIES)
def test_cleared_personal_data_take_what_we_wrote_away_whatever_the_policy(policy: Overwrite):
    last = person(email="old@x.test", phone="030 901820")
    now = held("c1", emails=(WORK, OLD), phones=(ContactValue("030901820"),))
    difference = diff(person("c1", cleared=True), now, last, policy)
    assert difference.after == {"emails": emails(WORK), "phones": []}


def test_cleared_personal_data_replace_what_we_wrote_even_under_fill_empty():
    target = person(email="ours@x.test", cleared=True)
    difference = diff(target, held(emails=(OLD,)), LAST, "fill_empty")
    assert emails_after(difference) == emails(ContactValue("ours@x.test", "main", False))
    assert not diff(target, held(emails=(HOME,)), LAST, "fill_empty")


def test_the_first_of_the_rest_becomes_primary_when_ours_was():
    now = held(emails=(ContactValue("old@x.test", "work", True), HOME, OLD))
    after = ContactValue("home@x.test", "home", True)
    assert emails_after(diff(person(), now, LAST)) == emails(after, OLD)


def test_the_last_email_may_go():
    assert emails_after(diff(person(), held(emails=(OURS,)), person(email="ours@x.test"))) == []


def test_a_removed_email_that_is_not_there_is_no_difference():
    assert not diff(person(), held(emails=(WORK,)), LAST)


def test_a_phone_is_equal_however_it_is_written_in_its_country():
    target = person(phone="030 901820", country="DE")
    now = held(phones=(ContactValue("+49 (30) 901820"),))
    assert not diff(target, now)
    assert diff(person(phone="030 901820"), now).after["phones"]


def test_our_phone_replaces_the_one_that_we_wrote_before():
    last = person(phone="030 901820", country="DE")
    now = held(phones=(ContactValue("+4930901820", "mobile", True),))
    difference = diff(person(phone="030 111111", country="DE"), now, last)
    assert difference.before == {
        "phones": [{"value": "+4930901820", "label": "mobile", "primary": True}]
    }
    assert difference.after == {
        "phones": [{"value": "030 111111", "label": "mobile", "primary": True}]
    }


def test_a_person_moves_to_the_organization_of_its_company():
    difference = diff(person(organization="acme"), held(org_id=4), organization_id=5)
    assert difference.before == {"organization": {"key": None, "id": 4}}
    assert difference.after == {"organization": {"key": "acme", "id": 5}}


def test_a_person_waits_for_an_organization_that_is_to_be_made():
    difference = diff(person(organization="acme"), held())
    assert difference.before == {"organization": None}
    assert difference.after == {"organization": {"key": "acme", "id": None}}


@pytest.mark.parametrize("policy", ["fill_empty", "append"])
def test_only_always_moves_a_person_to_another_organization(policy: Overwrite):
    target = person(organization="acme")
    assert not diff(target, held(org_id=4), policy=policy, organization_id=5)
    assert diff(target, held(), policy=policy, organization_id=5)


def test_without_a_company_the_persons_organization_stays():
    assert not diff(person(), held(org_id=4), organization_id=5)
    assert not diff(person(), held(), organization_id=5)


@pytest.mark.parametrize(
    ("now", "wanted"),
    [
        (None, "x"),
        ("x", None),
        ("x", "y"),
        ("x", "X"),
        (1, 2),
        (Money(1, "EUR"), Money(1, "USD")),
        (Raw({"value": 1.005, "currency": "EUR"}), Money(100, "EUR")),
    ],
)
def test_a_field_that_differs_is_written(now: Value, wanted: Value):
    difference = diff(person(fields={"f": wanted}), held(fields={"f": now}))
    assert list(difference.before) == list(difference.after) == ["f"]
    json.dumps([difference.before, difference.after])


@pytest.mark.parametrize(
    ("now", "wanted"),
    [("x ", "x"), ("", None), (None, " "), (2.0, 2), (Money(1, "EUR"), Money(1, "EUR"))],
)
def test_a_field_that_holds_the_same_is_not_written(now: Value, wanted: Value):
    assert not diff(person(fields={"f": wanted}), held(fields={"f": now}))


def test_a_field_that_pipedrive_does_not_show_is_empty():
    difference = diff(person(fields={"f": "x", "g": None}), held())
    assert (difference.before, difference.after) == ({"f": None}, {"f": "x"})


def test_fields_that_are_not_in_the_target_stay():
    assert not diff(person(), held(fields={"f": "x"}))


@pytest.mark.parametrize("policy", POLICIES)
def test_fields_of_ours_are_written_under_every_policy(policy: Overwrite):
    target = person(fields={"CB Customer Status": "Deleted"})
    now = held(fields={"CB Customer Status": "Active"})
    assert diff(target, now, policy=policy, policies={"Tier": policy})


@pytest.mark.parametrize(
    ("policy", "now", "written"),
    [
        ("always", "old", True),
        ("fill_empty", "old", False),
        ("append", "old", False),
        ("fill_empty", None, True),
        ("append", None, True),
    ],
)
def test_an_additional_field_has_its_own_policy(policy: Overwrite, now: Value, written: bool):
    target, has = person(fields={"Tier": "new"}), held(fields={"Tier": now})
    assert bool(diff(target, has, policies={"Tier": policy})) is written
    company, owns = organization(Tier="new"), HeldOrganization(5, "Acme", {"Tier": now})
    assert bool(organization_difference(company, owns, {"Tier": policy})) is written


def test_a_new_organization_gets_its_name_and_fields():
    target = organization(Status="Active", Empty=None)
    assert organization_difference(target, None) == Difference(
        {}, {"name": "Acme", "Status": "Active"}
    )


def test_the_name_of_an_organization_is_never_written_again():
    now = HeldOrganization(5, "Renamed", {"Status": "Active"})
    assert not organization_difference(organization(Status="Active"), now)
    difference = organization_difference(organization(Status="Deleted"), now)
    assert difference == Difference({"Status": "Active"}, {"Status": "Deleted"})


def test_no_repr_shows_personal_data():
    assert "Jane" not in repr(diff(person("Jane"), held("Janet")))


def test_the_person_after_a_difference_holds_what_was_written():
    target = person("Jane Roe", email="o@x", phone="030", organization="acme", fields={"f": "x"})
    now = held(emails=(HOME,), org_id=4, fields={"f": None, "g": "y"})
    after = after_difference(now, diff(target, now, organization_id=5))
    assert (after.id, after.name, after.org_id) == (7, "Jane Roe", 5)
    assert after.emails == (ContactValue("o@x", "work", True), HOME)
    assert after.phones == (ContactValue("030", "work", True),)
    assert after.fields == {"f": "x", "g": "y"}


def test_what_is_not_written_stays_after_a_difference():
    now = held(emails=(HOME,), phones=(WORK,), org_id=4, fields={"f": Money(5, "EUR")})
    assert after_difference(now, Difference()) == now


def test_a_person_still_to_be_made_has_no_id_and_no_organization_yet():
    target = person(organization="acme", fields={"m": Money(5, "EUR")})
    after = after_difference(None, diff(target, None))
    assert (after.id, after.name, after.emails, after.phones) == (0, "Jane Doe", (), ())
    assert (after.org_id, after.fields) == (None, {"m": Money(5, "EUR")})


ADDRESSES = st.sampled_from([None, "a@x", "A@x", "b@x", "c@x"])
CONTACTS = st.lists(
    st.builds(ContactValue, ADDRESSES.filter(bool), st.sampled_from(["work", "home"])), max_size=4
).map(
    lambda values: tuple(values[:1]) and (ContactValue(values[0].value, "work", True), *values[1:])
)
TARGETS = st.builds(person, st.sampled_from(["Jane", "Joe"]), email=ADDRESSES, phone=ADDRESSES)


@given(TARGETS, CONTACTS, st.none() | TARGETS, st.sampled_from(POLICIES))
def test_a_second_difference_finds_nothing_left_to_write(
    target: PersonTarget, now: tuple[ContactValue, ...], last: Any, policy: Overwrite
):
    before = held(emails=now)
    after = after_difference(before, diff(target, before, last, policy))
    assert not diff(target, after, target, policy)


@given(TARGETS, CONTACTS, st.none() | TARGETS, st.sampled_from(POLICIES))
def test_no_email_of_others_is_ever_lost(
    target: PersonTarget, now: tuple[ContactValue, ...], last: Any, policy: Overwrite
):
    before = held(emails=now)
    after = after_difference(before, diff(target, before, last, policy))
    ours = {email_key(last.email)} if last else set[str]()
    kept = [each.value for each in after.emails]
    lost = [each for each in now if each.value not in kept]
    assert len(lost) <= 1
    assert {email_key(each.value) for each in lost} <= ours
    stayed = [each for each in after.emails if each.value != target.email]
    assert {(each.value, each.label) for each in stayed} <= {(e.value, e.label) for e in now}
    assert sum(each.primary for each in after.emails) == bool(after.emails)


STANDS_IN = {"email": "jane@acme.test", "fields": {"CB Customer ID": "c1"}}


@pytest.mark.parametrize("name", ["jane@acme.test", "c1"])
def test_an_email_or_an_id_never_replaces_a_name_that_a_person_has(name: str):
    target = person(name, **STANDS_IN)
    assert "name" not in diff(target, held("Jane Doe")).after
    assert diff(target, held("  ")).after["name"] == name


@pytest.mark.parametrize("name", ["Jane Roe", "Acme"])
def test_a_name_and_a_company_replace_the_name_of_a_person(name: str):
    target = person(name, organization_name="Acme", **STANDS_IN)
    assert diff(target, held("Jane Doe")).after["name"] == name


def test_an_email_as_a_name_follows_the_email_where_we_wrote_it():
    last = person("jane@acme.test", **STANDS_IN)
    target = person("jane@new.test", email="jane@new.test", fields=STANDS_IN["fields"])
    assert diff(target, held("jane@acme.test"), last).after["name"] == "jane@new.test"
    assert "name" not in diff(target, held("Jane, typed by hand"), last).after


def test_a_name_removed_in_chargebee_falls_back_where_we_wrote_it():
    last = person("Jane Doe", **STANDS_IN)
    target = person("jane@acme.test", **STANDS_IN)
    assert diff(target, held("Jane Doe"), last).after["name"] == "jane@acme.test"
    assert "name" not in diff(target, held("Jane D."), last).after


@pytest.mark.parametrize("policy", ["fill_empty", "append"])
def test_clearing_leaves_a_name_that_was_never_ours_under_other_policies(policy: Overwrite):
    last, target = person("Jane Doe"), person("c1", cleared=True)
    assert diff(target, held("Jane Doe"), last, policy=policy).after == {"name": "c1"}
    assert not diff(target, held("Jane of sales"), last, policy=policy)


def test_a_name_given_after_the_clearing_stays():
    target = person("c1", cleared=True, fields={"CB Customer ID": "c1"})
    assert "name" not in diff(target, held("Former customer"), target).after


def test_clearing_takes_an_additional_field_that_we_filled_whatever_its_policy():
    last = person(fields={"VIP": "Jane's"})
    target = person("c1", fields={"VIP": None}, cleared=True)
    policies: dict[str, Overwrite] = {"VIP": "fill_empty"}

    def written(now: Value) -> bool:
        return "VIP" in diff(target, held(fields={"VIP": now}), last, policies=policies).after

    assert written("Jane's")
    assert not written("typed by hand")


def test_clearing_writes_over_a_name_that_was_never_ours_under_always():
    last, target = person("Jane Doe"), person("c1", cleared=True)
    assert diff(target, held("Jane of sales"), last).after == {"name": "c1"}


def test_what_was_cleared_before_follows_its_policy_again():
    last = person("c1", fields={"Tier": "gold"}, cleared=True)
    target = person("c1", fields={"Tier": "tin"}, cleared=True)
    now = held("c1", fields={"Tier": "gold"})
    assert not diff(target, now, last, policies={"Tier": "fill_empty"})
    assert diff(target, now, last, policies={"Tier": "always"}).after == {"Tier": "tin"}


@pytest.mark.parametrize(
    ("policy", "primary"), [("always", "030 1"), ("append", "040 2"), ("fill_empty", None)]
)
def test_a_phone_joins_by_the_policy(policy: Overwrite, primary: str | None):
    now = held(phones=(ContactValue("040 2", "work", True),))
    rows: Any = diff(person(phone="030 1"), now, policy=policy).after.get("phones", ())
    assert next((row["value"] for row in rows if row["primary"]), None) == primary


@pytest.mark.parametrize(("id", "org_id", "joins"), [(None, None, "acme"), (5, 5, None)])
def test_a_person_joins_a_company_until_its_organization_is_made(
    id: int | None, org_id: int | None, joins: str | None
):
    change = Difference(after={"organization": {"key": "acme", "id": id}})
    after = after_difference(held(org_id=4), change)
    assert (after.org_id, after.joins) == (org_id, joins)
    target = person("Jane Doe", organization="acme")
    assert not diff(target, after, organization_id=id)


def test_a_person_made_of_nothing_holds_nothing():
    assert after_difference(None, Difference()) == HeldPerson(0, "", (), (), None, {})


def test_of_equal_emails_the_very_one_that_we_wrote_is_taken_away():
    now = held(emails=(ContactValue("OLD@x.test", "a", True), ContactValue("old@x.test", "b")))
    assert emails_after(diff(person(), now, LAST)) == emails(ContactValue("OLD@x.test", "a", True))
