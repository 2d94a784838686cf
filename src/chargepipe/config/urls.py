"""The addresses of the web side."""

from datetime import timedelta

from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.utils import timezone

from chargepipe.store.models import Run, Worker


def health(_: HttpRequest) -> JsonResponse:
    """Tell that the database answers and how many workers are alive; no secrets, no login."""
    fresh = timezone.now() - timedelta(seconds=30)
    return JsonResponse(
        {
            "status": "ok",
            "workers": Worker.objects.filter(seen_at__gt=fresh).count(),
            "unfinished_runs": Run.objects.filter(state__in=Run.UNFINISHED).count(),
        }
    )


urlpatterns = [path("health", health)]
