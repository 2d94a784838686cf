"""Addresses of errors."""

from django.urls import path

from chargepipe.web.errors import views

app_name = "errors"
urlpatterns = [
    path("", views.listing, name="list"),
    path("csv", views.csv, name="csv"),
    path("chosen", views.chosen, name="chosen"),
    path("rule", views.by_rule, name="rule"),
    path("<int:error_id>/", views.page, name="page"),
    path("<int:error_id>/decide", views.decide, name="decide"),
]
