"""What every page shows around its own content: where one is, and where one can go."""

from typing import Any

from django.conf import settings
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest

from chargepipe.actions import connections
from chargepipe.store.models import Run, SyncError
from chargepipe.web.access import Role, role_of
from chargepipe.web.tour.steps import shown


def frame(request: HttpRequest) -> dict[str, Any]:
    """The names that base.html needs; little for somebody who is not signed in."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    match = request.resolver_match
    role = role_of(user)
    here = match.kwargs.get("name") if match else None
    known = list(_connections())
    shown_here = next((each for each in known if each.name == here), None)
    return {
        "simulated": settings.PROCESS.demo.page if settings.PROCESS.demo else "",
        "may_operate": role.may(Role.OPERATOR),
        "may_administer": role.may(Role.ADMIN),
        "connections": known,
        "tour": shown(request, known),
        "tab": match.namespace if match else "",
        "here": shown_here,
        "going": any(each.runs_going for each in ([shown_here] if shown_here else known)),
    }


def _connections() -> QuerySet[Any]:
    """All connections with open errors, unfinished runs and those that move, in one query."""
    return connections.everyone().annotate(
        errors_open=_number(SyncError.objects.filter(state="open")),
        runs_unfinished=_number(Run.objects.filter(state__in=Run.UNFINISHED)),
        runs_going=_number(Run.objects.filter(state__in=Run.GOING)),
    )


def _number(rows: QuerySet[Any]) -> Coalesce:
    mine = rows.filter(connection=OuterRef("pk")).order_by().values("connection")
    return Coalesce(Subquery(mine.annotate(n=Count("pk")).values("n")), 0)
