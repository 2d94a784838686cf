"""What cannot be done is said where the person is: a message after a press, a page after a link."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme

from chargepipe.accounts.connect import NoAdmin
from chargepipe.accounts.secrets import SecretMissing
from chargepipe.actions.refusal import Refused
from chargepipe.http import ServiceError
from chargepipe.store.encrypted import KeyMissing
from chargepipe.store.full import WORDS, is_full

EXPECTED = (Refused, ServiceError, NoAdmin, KeyMissing, SecretMissing)
"""Each says in words what is wrong and what to do."""


class RefusalMiddleware:
    """Turns what an action refuses, and what a service refuses it, into words on a page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on; only what is raised matters."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Back to where the person was, with the words; anything else is not ours."""
        if is_full(error):
            # A message for the next page would have to be stored.
            told = {"words": WORDS, "heading": "That cannot be done now"}
            return render(request, "refused.html", told, status=503)
        if not isinstance(error, EXPECTED):
            return None
        if request.method != "POST":
            status = 404 if isinstance(error, Refused) else 503
            return render(request, "refused.html", {"words": str(error)}, status=status)
        messages.error(request, str(error))
        return redirect(back(request))


def back(request: HttpRequest, default: str = "/") -> str:
    """The page that the person came from, if it is one of ours."""
    came_from = request.POST.get("back") or request.headers.get("referer", "")
    own = url_has_allowed_host_and_scheme(
        came_from, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return came_from if own and came_from else default
