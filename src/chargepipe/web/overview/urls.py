"""Addresses of the overview."""

from django.urls import path

from chargepipe.web.overview import views

app_name = "overview"
urlpatterns = [
    path("", views.page, name="page"),
    path("automatic", views.automatic, name="automatic"),
]
