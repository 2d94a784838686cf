"""Errors as pages: what is meant by a filter, candidates side by side, decisions."""

import csv
import io
from datetime import timedelta
from html import escape, unescape
from typing import Any

import pytest
from django.test import Client

from chargepipe.actions import evidence
from chargepipe.store.models import Connection, Link, Record, Run, SyncError
from web.conftest import signed_in
from world import World


@pytest.fixture
def asks_the_sandbox(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages ask by an environment of their own; here it leads to the sandbox."""
    monkeypatch.setattr(evidence, "Environment", lambda: world.env)


def an_error(connection: Connection, code: str, key: str = "c1", **more: Any) -> SyncError:
    values: dict[str, Any] = {"kind": "customer", "words": "It did not sync.", **more}
    return SyncError.objects.create(
        connection=connection,
        code=code,
        source_key=key,
        opened_at=connection.created_at,
        **values,
    )


def synced(connection: Connection, with_company: bool = False) -> Record:
    linked = Link.objects.filter(connection=connection, kind="person").values("source_key")
    found = Record.objects.filter(kind="customer", source_id__in=linked, connection=connection)
    return (found.exclude(company_key="") if with_company else found).order_by("source_id")[0]


def test_a_customer_is_found_by_name_in_the_errors(acme: Connection, admin: Client) -> None:
    customer = synced(acme)
    an_error(acme, "refused", customer.source_id)
    other = an_error(acme, "refused", "nobody", words="Pipedrive refused the write: too long")
    shown = admin.get("/c/acme/errors/", {"q": customer.attributes["email"].upper()})
    assert [row["error"].source_key for row in shown.context["rows"]] == [customer.source_id]
    shown = admin.get("/c/acme/errors/", {"q": "too long"})
    assert [row["error"].pk for row in shown.context["rows"]] == [other.pk]


def test_all_that_fit_are_ignored_and_come_back_with_nobody_else(
    acme: Connection, admin: Client
) -> None:
    acme.errors.all().delete()
    fits = [an_error(acme, "refused", key) for key in ("c1", "c2")]
    stays = an_error(acme, "no_match_key", "c3")
    sent = {"what": "ignore", "everything": "1", "code": "refused", "reason": "test data"}
    admin.post("/c/acme/errors/chosen", sent)
    states = dict(acme.errors.values_list("pk", "state"))
    assert states == {fits[0].pk: "ignored", fits[1].pk: "ignored", stays.pk: "open"}
    shown = admin.get("/c/acme/errors/?state=ignored").content.decode()
    assert "test data" in shown
    sent = {"what": "unignore", "error": fits[0].pk, "state": "ignored"}
    admin.post("/c/acme/errors/chosen", sent)
    assert set(acme.errors.filter(state="open")) == {fits[0], stays}


def test_the_csv_leaves_the_ignored_out_until_asked(acme: Connection, admin: Client) -> None:
    an_error(acme, "refused", "seen")
    an_error(acme, "refused", "ignored-one", state="ignored")
    assert "ignored-one" not in admin.get("/c/acme/errors/csv").content.decode()
    assert "ignored-one" in admin.get("/c/acme/errors/csv?ignored=1").content.decode()


def rows_of(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def test_the_csv_obeys_the_filter_and_names_people(acme: Connection, admin: Client) -> None:
    acme.errors.all().delete()
    customer = synced(acme, with_company=True)
    an_error(acme, "refused", customer.source_id)
    an_error(acme, "no_match_key", "nobody")
    an_error(acme, "refused", customer.company_key, kind="organization")
    email = customer.attributes["email"]
    page = admin.get("/c/acme/errors/", {"code": "refused", "q": email, "page": "1"})
    link = page.content.decode().partition('href="/c/acme/errors/csv')[2].partition('"')[0]
    (row,) = rows_of(admin.get("/c/acme/errors/csv" + unescape(link)))
    assert (row["key"], row["email"]) == (customer.source_id, email)
    (row,) = rows_of(admin.get("/c/acme/errors/csv?kind=organization"))
    assert (row["name"], row["email"]) == (customer.attributes["company"], "")
    assert len(rows_of(admin.get("/c/acme/errors/csv"))) == 3


def test_the_csv_of_validate_has_the_warnings_too(acme: Connection, admin: Client) -> None:
    acme.errors.all().delete()
    an_error(acme, "no_match_key", "stops")
    an_error(acme, "shared_key", "warned", state="warning")
    an_error(acme, "refused", "put aside", state="ignored")
    acme.runs.create(kind="validate", state="done")
    page = admin.get("/c/acme/setup/validate").content.decode()
    link = page.partition('href="/c/acme/errors/csv')[2].partition('"')[0]
    found = {row["key"] for row in rows_of(admin.get("/c/acme/errors/csv" + unescape(link)))}
    assert found == {"stops", "warned"}


def test_an_organization_is_picked_for_all_customers_of_the_company(
    acme: Connection, admin: Client, world: World, asks_the_sandbox: None
) -> None:
    customer = synced(acme, with_company=True)
    Link.objects.filter(kind="organization", source_key=customer.company_key).delete()
    name = customer.attributes["company"]
    several = [world.crm.add_organization(name=name)["id"] for _ in range(2)]
    error = an_error(
        acme,
        "ambiguous_organization",
        customer.source_id,
        candidates=[{"id": id, "name": name} for id in several],
    )
    page = admin.get(f"/c/acme/errors/{error.pk}/?look").content.decode()
    assert "Which organization is it?" in page
    assert page.count("Open deals") == 2
    answer = admin.post(f"/c/acme/errors/{error.pk}/decide", {"pick": several[1]})
    run = Run.objects.order_by("-pk")[0]
    assert (answer.status_code, run.kind) == (302, "sync")
    assert customer.source_id in run.only
    assert answer.headers["location"] == "/", "no page was named to stay on"
    link = Link.objects.get(kind="organization", source_key=customer.company_key)
    assert (link.pipedrive_id, link.reason) == (several[1], "decided")


def test_a_viewer_sees_the_candidates_and_no_button(acme: Connection) -> None:
    customer = synced(acme)
    person = Link.objects.get(kind="person", source_key=customer.source_id).pipedrive_id
    error = an_error(
        acme,
        "ambiguous_person",
        customer.source_id,
        candidates=[{"id": person, "name": "The one"}],
    )
    page = signed_in("viewer").get(f"/c/acme/errors/{error.pk}/").content.decode()
    assert "The one" in page
    assert customer.attributes["email"].lower() in page
    assert "This one" not in page
    assert "This one" in signed_in("operator").get(f"/c/acme/errors/{error.pk}/").content.decode()


def test_who_cannot_be_told_apart_by_a_rule_stays(
    acme: Connection, admin: Client, world: World, asks_the_sandbox: None
) -> None:
    acme.errors.all().delete()
    customer = synced(acme)
    person = Link.objects.get(kind="person", source_key=customer.source_id).pipedrive_id
    candidates = [{"id": person, "name": "A"}]
    an_error(acme, "ambiguous_person", customer.source_id, candidates=candidates)
    an_error(acme, "ambiguous_person", "gone", candidates=[{"id": 999_999, "name": "B"}])
    listed = admin.get("/c/acme/errors/?code=ambiguous_person").content.decode()
    assert "Decide all 2 at once" in listed
    sent = {"rule": "newest", "of": "person", "sure": "1"}
    answer = admin.post("/c/acme/errors/rule", sent, follow=True)
    assert "The rule leaves 1 undecided" in answer.content.decode()


def test_before_the_first_full_sync_a_retry_checks_again(
    world: World, admin: Client, db: None
) -> None:
    connection = world.connect()
    world.run(connection, "validate")
    error = connection.errors.filter(state="open", kind="customer").first()
    assert error is not None
    admin.post("/c/acme/errors/chosen", {"what": "retry", "error": error.pk})
    assert Run.objects.order_by("-pk")[0].kind == "validate"


def test_pages_name_no_command_of_the_terminal(acme: Connection, admin: Client) -> None:
    error = an_error(acme, "ambiguous_person", synced(acme).source_id)
    for address in ("/c/acme/errors/", f"/c/acme/errors/{error.pk}/"):
        text = admin.get(address).content.decode()
        assert "errors decide" not in text
        assert "chargepipe errors" not in text


def test_it_says_since_when_an_error_is_put_aside(acme: Connection, admin: Client) -> None:
    opened = acme.created_at - timedelta(days=30)
    error = an_error(acme, "refused", "old")
    SyncError.objects.filter(pk=error.pk).update(opened_at=opened)
    admin.post("/c/acme/errors/chosen", {"what": "ignore", "error": error.pk})
    error.refresh_from_db()
    assert error.resolved_at is not None
    left = error.resolved_at.isoformat(timespec="seconds")
    page = admin.get(f"/c/acme/errors/{error.pk}/").content.decode()
    assert f'since <time datetime="{left}"' in page
    listed = admin.get("/c/acme/errors/?state=ignored").content.decode()
    assert f'<time datetime="{left}"' in listed
    assert opened.isoformat(timespec="seconds") not in listed
    admin.post("/c/acme/errors/chosen", {"what": "unignore", "error": error.pk})
    assert opened.isoformat(timespec="seconds") in admin.get("/c/acme/errors/").content.decode()


def test_the_empty_field_of_the_match_key_is_named(acme: Connection, admin: Client) -> None:
    customer = synced(acme, with_company=True)
    customer.attributes["email"] = None
    customer.save()
    error = an_error(acme, "no_match_key", customer.source_id)
    page = admin.get(f"/c/acme/errors/{error.pk}/").content.decode()
    assert "Email of the customer in Chargebee: <strong>empty</strong>" in page
    assert f'<dd class="wrap-anywhere">{customer.source_id}</dd>' in page
    assert escape(customer.attributes["company"]) in page


def test_a_single_letter_is_not_looked_for(acme: Connection, admin: Client) -> None:
    an_error(acme, "refused", "nobody", words="A sentence with many an a.")
    page = admin.get("/c/acme/errors/", {"q": "a"})
    assert list(page.context["rows"]) == []
    assert "two letters or more" in page.content.decode()
    assert rows_of(admin.get("/c/acme/errors/csv", {"q": "a"})) == []


def test_the_csv_of_the_console_names_no_command(acme: Connection, admin: Client) -> None:
    an_error(acme, "ambiguous_person", "c1")
    an_error(acme, "place_missing", "subscription_deals", kind="deals")
    for address in ("/c/acme/errors/csv", "/c/acme/errors/"):
        text = admin.get(address).content.decode()
        assert "errors decide" not in text
        assert "subscription_deals" not in text
        assert "Deals from subscriptions" in text


def test_one_that_comes_back_is_one(acme: Connection, admin: Client) -> None:
    error = an_error(acme, "refused", "c1", state="ignored")
    sent = {"what": "unignore", "error": error.pk}
    page = admin.post("/c/acme/errors/chosen", sent, follow=True)
    assert "1 is back on the list." in page.content.decode()


def test_who_decides_stays_there_and_is_told_of_the_run(
    acme: Connection, admin: Client, world: World, asks_the_sandbox: None
) -> None:
    customer = synced(acme)
    Link.objects.filter(kind="person", source_key=customer.source_id).delete()
    several = [world.crm.add_person(name="Ada")["id"] for _ in range(2)]
    candidates = [{"id": id, "name": "Ada"} for id in several]
    error = an_error(acme, "ambiguous_person", customer.source_id, candidates=candidates)
    address = f"/c/acme/errors/{error.pk}/"
    page = admin.get(address).content.decode()
    assert f'name="back" value="{address}"' in page
    assert 'hx-get="/c/acme/errors/' not in page, "nothing moves"
    sent = {"pick": several[1], "back": address}
    answer = admin.post(f"{address}decide", sent, follow=True)
    assert answer.redirect_chain == [(address, 302)]
    page, run = answer.content.decode(), Run.objects.order_by("-pk")[0]
    assert "Decided." in page
    assert f'The customer is synced now. <a href="/c/acme/runs/{run.pk}/">' in page
    assert f'hx-get="{address}"' in page, "it follows the run"
    assert f"Decided: person Ada {several[1]} was picked; it is being synced now." in page
    assert "Which person is it?" not in page
    assert "This one" not in page
    assert "Or ignore it" not in page
    run.delete()
    words = f"Decided: person Ada {several[1]} was picked; it waits for the next sync."
    assert words in admin.get(address).content.decode()
    assert words in admin.get("/c/acme/errors/").content.decode()
    again = {"error": error.pk, "what": "retry", "back": "/c/acme/errors/?q=x"}
    answer = admin.post("/c/acme/errors/chosen", again)
    assert answer.headers["location"] == "/c/acme/errors/?q=x"


def test_a_new_one_is_decided_until_it_is_made(
    acme: Connection, admin: Client, world: World, asks_the_sandbox: None
) -> None:
    customer = synced(acme, with_company=True)
    Link.objects.filter(kind="person", source_key=customer.source_id).delete()
    several = [world.crm.add_person(name="Ada")["id"] for _ in range(2)]
    candidates = [{"id": id, "name": "Ada"} for id in several]
    error = an_error(acme, "ambiguous_person", customer.source_id, candidates=candidates)
    address = f"/c/acme/errors/{error.pk}/"
    assert "Decided: " not in admin.get(address).content.decode()
    admin.post(f"{address}decide", {"pick": "new", "back": address})
    assert "Decided: a new person; it is being synced now." in admin.get(address).content.decode()
    world.go_on(Run.objects.order_by("-pk")[0])
    page = admin.get(address).content.decode()
    assert "Decided: " not in page
    assert ">resolved<" in page


def test_a_decision_before_the_first_full_sync_says_what_it_waits_for(
    world: World, admin: Client, asks_the_sandbox: None
) -> None:
    email = "twin@x.co"
    world.billing.add_customer(id="twin", email=email)
    twins = [world.crm.add_person(name=name, emails=[{"value": email}])["id"] for name in "XY"]
    connection = world.connect()
    world.run(connection, "validate")
    error = connection.errors.get(code="ambiguous_person", source_key="twin")
    address = f"/c/acme/errors/{error.pk}/"
    admin.post(f"{address}decide", {"pick": twins[0], "back": address})
    page = admin.get(address).content.decode()
    assert "was picked; it waits for the trial or the first full sync." in page


def test_a_filter_that_nothing_fits_is_cleared_by_a_link(acme: Connection, admin: Client) -> None:
    an_error(acme, "refused", "aside", state="ignored")
    page = admin.get("/c/acme/errors/", {"q": "nobody-has-this", "state": "ignored"})
    text = page.content.decode()
    assert "No error fits this filter" in text
    assert '<label for="kind-of">Kind of record</label>' in text
    cleared = admin.get("/c/acme/errors/?state=ignored")
    assert '<a href="/c/acme/errors/?state=ignored">Clear the filter</a>' in text
    assert [row["error"].source_key for row in cleared.context["rows"]] == ["aside"]


def test_the_page_of_an_error_says_how_many_deals_it_holds_up(
    admin: Client, world: World, acme: Connection
):
    world.connect("organizations = true\n[settings.subscription_deals]\nenabled = true\n")
    acme.refresh_from_db()
    assert acme.full_done_at
    error = an_error(acme, "no_match_key", "new")
    page = f"/c/acme/errors/{error.pk}"
    assert "until this is over" not in admin.get(page, follow=True).content.decode()
    waits = {"kind": "subscription", "source_id": "s1", "customer_id": "new", "due": True}
    Record.objects.create(connection=acme, attributes={}, version=1, **waits)
    assert "1 deal waits until this is over." in admin.get(page, follow=True).content.decode()
