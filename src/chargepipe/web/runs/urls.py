"""Addresses of runs."""

from django.urls import path

from chargepipe.web.runs import views

app_name = "runs"
urlpatterns = [
    path("", views.listing, name="list"),
    path("start", views.start, name="start"),
    path("<int:run_id>/", views.page, name="page"),
    path("changes/<int:change_id>/undo", views.undo_change, name="undo-change"),
    path("<int:run_id>/<str:verb>", views.act, name="act"),
]
