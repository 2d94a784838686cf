"""The addresses of the web side."""

from django.http import HttpRequest, JsonResponse
from django.urls import path

from chargepipe.engine.heartbeat import living
from chargepipe.store.models import Run


def health(_: HttpRequest) -> JsonResponse:
    """Tell that the database answers and how many workers are alive; no secrets, no login."""
    return JsonResponse(
        {
            "status": "ok",
            "workers": len(living()),
            "unfinished_runs": Run.objects.filter(state__in=Run.UNFINISHED).count(),
        }
    )


urlpatterns = [path("health", health)]
