"""Addresses of records."""

from django.urls import path

from chargepipe.web.records import views

app_name = "records"
urlpatterns = [
    path("", views.listing, name="list"),
    path("<path:key>/sync", views.sync, name="sync"),
    path("<path:key>/undo", views.undo_last, name="undo"),
    path("<path:key>", views.page, name="page"),
]
