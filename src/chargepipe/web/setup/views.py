"""Pages of the set-up: one place for connect, configure, validate, trial and sync all."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from chargepipe.accounts.secrets import Typed
from chargepipe.actions import advice, connections, errors, plans, runs, undo
from chargepipe.actions.explain import explain
from chargepipe.domain.settings import dump
from chargepipe.store.models import Connection, Run
from chargepipe.web.access import Role, needs
from chargepipe.web.asking import asks, question
from chargepipe.web.changes import rows
from chargepipe.web.oauth.parked import FORM, GRANTED, TYPED, drop, park, parked_for
from chargepipe.web.paging import page_of
from chargepipe.web.settings.form import filled
from chargepipe.web.settings.views import form_for, save
from chargepipe.web.setup.forms import Connect
from chargepipe.web.setup.steps import KINDS, next_step, preview_of, run_of, steps

PAGE = 25


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
    return _connect(request, None)


@needs(Role.ADMIN)
@never_cache
@sensitive_post_parameters()
def step(request: HttpRequest, name: str, step: str) -> HttpResponse:
    """One step of the set-up."""
    connection = connections.find(name)
    if step == "connect":
        return _connect(request, connection)
    if step == "configure":
        return _configure(request, connection)
    if step in KINDS:
        return _of_run(request, connection, step)
    raise Http404


def _asks(request: HttpRequest, step: str, **_: str) -> str:
    """The full sync is confirmed by the person who starts it (rule 11)."""
    return question("sync-all") if step == "all" and "preview" not in request.POST else ""


@needs(Role.OPERATOR)
@require_POST
@asks(_asks)
def start(request: HttpRequest, name: str, step: str) -> HttpResponse:
    """Start the run of a step, or a preview of the full sync."""
    if step not in KINDS:
        raise Http404
    if "preview" in request.POST and step == "all":
        runs.start(name, "preview", of="full")
    else:
        only = [one.strip() for one in request.POST.get("customers", "").split(",") if one.strip()]
        chosen = only if step == "trial" else ()
        runs.start(name, KINDS[step], only=chosen, confirmed=step == "all")
    return redirect("setup:step", name, step)


def _connect(request: HttpRequest, connection: Connection | None) -> HttpResponse:
    held = connections.stored_file(connection) if connection else None
    granted = parked_for(request, GRANTED, _name(connection))
    form = Connect(
        request.POST or None, connection=connection, initial=_initial(request, connection)
    )
    _ask_less(request, form, connection, granted)
    context: dict[str, Any] = {"form": form, "here": connection, "steps": steps(connection)}
    context |= {"step": "connect", "advice": None, "granted": granted}
    context["by_oauth"] = held is not None and held.pipedrive.oauth
    context["app"] = bool(settings.PROCESS.oauth_id)
    context["opened"] = connection is not None and connection.grant_id is not None
    if request.method == "POST":
        oauth = bool(granted) or context["by_oauth"]
        file = form.file(held, oauth=oauth) if form.is_valid() else None
        if file is not None:
            done = _try(request, dump(file), _typed(request, connection, granted), context)
            if done is not None:
                return done
    return render(request, "setup/connect.html", context)


def _ask_less(
    request: HttpRequest, form: Connect, connection: Connection | None, granted: dict[str, Any]
) -> None:
    """Ask for no secret that is there already."""
    if settings.PROCESS.demo:
        form.keys_may_be_left_out("Empty: that of the simulated service.")
    if parked_for(request, TYPED, _name(connection)) and (granted or request.POST.get("sure")):
        # Typed a moment ago: before Pipedrive asked, or on the page that asked whether one is sure.
        form.keys_may_be_left_out("Empty: the one that you typed a moment ago.")
    if granted or (connection is not None and connection.grant_id is not None):
        form.by_oauth()


def _try(
    request: HttpRequest, text: str, typed: Typed, context: dict[str, Any]
) -> HttpResponse | None:
    """Ask both services, say what they are, and store; None where a person has to look first."""
    try:
        proposal = connections.propose(text)
        checked = connections.look(proposal, typed=typed)
        told = advice.advise(proposal, checked)
        if told.caution and not request.POST.get("sure"):
            secrets = {"key": typed.chargebee_key, "token": typed.pipedrive_token}
            park(request, TYPED, {"name": _name(context["here"]), **secrets})
            context["advice"] = told
            return None
        connection = connections.store(proposal, checked)
    except Exception as error:
        known = explain(error)
        if known is None:
            raise
        for line in known.lines:
            context["form"].add_error(None, line)
        return None
    drop(request, TYPED, GRANTED, FORM)
    user = checked.me.name
    messages.success(
        request,
        f"Connected: {checked.site.domain} ({told.badge}) and {connection.account} as {user}; "
        f"{told.people}. {told.fields}",
    )
    for words in told.warnings:
        messages.warning(request, words)
    return redirect("setup:step", connection.name, "configure")


def _name(connection: Connection | None) -> str:
    """What waits in the session is for this connection; "" is a new one."""
    return connection.name if connection else ""


def _typed(request: HttpRequest, connection: Connection | None, granted: dict[str, Any]) -> Typed:
    """What was typed, else what was typed for this connection on the page before."""
    key, token = request.POST.get("api_key", ""), request.POST.get("api_token", "")
    if not (key or token):
        before = parked_for(request, TYPED, _name(connection))
        key, token = before.get("key", ""), before.get("token", "")
    if demo := settings.PROCESS.demo:
        key, token = key or demo.chargebee_key, token or demo.pipedrive_token
    return Typed(key.strip(), token.strip(), granted.get("grant"))


def _initial(request: HttpRequest, connection: Connection | None) -> dict[str, str]:
    """What the form begins with: as it was when Pipedrive was asked, else what is stored."""
    if form := parked_for(request, FORM, _name(connection)):
        return form["fields"]
    if connection is None:
        return _demo_values() | ({"name": name} if (name := request.GET.get("name", "")) else {})
    file = connections.stored_file(connection)
    return {
        "site": file.chargebee.site,
        "chargebee_url": file.chargebee.url or "",
        "pipedrive_url": file.pipedrive.url or "",
    }


def _demo_values() -> dict[str, str]:
    """In the demo: where its simulated services are."""
    demo = settings.PROCESS.demo
    if demo is None:
        return {}
    return {
        "name": "second",
        "site": demo.site,
        "chargebee_url": demo.chargebee,
        "pipedrive_url": demo.pipedrive,
    }


def _configure(request: HttpRequest, connection: Connection) -> HttpResponse:
    form = form_for(connection)
    if request.method == "POST":
        form = filled(form, request.POST)
        if save(connection, form):
            return redirect("setup:step", connection.name, "validate")
    context = {"form": form, "steps": steps(connection), "step": "configure"}
    return render(request, "setup/configure.html", context, status=422 if form.problems else 200)


def _of_run(request: HttpRequest, connection: Connection, step: str) -> HttpResponse:
    run = run_of(connection, step)
    preview = preview_of(connection, "full") if step == "all" else None
    if preview and run and run.pk > preview.pk and run.state == "done":
        preview = None  # what it showed is done since
    context: dict[str, Any] = {
        "steps": steps(connection),
        "step": step,
        "run": run,
        "counts": runs.summary(run) if run else None,
        "undoable": run is not None and undo.is_possible(run),
        "seconds_left": runs.seconds_left(run) if run else None,
        "preview": preview,
        "cost": plans.totals(preview) if preview and preview.state == "done" else None,
        "findings": errors.totals(connection.name, ("open", "warning")) if run else [],
        "totals": plans.totals(run) if run and run.state == "waiting" else None,
        **_changes(request, run, step),
    }
    moving = request.headers.get("HX-Request")
    return render(request, f"setup/_{step}.html" if moving else f"setup/{step}.html", context)


def _changes(request: HttpRequest, run: Run | None, step: str) -> dict[str, Any]:
    """What a trial did, record by record."""
    if run is None or step != "trial":
        return {}
    page = page_of(request, runs.shown(run), size=PAGE)
    return {"page": page, "rows": rows(page.object_list, run.connection)}
