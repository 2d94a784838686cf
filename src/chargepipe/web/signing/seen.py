"""When somebody was last seen in a session, as the list of sessions tells."""

from collections.abc import Callable

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

from chargepipe.actions import people

EVERY_SECONDS = 300
"""Seconds for which a session is not noted again: a page costs no write for it."""


class SeenMiddleware:
    """Notes of each session now and then that it is in use."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on; noted is who is signed in."""
        key = request.session.session_key
        if key and request.user.is_authenticated and cache.add(f"seen-{key}", True, EVERY_SECONDS):
            people.seen(key)
        return self.get_response(request)
