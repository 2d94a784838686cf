"""Going through the tour: forth, back, to its end, and from the start again."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from chargepipe.actions import connections
from chargepipe.web.access import Role, needs
from chargepipe.web.refusals import back
from chargepipe.web.tour.steps import PLACE, STEPS, address, place


@needs(Role.VIEWER)
@require_POST
def move(request: HttpRequest) -> HttpResponse:
    """To the next step's page, to the one before, or out of the tour."""
    here, go = place(request), request.POST.get("go", "")
    number = {"begin": 1, "next": here + 1, "back": here - 1}.get(go, 0)
    known = list(connections.everyone())
    if not 1 <= number <= len(STEPS) or not known:
        request.session[PLACE] = 0
        return redirect(back(request))
    request.session[PLACE] = number
    return redirect(address(STEPS[number - 1], known))
