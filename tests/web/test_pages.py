"""Every page shows what is there, in few queries."""

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chargepipe.store.models import Connection, Link, Run
from chargepipe.web.templatetags.console import dated
from world import World

MOST_QUERIES = 15


def pages(acme: Connection) -> list[str]:
    run = acme.runs.get().pk
    customer = Link.objects.filter(connection=acme, kind="person").first()
    error = acme.errors.first()
    assert customer is not None
    assert error is not None
    base = "/c/acme/"
    return [
        *("/", "/people/", "/people/me", "/connect", base),
        *(base + part for part in ("runs/", "errors/", "records/", "settings/")),
        *(
            f"{base}runs/{run}/",
            f"{base}errors/{error.pk}/",
            f"{base}records/{customer.source_key}",
        ),
        *(f"{base}setup/{step}" for step in ("connect", "configure", "validate", "trial", "all")),
        *(f"{base}settings/{part}" for part in ("file", "accounts")),
        f"{base}errors/?state=ignored",
        f"{base}records/?q=a",
    ]


def test_every_page_answers_in_few_queries(acme: Connection, admin: Client) -> None:
    for page in pages(acme):
        with CaptureQueriesContext(database) as seen:
            answer = admin.get(page)
        assert answer.status_code == 200, page
        queries = "\n".join(query["sql"][:200] for query in seen.captured_queries)
        assert len(seen) <= MOST_QUERIES, f"{page}\n{queries}"


def test_no_page_names_a_secret(acme: Connection, admin: Client, world: World) -> None:
    for page in pages(acme):
        text = admin.get(page).content.decode()
        assert world.sandbox.chargebee_key not in text
        assert world.sandbox.pipedrive_token not in text


@pytest.mark.parametrize("path", ["/c/nobody/", "/c/nobody/errors/", "/c/nobody/setup/"])
def test_a_connection_that_is_not_there_is_said_in_words(path: str, admin: Client) -> None:
    answer = admin.get(path)
    assert answer.status_code == 404
    assert "There is no connection" in answer.content.decode()


def test_many_connections_cost_no_more_queries(world: World, admin: Client) -> None:
    for number in range(6):
        made = world.connect(name=f"c{number}")
        for run in range(15):
            made.runs.create(kind="sync", state="failed", done=run, automatic=True)
        made.errors.create(kind="customer", code="refused", opened_at=made.created_at)
    with CaptureQueriesContext(database) as seen:
        answer = admin.get("/")
    text = answer.content.decode()
    assert text.count("The last sync failed") == 6
    assert text.count("oldest first: 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14") == 6
    assert text.count("?code=refused") == 6
    assert text.count("API tokens today") == 6
    assert len(seen) <= MOST_QUERIES


@pytest.mark.parametrize("key", ["nobody@x.co", "no/such", "99"])
def test_a_record_that_nobody_knows_leads_to_the_search(
    acme: Connection, admin: Client, key: str
) -> None:
    answer = admin.get(f"/c/acme/records/{key}")
    assert answer.status_code == 404
    text = answer.content.decode()
    assert f"Nobody here is known as “{key}”" in text
    assert f'name="q" type="search" value="{key}"' in text


def test_custom_fields_stand_first_as_they_are_made_first(
    acme: Connection, admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = acme.runs.get()
    monkeypatch.setattr("chargepipe.web.runs.views.CHANGES", 10)
    fields = set(run.changes.filter(kind__endswith="_field").values_list("pk", flat=True))
    others = list(run.changes.exclude(pk__in=fields).order_by("pk").values_list("pk", flat=True))
    assert 0 < len(fields) < 10
    assert min(fields) > others[0], "they were planned last"
    shown = list[int]()
    for number in (1, 2, 3, 4, 5):
        page = admin.get(f"/c/acme/runs/{run.pk}/?page={number}").context["page"]
        shown += [change.pk for change in page] if page.number == number else []
    assert set(shown[: len(fields)]) == fields
    assert shown[len(fields) :] == others
    people = admin.get(f"/c/acme/runs/{run.pk}/?kind=person").context["page"]
    assert {change.kind for change in people} == {"person"}


def test_a_run_that_waits_for_tokens_leads_to_the_budget(acme: Connection, admin: Client) -> None:
    run = acme.runs.get()
    link = 'href="/c/acme/settings/#group-budget"'
    Run.objects.filter(pk=run.pk).update(state="paused", due_at=run.created_at)
    assert link in admin.get(f"/c/acme/runs/{run.pk}/").content.decode()
    Run.objects.filter(pk=run.pk).update(due_at=None)
    assert link not in admin.get(f"/c/acme/runs/{run.pk}/").content.decode(), "paused by hand"
    assert 'id="group-budget"' in admin.get("/c/acme/settings/").content.decode()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "won 2026-10-14T10:23:46Z",
            'won <time datetime="2026-10-14T10:23:46+00:00" data-moment>14 Oct 2026, 10:23 UTC',
        ),
        (
            "run 7, 2026-10-14 10:23 UTC",
            'run 7, <time datetime="2026-10-14T10:23:00+00:00" data-moment>14 Oct 2026, 10:23 UTC',
        ),
        ("2027-02-01", '<time datetime="2027-02-01" data-day>01 Feb 2027</time>'),
        ("INV-2027-02-01-7", "INV-2027-02-01-7"),
        ("2027-13-41", "2027-13-41"),
        ("<b> & 5", "&lt;b&gt; &amp; 5"),
    ],
)
def test_values_show_their_dates_as_people_write_them(text: str, shown: str) -> None:
    assert dated(text).startswith(shown)
