"""To Pipedrive's page and back; the same address hears when the app is uninstalled there.

The callback needs no sign-in of its own, for Pipedrive calls it, too: its GET looks itself who is
signed in, and takes an answer only from the session that asked.
"""

import json
import secrets
from base64 import b64decode
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from chargepipe.accounts.granting import Granted
from chargepipe.actions import connections, oauth
from chargepipe.actions.refusal import Refused
from chargepipe.domain.settings import Pipedrive, SettingsError, check
from chargepipe.store.models import Connection
from chargepipe.web.access import Role, needs, require
from chargepipe.web.oauth.address import callback_address
from chargepipe.web.oauth.parked import ASKED, FORM, GRANTED, TYPED, drop, park, parked

KEPT = ("name", "site", "chargebee_url", "pipedrive_url")
"""Fields of the form that come back filled; the key comes back, too, but is not shown."""
LONGEST = 500
BIGGEST = 10_000
DENIED = "Pipedrive was told no, so nothing was connected. You can try again, or use a token."
OVER = "This answer came too late, or was used already: nothing was connected."
BEGUN_THERE = "The app was installed from Pipedrive's side: press “Connect with Pipedrive” here."
STRANGE = "This answer does not belong to a question of this sign-in: nothing was connected."
NO_CODE = "Pipedrive's answer held no code: nothing was connected."


@needs(Role.ADMIN)
@never_cache
@require_POST
@sensitive_post_parameters()
def start(request: HttpRequest, name: str = "") -> HttpResponse:
    """Ask Pipedrive: a page that leads there by itself, and by a link.

    Not a redirect: browsers apply form-action of our policy to where a form is redirected.
    """
    connection = connections.find(name) if name else None
    state = secrets.token_urlsafe(32)
    try:
        ask = oauth.begin(_url(request, connection), callback_address(request), state)
    except Refused as refused:
        return _stopped(request, str(refused), name)
    asked = {"state": state, "name": name, "server": ask.server, "redirect_uri": ask.redirect_uri}
    park(request, ASKED, asked)
    fields = {field: request.POST.get(field, "")[:LONGEST] for field in KEPT}
    park(request, FORM, {"name": name, "fields": fields})
    if key := request.POST.get("api_key", "").strip()[:LONGEST]:
        park(request, TYPED, {"name": name, "key": key, "token": ""})
    return render(request, "oauth/going.html", {"address": ask.address})


@login_not_required
@csrf_exempt
@never_cache
@require_http_methods(["GET", "DELETE"])
def callback(request: HttpRequest) -> HttpResponse:
    """Pipedrive's answer, by the person's browser; or, as DELETE, its word of an uninstall."""
    if request.method == "DELETE":
        return _uninstalled(request)
    if not request.user.is_authenticated:
        return redirect_to_login(reverse("home"))
    require(request, Role.ADMIN)
    return _answered(request)


def _answered(request: HttpRequest) -> HttpResponse:
    asked: dict[str, Any] | None = parked(request, ASKED)
    if asked is None:
        if "error" in request.GET:
            return _denied(request)
        return _stopped(request, OVER if request.GET.get("state") else BEGUN_THERE)
    name = asked["name"]
    if not constant_time_compare(request.GET.get("state", ""), asked["state"]):
        return _stopped(request, STRANGE, name)
    drop(request, ASKED)
    request.session.save()  # a second answer with this state finds nothing, even now
    if "error" in request.GET:
        return _denied(request, name)
    code = request.GET.get("code", "")
    if not code:
        return _stopped(request, NO_CODE, name)
    try:
        connection = connections.find(name) if name else None
        granted = oauth.finish(code, asked["server"], asked["redirect_uri"], connection)
    except Refused as refused:
        return _stopped(request, str(refused), name)
    return _granted(request, name, connection, granted)


def _granted(
    request: HttpRequest, name: str, connection: Connection | None, granted: Granted
) -> HttpResponse:
    me = granted.me
    company, user = me.company_name or str(me.company_id), me.name or str(me.user_id)
    if granted.lacking:
        messages.warning(
            request,
            f"The app lacks the scopes {', '.join(granted.lacking)}: tick them in Pipedrive's "
            "Developer Hub, then connect once more.",
        )
    if connection is not None and connection.account_id and connection.grant_id == granted.grant.pk:
        drop(request, FORM, TYPED)
        messages.success(request, f"Connected again: {company} as {user}.")
        return redirect("overview:page", name)
    admin = "an admin" if me.admin else "Pipedrive does not say whether an admin"
    park(
        request,
        GRANTED,
        {"name": name, "grant": granted.grant.pk, "company": company, "user": user, "admin": admin},
    )
    return redirect(_way_on(name))


def _denied(request: HttpRequest, name: str = "") -> HttpResponse:
    """A person may say no: back to the step, which says so."""
    messages.warning(request, DENIED)
    return redirect(_way_on(name))


def _stopped(request: HttpRequest, words: str, name: str = "") -> HttpResponse:
    """One sentence, and a way on."""
    context = {"words": words, "way_on": _way_on(name)}
    return render(request, "oauth/stopped.html", context, status=400)


def _way_on(name: str) -> str:
    """The first step of the connection, or of a new one."""
    return reverse("setup:step", args=(name, "connect")) if name else reverse("setup:new")


def _url(request: HttpRequest, connection: Connection | None) -> str | None:
    """The address of Pipedrive in the form, else the connection's own. Raises Refused."""
    typed = request.POST.get("pipedrive_url", "").strip()
    if not typed and connection is not None:
        return connections.stored_file(connection).pipedrive.url
    try:
        return check(Pipedrive, {"oauth": True, "url": typed or None}).url
    except SettingsError as error:
        raise Refused(f"The address of Pipedrive {error.problems[0].message}.") from None


def _uninstalled(request: HttpRequest) -> HttpResponse:
    """Nothing is looked at, and nothing said, before the credentials are right."""
    if not oauth.is_pipedrive(_credentials(request)):
        return HttpResponse(status=401, headers={"WWW-Authenticate": 'Basic realm="chargepipe"'})
    told = _told(request)
    company_id, user_id = told.get("company_id"), told.get("user_id")
    if isinstance(company_id, int) and isinstance(user_id, int):
        oauth.uninstalled(company_id, user_id)
    return HttpResponse(status=204)


def _credentials(request: HttpRequest) -> str:
    scheme, _, held = request.headers.get("authorization", "").partition(" ")
    try:
        return b64decode(held, validate=True).decode() if scheme.lower() == "basic" else ""
    except ValueError:
        return ""


def _told(request: HttpRequest) -> dict[str, Any]:
    try:
        told = json.loads(request.read(BIGGEST))
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}
