"""Addresses of OAuth; the callback is the one that is registered in Pipedrive's Developer Hub."""

from django.urls import path

from chargepipe.web.oauth import views

app_name = "oauth"
urlpatterns = [
    path("oauth/callback", views.callback, name="callback"),
    path("oauth/start", views.start, name="start"),
    path("c/<str:name>/oauth/start", views.start, name="again"),
]
