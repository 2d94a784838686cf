"""Pages of people: who may sign in and as what; the own password and sessions."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from chargepipe.actions import people
from chargepipe.web.access import Role, needs, person
from chargepipe.web.asking import asks, question
from chargepipe.web.people.forms import ChangePassword, Invite
from chargepipe.web.signing.browsers import called


@needs(Role.ADMIN)
@never_cache
def listing(request: HttpRequest) -> HttpResponse:
    """Who may sign in; a press makes a link for somebody new or for a forgotten password."""
    form = Invite(request.POST or None)
    link = ""
    if request.method == "POST" and form.is_valid():
        token = people.invite(form.cleaned_data["email"], form.cleaned_data["role"])
        link = f"{settings.PROCESS.url or request.build_absolute_uri('/')[:-1]}/welcome/{token}"
    context = {"people": people.everyone(), "form": form, "link": link, "roles": people.ROLES}
    return render(request, "people/list.html", context)


def _asks(request: HttpRequest, user_id: int) -> str:
    if request.POST.get("switch") != "off":
        return ""
    found = people.everyone().filter(pk=user_id).first()
    return question("switch-off", found.email) if found else ""


@needs(Role.ADMIN)
@require_POST
@asks(_asks)
def change(request: HttpRequest, user_id: int) -> HttpResponse:
    """Another role, off, or on again."""
    active = {"off": False, "on": True}.get(request.POST.get("switch", ""))
    user = people.change(user_id, role=request.POST.get("role"), active=active)
    state = "" if user.is_active else ", switched off"
    messages.success(request, f"{user.email} is {user.role}{state}.")
    return redirect("people:list")


@needs(Role.VIEWER)
@never_cache
@sensitive_post_parameters()
def me(request: HttpRequest) -> HttpResponse:
    """The own password and sessions."""
    user, here = person(request), request.session.session_key
    form = ChangePassword(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        people.change_password(user, form.cleaned_data["password"], here)
        update_session_auth_hash(request, user)
        messages.success(request, "Your password is changed; all other sessions have ended.")
        return redirect("people:me")
    known = people.sessions(user)
    sessions = [(each, called(each.agent) or each.agent, each.pk == here) for each in known]
    context = {"form": form, "sessions": sessions}
    return render(request, "people/me.html", context)


@needs(Role.VIEWER)
@require_POST
def end_sessions(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere else."""
    number = people.end_sessions(person(request), request.session.session_key)
    messages.success(request, f"{number} other sessions have ended.")
    return redirect("people:me")
