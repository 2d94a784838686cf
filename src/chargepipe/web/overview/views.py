"""Pages that tell at one look what state the sync is in."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from chargepipe.actions import connections, scheduling
from chargepipe.actions.glance import glances
from chargepipe.actions.overview import overview
from chargepipe.actions.progress import progress
from chargepipe.web.access import Role, needs
from chargepipe.web.changes import rows
from chargepipe.web.overview.charts import chart, gauge


@needs(Role.VIEWER)
def home(request: HttpRequest) -> HttpResponse:
    """Every connection with its state in a sentence."""
    shown = [
        (seen, chart(seen.last_runs), gauge(seen.tokens) if seen.tokens else None)
        for seen in glances()
    ]
    return render(request, "overview/home.html", {"rows": shown})


@needs(Role.VIEWER)
def page(request: HttpRequest, name: str) -> HttpResponse:
    """One connection; asked by htmx only the part that moves."""
    seen = overview(connections.find(name))
    template = "overview/_state.html" if request.headers.get("HX-Request") else "overview/page.html"
    context = {
        "seen": seen,
        "progress": progress(seen.run) if seen.run else None,
        "chart": chart(seen.last_runs),
        "gauge": gauge(seen.tokens) if seen.tokens else None,
        "newest": rows(seen.newest, seen.connection),
    }
    return render(request, template, context)


@needs(Role.OPERATOR)
@require_POST
def automatic(request: HttpRequest, name: str) -> HttpResponse:
    """Switch the automatic sync on or off (setting 10)."""
    how = "off" if request.POST.get("how") == "off" else "on"
    scheduling.schedule(name, how)
    messages.success(request, f"The automatic sync is {how}.")
    return redirect("overview:page", name)
