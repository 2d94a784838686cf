"""Addresses of people."""

from django.urls import path

from chargepipe.web.people import views

app_name = "people"
urlpatterns = [
    path("", views.listing, name="list"),
    path("<int:user_id>", views.change, name="change"),
    path("me", views.me, name="me"),
    path("me/sessions", views.end_sessions, name="end-sessions"),
]
