"""Pages of runs: the list, one run with its changes, and what a person says to it."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from chargepipe.actions import plans, runs, undo
from chargepipe.actions.progress import progress
from chargepipe.store.models import Change, Run
from chargepipe.web.access import Role, needs
from chargepipe.web.changes import rows
from chargepipe.web.paging import page_of
from chargepipe.web.refusals import back

CHANGES = 25
"""On a page: each shows all of its fields."""
PREVIEWS = ("full", "sync")
STARTABLE = ("validate", "trial", "full", "sync", "reconcile")
STATES = ("queued", "running", "waiting", "paused", "done", "failed", "cancelled")
VERBS: Mapping[str, tuple[Callable[[int], Run], str]] = {
    "approve": (runs.approve, "Approved: the run goes on."),
    "cancel": (runs.cancel, "It stops at its next safe place; what is written stays."),
    "pause": (runs.pause, "It pauses at its next safe place."),
    "resume": (runs.resume, "It goes on."),
    "apply": (plans.apply, "Exactly what the preview showed is being written."),
    "undo": (undo.start, "It plans first what can be taken back, and asks before it writes."),
}


@needs(Role.VIEWER)
def listing(request: HttpRequest, name: str) -> HttpResponse:
    """The runs of a connection, newest first, of one kind or state where asked."""
    found = runs.history(name)
    kind, state = request.GET.get("kind", ""), request.GET.get("state", "")
    if kind:
        found = found.filter(kind=kind)
    if state:
        found = found.filter(state=state)
    kinds = runs.history(name).order_by("kind").values_list("kind", flat=True).distinct()
    context = {
        "page": page_of(request, found),
        "kinds": list(kinds),
        "states": STATES,
        "kind": kind,
        "state": state,
    }
    return render(request, "runs/list.html", context)


@needs(Role.VIEWER)
def page(request: HttpRequest, name: str, run_id: int) -> HttpResponse:
    """One run: how far it is, what it asks, and every change before and after."""
    run = _run(name, run_id)
    kind, numbers = request.GET.get("kind", ""), runs.numbers(run)
    shown = runs.shown(run)
    with_fields = not kind and any(each.endswith("_field") for each in numbers)
    changes = page_of(
        request,
        shown.filter(kind=kind) if kind else shown,
        size=CHANGES,
        count=numbers.get(kind, 0) if kind else sum(numbers.values()),
        lead=runs.fields_of(run) if with_fields else (),
    )
    context: dict[str, Any] = {
        "run": run,
        "counts": runs.summary(run),
        "page": changes,
        "rows": rows(changes.object_list, run.connection),
        "kinds": list(numbers),
        "kind": kind,
        "totals": plans.totals(run) if run.state == "waiting" or run.kind == "preview" else None,
        "undoable": undo.is_possible(run),
        "progress": progress(run),
        "applies": plans.refusal(run),
    }
    template = "runs/_page.html" if request.headers.get("HX-Request") else "runs/page.html"
    return render(request, template, context)


@needs(Role.OPERATOR)
@require_POST
def start(request: HttpRequest, name: str) -> HttpResponse:
    """Start a run or the preview of one, and go to its page."""
    kind, of = request.POST.get("kind", ""), request.POST.get("of", "")
    if kind == "preview" and of in PREVIEWS:
        run = runs.start(name, kind, of=of)
    elif kind in STARTABLE:
        run = runs.start(name, kind, only=request.POST.getlist("customer"))
    else:
        raise Http404
    return redirect("runs:page", name, run.pk)


@needs(Role.OPERATOR)
@require_POST
def act(request: HttpRequest, name: str, run_id: int, verb: str) -> HttpResponse:
    """Approve, cancel, pause, resume, apply or undo; then to the run, or back to where one was."""
    if verb not in VERBS:
        raise Http404
    run = _run(name, run_id)
    action, words = VERBS[verb]
    then = action(run.pk)
    messages.success(request, words)
    if "back" in request.POST:
        return redirect(back(request))
    return redirect("runs:page", name, then.pk)


@needs(Role.OPERATOR)
@require_POST
def undo_change(request: HttpRequest, name: str, change_id: int) -> HttpResponse:
    """Take one change back."""
    if not Change.objects.filter(pk=change_id, connection__name=name).exists():
        raise Http404
    run = undo.start_change(change_id)
    messages.success(request, VERBS["undo"][1])
    return redirect("runs:page", name, run.pk)


def _run(name: str, run_id: int) -> Run:
    run = runs.get(run_id)
    if run.connection.name != name:
        raise Http404
    return run
