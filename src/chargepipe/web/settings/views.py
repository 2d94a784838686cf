"""Pages of settings: the form, what it would make of real customers, the picture, the accounts."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from chargepipe.actions import connections, examples, fields_needed, unlinking
from chargepipe.actions.doubts import doubts
from chargepipe.actions.offers import offers, refresh, stale
from chargepipe.actions.picture import picture
from chargepipe.domain.settings import ConnectionFile, SettingsError
from chargepipe.http import ServiceError
from chargepipe.store.models import Connection
from chargepipe.web.access import Role, needs, require
from chargepipe.web.asking import asks, unlinking_asked
from chargepipe.web.settings.form import SettingsForm, form_of
from chargepipe.web.settings.sent import filled, without_unfinished

TRY, READ = "try", "read"
"""The buttons that try the form on three customers and read what there is to choose from."""
A_RADIO = "settings.customers"
"""Is sent along with every form of settings."""


def form_for(connection: Connection) -> SettingsForm:
    """The form of a connection as it stands, with what its accounts offer."""
    file = connections.stored_file(connection)
    form = form_of(
        file,
        full_synced=connection.full_done_at is not None,
        with_organizations=connection.full_with_organizations,
        offers=offers(connection),
        stale=stale(connection, timezone.now()),
    )
    form.doubts = dict(doubts(connection, file))
    return form


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
    form.doubts = dict(doubts(connection, file))
    return True


@needs(Role.VIEWER)
def page(request: HttpRequest, name: str) -> HttpResponse:
    """The settings of a connection; they hold for what syncs from then on. Admins change them."""
    connection = connections.find(name)
    form, tried = form_for(connection), {}
    if request.method == "POST":
        require(request, Role.ADMIN)
        form, tried = pressed(connection, form, request.POST)
        if not tried and save(connection, form):
            for each in form.doubted:
                messages.warning(request, f"{each.name} {each.words}")
            messages.success(request, "Saved. It holds for whatever syncs from now on.")
            return redirect("settings:page", name)
    context = {"form": form, "room": room_words(connection, form), **tried}
    status = 422 if form.problems else 200
    return render(request, "settings/page.html", context, status=status)


def pressed(
    connection: Connection, form: SettingsForm, post: QueryDict
) -> tuple[SettingsForm, dict[str, Any]]:
    """The form as it was sent, and what the press shows beside it; nothing for a save."""
    if READ in post:
        unread = _read(connection)
        return filled(form_for(connection), post), {"unread": unread}
    form = filled(form, post)
    return form, tried_on(connection, form) if TRY in post else {}


def _read(connection: Connection) -> str:
    """Ask both accounts what there is to choose from; why that failed, in words."""
    try:
        refresh(connection)
    except ServiceError as error:
        return str(error)
    return ""


@needs(Role.ADMIN)
@require_POST
def offered(request: HttpRequest, name: str) -> HttpResponse:
    """Ask both accounts what there is to choose from, for the page's script."""
    connection = connections.find(name)
    unread, form = _read(connection), form_for(connection)
    form = filled(form, request.POST) if A_RADIO in request.POST else form
    context = {"form": form, "unread": unread, "here": connection}
    answer = render(request, "settings/_offered.html", context)
    answer["HX-Trigger"] = "offers-read"
    return answer


@needs(Role.ADMIN)
@require_POST
def preview(request: HttpRequest, name: str) -> HttpResponse:
    """Three real customers under the form as it stands on the page, saved or not, for its script.

    Where the page follows what is changed, it asks nobody for what was read a moment ago.
    """
    connection = connections.find(name)
    form = filled(form_for(connection), request.POST)
    follows = request.headers.get("HX-Trigger") == "examples"
    form = without_unfinished(form) if follows else form
    context = {"here": connection, "form": form, **tried_on(connection, form, anew=not follows)}
    context |= {"room": room_words(connection, form), "moved": True}
    return render(request, "settings/_examples.html", context)


def tried_on(connection: Connection, form: SettingsForm, *, anew: bool = True) -> dict[str, Any]:
    """What a form as it was sent would make of three customers, and the picture of its mapping."""
    file = form.checked()
    if file is None:
        return {"tried": True, "lead": "Not tried"}
    form.doubts = dict(doubts(connection, file))
    rows, problem = _examples(connection, file, anew)
    drawn = picture(connection, file.settings)
    return {"tried": True, "examples": rows, "problem": problem, "pictures": drawn}


def room_words(connection: Connection, form: SettingsForm) -> str:
    """The custom fields that a form asks for; of one that is refused, those that stand."""
    file = None if form.problems else form.checked()
    settings = (file or connections.stored_file(connection)).settings
    return fields_needed.in_words(connection, settings)


def _examples(
    connection: Connection, file: ConnectionFile, anew: bool
) -> tuple[list[examples.Example], str]:
    # The stages of deals are named by what both accounts were found to have.
    problem = _read(connection) if anew and stale(connection, timezone.now()) else ""
    try:
        return examples.examples(connection, file, anew=anew), problem
    except ServiceError as error:
        return [], str(error)


@needs(Role.VIEWER)
def mapping(request: HttpRequest, name: str) -> HttpResponse:
    """Where each field of Pipedrive's comes from, as the settings stand."""
    connection = connections.find(name)
    drawn = picture(connection, connections.stored_file(connection).settings)
    return render(request, "settings/mapping.html", {"pictures": drawn})


@needs(Role.ADMIN)
def accounts(request: HttpRequest, name: str) -> HttpResponse:
    """The two accounts: what they are, connect again, unlink."""
    connection = connections.find(name)
    context = {"file": connections.stored_file(connection)}
    return render(request, "settings/accounts.html", context)


@needs(Role.ADMIN)
@require_POST
@asks(unlinking_asked)
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
