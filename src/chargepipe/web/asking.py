"""Questions before what is hard to take back: by the page's script, else by a page of their own.

A button that asks carries its question (`{% ask %}`); the script puts it and sends the yes along.
Without a script the view that the button leads to answers with the question first.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from chargepipe.web.access import View
from chargepipe.web.refusals import back

SURE = "sure"
"""The field that holds the yes."""
QUESTIONS: Mapping[str, str] = {
    "sync-all": "People in Pipedrive will be made and changed{name}. Start the full sync?",
    "unlink": "Unlink {name}?",
    "switch-off": "Switch off {name}? All sessions end.",
    "rule": "Decide all of them by this rule?",
    "deals": "Make these deals without looking at them first?",
}

UNLINKED: Mapping[str, str] = {
    "keep": "What was written stays in Pipedrive, and links are kept.",
    "drop": "What was written stays in Pipedrive, and links are dropped.",
    "clear": "What was written is taken off people and organizations first.",
}
"""What follows from each way to unlink."""


def question(key: str, name: str = "") -> str:
    """The words of a question; `name` is what it is about."""
    return QUESTIONS[key].format(name=name)


def unlinking_asked(request: HttpRequest, name: str) -> str:
    """The question before an unlink, with what follows from the way that was chosen."""
    how = UNLINKED.get(request.POST.get("how", ""), UNLINKED["keep"])
    return f"{question('unlink', name)} {how}"


def asks(which: Callable[..., str]) -> Callable[[View], View]:
    """Mark a view that is answered with a question until the yes comes along.

    `which` is given what the view is given, and says the question; "" for none.
    """

    def asking(view: View) -> View:
        @wraps(view)
        def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            words = "" if SURE in request.POST else which(request, *args, **kwargs)
            return _page(request, words) if words else view(request, *args, **kwargs)

        cast(Any, asked).asks = which
        return cast(View, asked)

    return asking


def _page(request: HttpRequest, words: str) -> HttpResponse:
    """The question, with all that was sent, so that a yes sends it again."""
    kept = ("csrfmiddlewaretoken", "back")
    sent = [(name, value) for name, many in request.POST.lists() for value in many]
    context = {
        "question": words,
        "sent": [pair for pair in sent if pair[0] not in kept],
        "back": back(request),
    }
    return render(request, "ask.html", context)
