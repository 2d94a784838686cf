"""Pages in every state of a run: nothing yet, under way, asked, paused, failed, previewed."""

import re
from datetime import timedelta
from itertools import product

import pytest
from django.test import Client
from django.utils import timezone

from chargepipe.store.models import Connection, Run
from web.conftest import signed_in
from world import World

PAGES = ("/", "/c/acme/", "/c/acme/runs/", "/c/acme/setup/validate", "/c/acme/setup/trial")


STATES = {
    "queued": "Waiting to begin; nothing is read",
    "running": "Reading and planning, nothing is written yet",
    "waiting": "Would delete 3 people",
    "paused": "Go on now",
    "failed": "The network is away.",
    "cancelled": "cancelled",
}
"""What the page of a run in each state has to say."""


def test_a_run_is_shown_in_each_state(acme: Connection, admin: Client) -> None:
    viewer = signed_in("viewer")
    for kind, state in product(("validate", "trial", "full"), STATES):
        run = Run.objects.create(
            connection=acme,
            kind=kind,
            state=state,
            total=40 if state == "waiting" else None,
            done=12 if state == "paused" else 0,
            started_at=timezone.now(),
            questions=["would delete 3 people"] if state == "waiting" else [],
            message="The network is away." if state == "failed" else "",
        )
        for page in (*PAGES, "/c/acme/setup/all", f"/c/acme/runs/{run.pk}/"):
            assert admin.get(page).status_code == 200, (page, kind, state)
        assert STATES[state] in admin.get(f"/c/acme/runs/{run.pk}/").content.decode()
        assert viewer.get(f"/c/acme/runs/{run.pk}/").status_code == 200
        run.delete()


def test_a_preview_of_the_full_sync_says_what_it_costs(world: World, admin: Client) -> None:
    connection = world.connect()
    preview = world.run(connection, "preview", of="full")
    page = admin.get("/c/acme/setup/all").content.decode()
    assert f"/c/acme/runs/{preview.pk}/" in page
    assert "tokens with reading" in page
    assert "about 1 min" in page


def test_a_preview_says_make_and_names_types_as_pipedrive_does(world: World, admin: Client) -> None:
    preview = world.run(world.connect(), "preview", of="full")
    step = admin.get("/c/acme/setup/all").content.decode()
    assert "To make: person fields" in step
    assert "Create" not in step
    page = admin.get(f"/c/acme/runs/{preview.pk}/?kind=person_field").content.decode()
    assert ">text<" in page
    assert "varchar" not in page


def test_a_paused_run_says_until_when_and_can_go_on(acme: Connection, admin: Client) -> None:
    due = timezone.now() + timedelta(hours=3)
    run = Run.objects.create(connection=acme, kind="sync", state="paused", due_at=due)
    assert acme.account is not None
    acme.account.tokens_used = 10**9
    acme.account.tokens_day = timezone.now().date()
    acme.account.save()
    page = admin.get("/c/acme/").content.decode()
    assert due.isoformat(timespec="seconds") in page
    assert f"/c/acme/runs/{run.pk}/resume" in page
    assert "#group-budget" in page
    assert "used, more than the" in page
    assert "resume" not in signed_in("viewer").get("/c/acme/").content.decode()


def test_before_anything_every_page_leads_on(world: World, admin: Client) -> None:
    assert "Connect the first" in admin.get("/").content.decode()
    world.connect()
    for page in (*PAGES, "/c/acme/setup/all", "/c/acme/records/", "/c/acme/errors/"):
        assert admin.get(page).status_code == 200, page
    assert "No customer is known yet" in admin.get("/c/acme/records/").content.decode()
    assert "Go on with the set-up" in admin.get("/c/acme/").content.decode()


def test_a_cancelled_undo_lists_nothing_as_if_it_came_or_was_done(
    world: World, acme: Connection, admin: Client
) -> None:
    full = acme.runs.get()
    run = world.run(acme, "undo", about=full, approved=False)
    assert run.state == "waiting"
    page = f"/c/acme/runs/{run.pk}/"
    assert "<strong>To delete</strong>" in admin.get(page).content.decode()
    admin.post(f"{page}cancel")
    shown = admin.get(page).content.decode()
    assert "<strong>Not deleted</strong>" in shown
    assert "<strong>To " not in shown
    assert "<strong>Deleted</strong>" not in shown


@pytest.mark.parametrize("state", ["queued", "running", "paused", "waiting", "done"])
def test_without_a_script_a_page_looks_again_while_its_run_goes_on(
    acme: Connection, admin: Client, state: str
) -> None:
    run = acme.runs.create(kind="full", state=state, started_at=timezone.now())
    going = state in Run.GOING
    for page in ("/", "/c/acme/", "/c/acme/runs/", "/c/acme/setup/all", f"/c/acme/runs/{run.pk}/"):
        head = admin.get(page).content.decode().partition("</head>")[0]
        assert ('<noscript><meta http-equiv="refresh" content="6">' in head) is going, page
    assert "refresh" not in admin.get("/c/acme/settings/").content.decode().partition("</head>")[0]


def test_a_run_is_called_the_same_everywhere(acme: Connection, admin: Client) -> None:
    full = acme.runs.get()
    names = {
        "full sync": full,
        "preview of the trial": acme.runs.create(kind="preview", of="trial", state="done"),
        f"undo of change 7 of run {full.pk}": acme.runs.create(
            kind="undo", of="change 7", about=full, state="done"
        ),
        f"plan of run {full.pk}": acme.runs.create(kind="apply", about=full, state="done"),
    }
    listed = admin.get("/c/acme/runs/").content.decode()
    charted = admin.get("/c/acme/").content.decode()
    for name, run in names.items():
        page = admin.get(f"/c/acme/runs/{run.pk}/").content.decode()
        assert f"<title>Run {run.pk}: {name} · acme" in page
        assert re.search(rf"<h1[^>]*>Run {run.pk}: {name}</h1>", page)
        assert f"<td>{name}</td>" in listed
        assert f"Run {run.pk}: {name}, done" in charted
