"""Addresses of errors."""

from django.urls import path

from chargepipe.web.errors import deciding, views

app_name = "errors"
urlpatterns = [
    path("", views.listing, name="list"),
    path("csv", views.csv, name="csv"),
    path("chosen", deciding.chosen, name="chosen"),
    path("rule", deciding.by_rule, name="rule"),
    path("<int:error_id>/", views.page, name="page"),
    path("<int:error_id>/decide", deciding.one, name="decide"),
]
