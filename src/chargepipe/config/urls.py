"""The addresses of the web side."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.urls import include, path

from chargepipe.engine.heartbeat import living
from chargepipe.store.models import Run


@login_not_required
def health(_: HttpRequest) -> JsonResponse:
    """Tell that the database answers and how many workers are alive; no secrets, no login."""
    return JsonResponse(
        {
            "status": "ok",
            "workers": len(living()),
            "unfinished_runs": Run.objects.filter(state__in=Run.UNFINISHED).count(),
        }
    )


urlpatterns = [path("health", health), path("", include("chargepipe.web.urls"))]
