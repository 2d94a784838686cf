"""Addresses of the backfill."""

from django.urls import path

from chargepipe.web.backfill import views

app_name = "backfill"
urlpatterns = [path("", views.page, name="page")]
