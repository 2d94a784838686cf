"""The first step: both services are asked who they are, then the pair is stored."""

from itertools import chain, count
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from chargepipe.accounts.connect import Checked
from chargepipe.accounts.secrets import Typed
from chargepipe.actions import advice, connections
from chargepipe.domain.settings import dump
from chargepipe.store.models import Connection
from chargepipe.web.explained import explained
from chargepipe.web.oauth.address import callback_address
from chargepipe.web.oauth.parked import FORM, GRANTED, TYPED, drop, park, parked_for
from chargepipe.web.setup.forms import Connect
from chargepipe.web.setup.refusing import REFUSING, tell
from chargepipe.web.setup.steps import steps


def connect(request: HttpRequest, connection: Connection | None) -> HttpResponse:
    """Connect a new pair of accounts, or that of a connection again."""
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
    # In the demo all is filled in, so that the last button is the way on.
    signing_in = context["app"] and not (granted or context["opened"] or settings.PROCESS.demo)
    context["leads"] = "pipedrive" if signing_in else "connect"
    context["callback"] = callback_address(request)
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
    with explained() as problems:
        proposal = connections.propose(text)
        try:
            checked = connections.look(proposal, typed=typed)
        except REFUSING as error:
            tell(context["form"], error)
            return None
        told = advice.advise(proposal, checked)
        if told.caution and not request.POST.get("sure"):
            secrets = {"key": typed.chargebee_key, "token": typed.pipedrive_token}
            park(request, TYPED, {"name": _name(context["here"]), **secrets})
            context["advice"] = told
            return None
        connection = connections.store(proposal, checked)
        return _connected(request, connection, checked, told)
    for line in problems:
        context["form"].add_error(None, line)
    return None


def _connected(
    request: HttpRequest, connection: Connection, checked: Checked, told: advice.Advice
) -> HttpResponse:
    """Say what was connected, and go on to the settings."""
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
        "name": _free_name(),
        "site": demo.site,
        "chargebee_url": demo.chargebee,
        "pipedrive_url": demo.pipedrive,
    }


def _free_name() -> str:
    """ "second", or with a number where that is taken."""
    taken = set(connections.everyone().values_list("name", flat=True))
    names = chain(["second"], (f"second-{number}" for number in count(2)))
    return next(name for name in names if name not in taken)
