"""Pages of settings: the form, what it would make of real customers, the file, the accounts."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from chargepipe.actions import connections, examples, unlinking
from chargepipe.actions.explain import explain
from chargepipe.actions.refusal import Refused
from chargepipe.domain.settings import ConnectionFile, SettingsError
from chargepipe.http import ServiceError
from chargepipe.store.models import Connection
from chargepipe.web.access import Role, needs
from chargepipe.web.settings.form import SettingsForm, filled, form_of

BIGGEST = 200_000


def form_for(connection: Connection) -> SettingsForm:
    """The form of a connection as it stands."""
    return form_of(
        connections.stored_file(connection),
        full_synced=connection.full_done_at is not None,
        with_organizations=connection.full_with_organizations,
    )


def save(connection: Connection, form: SettingsForm) -> bool:
    """Store what the form says; False, with the problems in the form, where that is refused."""
    file = form.checked()
    if file is None:
        return False
    try:
        connections.change(connection.name, file)
    except SettingsError as error:
        form.refuse(error)
        return False
    return True


@needs(Role.ADMIN)
def page(request: HttpRequest, name: str) -> HttpResponse:
    """The settings of a connection; they hold for what syncs from then on."""
    connection = connections.find(name)
    form = form_for(connection)
    if request.method == "POST":
        form = filled(form, request.POST)
        if save(connection, form):
            messages.success(request, "Saved. It holds for whatever syncs from now on.")
            return redirect("settings:page", name)
    status = 422 if form.problems else 200
    return render(request, "settings/page.html", {"form": form}, status=status)


@needs(Role.ADMIN)
@require_POST
def preview(request: HttpRequest, name: str) -> HttpResponse:
    """Three real customers under the form as it stands on the page, saved or not."""
    connection = connections.find(name)
    file = filled(form_for(connection), request.POST).checked()
    rows: list[examples.Example] = []
    problem = "" if file else "Put right what is marked first."
    if file is not None:
        rows, problem = _examples(connection, file)
    context = {"examples": rows, "problem": problem, "here": connection}
    part = (
        "settings/_examples.html" if request.headers.get("HX-Request") else "settings/preview.html"
    )
    return render(request, part, context)


def _examples(connection: Connection, file: ConnectionFile) -> tuple[list[examples.Example], str]:
    try:
        return examples.examples(connection, file), ""
    except ServiceError as error:
        return [], str(error)


@needs(Role.ADMIN)
def file(request: HttpRequest, name: str) -> HttpResponse:
    """The connection as a file: to read, to keep, to change; the difference is shown first."""
    connection = connections.find(name)
    text = request.POST.get("text", "")[:BIGGEST] or connections.export(name)
    context = {"text": text, "problems": (), "proposal": None}
    if request.method == "POST":
        try:
            proposal = connections.propose(text)
            if proposal.file.name != name:
                raise Refused(f'The file is for "{proposal.file.name}", this page for "{name}".')
            context["proposal"] = proposal
            if "apply" in request.POST:
                connections.apply(proposal)
                messages.success(request, "Applied. It holds for whatever syncs from now on.")
                return redirect("settings:page", connection.name)
        except Exception as error:
            known = explain(error)
            if known is None:
                raise
            context["problems"] = known.lines
    return render(request, "settings/file.html", context)


@needs(Role.ADMIN)
def download(_request: HttpRequest, name: str) -> HttpResponse:
    """The connection file, secrets as references."""
    answer = HttpResponse(connections.export(name), content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.toml"'
    return answer


@needs(Role.ADMIN)
def accounts(request: HttpRequest, name: str) -> HttpResponse:
    """The two accounts: what they are, connect again, unlink."""
    connection = connections.find(name)
    context = {"file": connections.stored_file(connection)}
    return render(request, "settings/accounts.html", context)


@needs(Role.ADMIN)
@require_POST
def unlink(request: HttpRequest, name: str) -> HttpResponse:
    """Forget the accounts; keep or drop the links, or take off first what we wrote."""
    how = request.POST.get("how", "keep")
    if how == "clear":
        run = unlinking.clear(name)
        messages.success(request, "It plans first what is taken off, and asks before it writes.")
        return redirect("runs:page", name, run.pk)
    handed_back = unlinking.unlink(name, keep_links=how != "drop")
    messages.success(request, f"{name} is unlinked. Pipedrive stays as it is. {handed_back}")
    return redirect("settings:accounts", name)
