"""What waits in a person's session while Pipedrive asks; sealed, and good for some minutes."""

import json
from typing import Any

from django.http import HttpRequest

from chargepipe.store.encrypted import seal, unseal

ASKED, GRANTED, TYPED, FORM = "oauth_asked", "oauth_granted", "typed", "oauth_form"
SECONDS = {ASKED: 600, GRANTED: 1800, TYPED: 600, FORM: 1800}


def park(request: HttpRequest, what: str, value: Any) -> None:
    """Keep a value in the session, as only this installation can read it."""
    request.session[what] = seal(json.dumps(value))


def parked(request: HttpRequest, what: str) -> Any:
    """The value, None where there is none (any more)."""
    sealed = request.session.get(what)
    text = unseal(sealed, SECONDS[what]) if isinstance(sealed, str) else ""
    return json.loads(text) if text else None


def drop(request: HttpRequest, *what: str) -> None:
    """Forget values."""
    for each in what:
        request.session.pop(each, None)


def parked_for(request: HttpRequest, what: str, name: str) -> dict[str, Any]:
    """The value, where it is for the connection of this name ("": a new one); else {}."""
    value = parked(request, what)
    return value if isinstance(value, dict) and value.get("name") == name else {}
