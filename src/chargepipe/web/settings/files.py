"""Settings as a file: read, keep, change, bring in; and over to another connection."""

from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from chargepipe.actions import connections
from chargepipe.actions.refusal import Refused
from chargepipe.web.access import Role, needs
from chargepipe.web.explained import explained

BIGGEST = 200_000


@needs(Role.ADMIN)
def file(request: HttpRequest, name: str) -> HttpResponse:
    """The connection as a file: to read, to keep, to change; the difference is shown first."""
    connection = connections.find(name)
    text = _sent(request) or connections.export(name)
    context: dict[str, Any] = {"text": text, "problems": (), "proposal": None}
    if request.method == "POST":
        with explained() as context["problems"]:
            proposal = connections.propose(text)
            if proposal.file.name != name:
                raise Refused(f'The file is for "{proposal.file.name}", this page for "{name}".')
            context["proposal"] = proposal
            if "apply" in request.POST:
                connections.apply(proposal)
                messages.success(request, "Applied. It holds for whatever syncs from now on.")
                return redirect("settings:page", connection.name)
    status = 422 if context["problems"] else 200
    return render(request, "settings/file.html", context, status=status)


def _sent(request: HttpRequest) -> str:
    """The text as typed, or of a file that was chosen."""
    chosen = request.FILES.get("file")
    if isinstance(chosen, UploadedFile):
        return chosen.read(BIGGEST).decode("utf-8-sig", "replace")
    return request.POST.get("text", "")[:BIGGEST]


@needs(Role.ADMIN)
def download(_request: HttpRequest, name: str) -> HttpResponse:
    """The connection file, secrets as references."""
    answer = HttpResponse(connections.export(name), content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.toml"'
    return answer


@needs(Role.ADMIN)
def copy(request: HttpRequest, name: str) -> HttpResponse:
    """These rules for another connection, whose two accounts stay: the difference, then a yes."""
    others = [each for each in connections.everyone() if each.name != name]
    to = request.POST.get("to") or request.GET.get("to", "")
    context: dict[str, Any] = {"others": others, "to": to, "proposal": None, "problems": ()}
    if to:
        connections.find(to)
        with explained() as context["problems"]:
            context["proposal"] = proposal = connections.propose(connections.export(name, to))
            if request.method == "POST":
                connections.change(to, proposal.file)
                messages.success(request, f"{to} has the rules of {name} now.")
                return redirect("settings:page", to)
    return render(request, "settings/copy.html", context)
