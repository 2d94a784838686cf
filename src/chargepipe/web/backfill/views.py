"""The page of the backfill: choose, look at the plan, then make the deals."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from chargepipe.actions import connections, runs
from chargepipe.actions.refusal import Refused
from chargepipe.domain.backfill import Window, problem
from chargepipe.domain.deals import records_with_deals
from chargepipe.store.models import Run
from chargepipe.web.access import Role, needs, require
from chargepipe.web.asking import asks, question
from chargepipe.web.backfill.forms import Backfill

LAST = 5


def _asks(request: HttpRequest, **_: str) -> str:
    if request.method != "POST" or "preview" in request.POST:
        return ""
    require(request, Role.OPERATOR)
    return question("deals")


@needs(Role.VIEWER)
@asks(_asks)
def page(request: HttpRequest, name: str) -> HttpResponse:
    """Which older records shall get their deals; a press previews them, or makes them."""
    connection = connections.find(name)
    settings = connections.stored_file(connection).settings
    kinds = records_with_deals(settings)
    form = Backfill(request.POST or None, kinds=kinds)
    if request.method == "POST":
        require(request, Role.OPERATOR)
        if form.is_valid():
            words = problem(form.window(), settings)
            run = None if words else _start(name, form.window(), request, form)
            if run is not None:
                return redirect("runs:page", name, run.pk)
            if words:
                form.add_error(None, words)
    status = 422 if form.errors else 200
    context = {"form": form, "on": bool(kinds), "last": _last(name)}
    return render(request, "backfill/page.html", context, status=status)


def _start(name: str, window: Window, request: HttpRequest, form: Backfill) -> Run | None:
    try:
        if "preview" in request.POST:
            return runs.start(name, "preview", of="backfill", window=window)
        return runs.start(name, "backfill", window=window)
    except Refused as refused:
        form.add_error(None, str(refused).partition(" Run: ")[0])
        return None


def _last(name: str) -> list[dict[str, Any]]:
    """The last backfills and their previews, each with its window in words."""
    history = runs.history(name)
    found = history.filter(kind="backfill") | history.filter(kind="preview", of="backfill")
    return [{"run": run, "window": _words(run)} for run in found[:LAST]]


def _words(run: Run) -> str:
    return str(Window.from_json(run.window)) if run.window else ""
