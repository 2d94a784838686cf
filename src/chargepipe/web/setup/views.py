"""Pages of the set-up: one place for connect, configure, validate, trial and sync all."""

from typing import Any

from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from chargepipe.actions import connections, errors, plans, runs, undo
from chargepipe.actions.forecast import Forecast, of_step
from chargepipe.actions.picture import picture
from chargepipe.actions.progress import progress
from chargepipe.store.models import Connection, Run
from chargepipe.web.access import Role, needs
from chargepipe.web.asking import asks, question
from chargepipe.web.changes import ChangeRow, rows
from chargepipe.web.paging import page_of
from chargepipe.web.settings.views import form_for, pressed, room_words, save
from chargepipe.web.setup import connecting
from chargepipe.web.setup.steps import KINDS, next_step, preview_of, run_of, steps

PAGE = 25
PREVIEWED = ("trial", "all")
"""Steps that a preview is offered of."""


@needs(Role.VIEWER)
def page(_request: HttpRequest, name: str) -> HttpResponse:
    """Where the set-up of a connection goes on."""
    return redirect("setup:step", name, next_step(connections.find(name)))


@needs(Role.ADMIN)
@never_cache
@sensitive_post_parameters()
def new(request: HttpRequest) -> HttpResponse:
    """Connect a first or a further pair of accounts; of one that is there, its own page."""
    name = request.GET.get("name", "")
    if name and connections.everyone().filter(name=name).exists():
        return redirect("setup:step", name, "connect")
    return connecting.connect(request, None)


@needs(Role.ADMIN)
@never_cache
@sensitive_post_parameters()
def step(request: HttpRequest, name: str, step: str) -> HttpResponse:
    """One step of the set-up."""
    connection = connections.find(name)
    if step == "connect":
        return connecting.connect(request, connection)
    if step == "configure":
        return _configure(request, connection)
    if step in KINDS:
        return _of_run(request, connection, step)
    raise Http404


def _asks(request: HttpRequest, name: str, step: str) -> str:
    """The full sync is confirmed by the person who starts it (rule 11)."""
    if step != "all" or "preview" in request.POST:
        return ""
    connection = connections.find(name)
    preview = _shown_preview(connection, step, run_of(connection, step))
    moved = preview is not None and plans.is_outdated(preview)
    return question("sync-all", _at_stake(connection, None if moved else preview))


def _at_stake(connection: Connection, preview: Run | None) -> str:
    """Whose people a full sync writes, how many at most and for how many tokens, where known."""
    if connection.account is None:
        return ""
    where = f" in {connection.account}"
    if preview and preview.state == "done":
        totals = plans.totals(preview)
        many = f"{totals.changes:,} record{'' if totals.changes == 1 else 's'}"
        return f"{where}: {many}, {totals.tokens_in_all:,} tokens by the preview"
    forecast = of_step(connection, "all")
    if forecast is None or forecast.writes is None:
        return where
    if connection.full_done_at is not None:
        return f"{where}: about {forecast.cost.tokens:,} tokens, and 5 for each record that differs"
    return f"{where}: at most {forecast.writes:,} records, about {forecast.cost.tokens:,} tokens"


def _shown_preview(connection: Connection, step: str, run: Run | None) -> Run | None:
    """The preview of a step; None once what it showed is done."""
    if step not in PREVIEWED:
        return None
    preview = preview_of(connection, KINDS[step])
    over = preview and run and run.pk > preview.pk and run.state == "done"
    return None if over else preview


@needs(Role.OPERATOR)
@require_POST
@asks(_asks)
def start(request: HttpRequest, name: str, step: str) -> HttpResponse:
    """Start the run of a step, or a preview of the trial or the full sync."""
    if step not in KINDS:
        raise Http404
    only = [one.strip() for one in request.POST.get("customers", "").split(",") if one.strip()]
    chosen = only if step == "trial" else ()
    if "preview" in request.POST and step in PREVIEWED:
        runs.start(name, "preview", of=KINDS[step], only=chosen)
    else:
        # The brake asks of every full sync but the first: that one this page has asked about.
        first = step == "all" and connections.find(name).full_done_at is None
        runs.start(name, KINDS[step], only=chosen, confirmed=first)
    return redirect("setup:step", name, step)


def _configure(request: HttpRequest, connection: Connection) -> HttpResponse:
    form, tried = form_for(connection), {}
    if request.method == "POST":
        form, tried = pressed(connection, form, request.POST)
        if not tried and save(connection, form):
            return redirect("setup:step", connection.name, "validate")
    drawn = picture(connection, connections.stored_file(connection).settings)
    context = {"form": form, "steps": steps(connection), "step": "configure", "pictures": drawn}
    context |= {"room": room_words(connection, form), **tried}
    return render(request, "setup/configure.html", context, status=422 if form.problems else 200)


def _of_run(request: HttpRequest, connection: Connection, step: str) -> HttpResponse:
    run = run_of(connection, step)
    preview = _shown_preview(connection, step, run)
    planned = preview if preview and preview.state == "done" else None
    moved = planned is not None and plans.is_outdated(planned)
    context: dict[str, Any] = {
        "steps": steps(connection),
        "step": step,
        "doubted": form_for(connection).doubted,
        "run": run,
        "counts": runs.summary(run) if run else None,
        "undoable": run is not None and undo.is_possible(run),
        "progress": progress(run) if run else None,
        "preview": preview,
        "at_stake": _at_stake(connection, None if moved else preview) if step == "all" else "",
        "plan_outdated": moved,
        "outdated": run is not None and step == "validate" and plans.is_outdated(run),
        "cost": plans.totals(planned) if planned and not moved else None,
        "forecast": _forecast(connection, run, step),
        "read": _read(connection) if run and step == "validate" and run.state == "running" else {},
        "findings": _findings(connection, run) if step == "validate" else [],
        "totals": plans.totals(run) if run and run.state == "waiting" else None,
        **_changes(request, run, step),
        "previewed": _previewed(planned) if step == "trial" and not moved else [],
    }
    moving = request.headers.get("HX-Request")
    return render(request, f"setup/_{step}.html" if moving else f"setup/{step}.html", context)


def _changes(request: HttpRequest, run: Run | None, step: str) -> dict[str, Any]:
    """What a trial did, record by record."""
    if run is None or step != "trial":
        return {}
    page = page_of(request, runs.shown(run), size=PAGE)
    return {"page": page, "rows": rows(page.object_list, run.connection)}


def _previewed(preview: Run | None) -> list[ChangeRow]:
    """What a trial would do, record by record."""
    if preview is None:
        return []
    return rows(runs.shown(preview)[:PAGE], preview.connection)


def _forecast(connection: Connection, run: Run | None, step: str) -> Forecast | None:
    """What the step would cost, where it can be started: of a later full sync a preview tells."""
    moving = run is not None and run.state in Run.UNFINISHED
    if moving or (step == "all" and connection.full_done_at is not None):
        return None
    return of_step(connection, step)


def _findings(connection: Connection, run: Run | None) -> list[errors.Total]:
    """What a validation found, by kind."""
    return errors.totals(connection.name, ("open", "warning")) if run else []


def _read(connection: Connection) -> dict[str, int]:
    """How many records of each kind Chargebee has told so far."""
    kinds = connection.records.order_by("kind").values_list("kind")
    return dict(kinds.annotate(n=Count("pk")))
