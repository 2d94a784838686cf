"""The address to which Pipedrive sends people back."""

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse


def callback_address(request: HttpRequest) -> str:
    """What is registered in Developer Hub: by the public address, where that is told."""
    path, public = reverse("oauth:callback"), settings.PROCESS.url
    return public + path if public else request.build_absolute_uri(path)
