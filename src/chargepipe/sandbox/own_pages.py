"""The services' own pages of a record, by their addresses: here they are places on our page."""

import re

from .messages import Answer, Request

_CHARGEBEE = re.compile(r"/d/(?P<kind>customer|subscription|invoice)s/(?P<id>[^/]+)")
_PIPEDRIVE = re.compile(r"/(?P<kind>person|organization|deal)/(?P<id>\d+)")


def own_page(service: str, request: Request) -> Answer | None:
    """The way to the record on the page of the sandbox; None for any other address."""
    pattern = _CHARGEBEE if service == "chargebee" else _PIPEDRIVE
    found = pattern.fullmatch(request.path) if request.method == "GET" else None
    if found is None:
        return None
    # The id stays as it was sent, percent-encoded: no header can be made of it.
    place = f"/_sandbox/#{found['kind']}/{found['id']}"
    return Answer(302, "", (("location", place),), "text/plain; charset=utf-8")
