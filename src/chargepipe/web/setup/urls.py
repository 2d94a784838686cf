"""Addresses of the set-up."""

from django.urls import path

from chargepipe.web.setup import views

app_name = "setup"
urlpatterns = [
    path("connect", views.new, name="new"),
    path("c/<str:name>/setup/", views.page, name="page"),
    path("c/<str:name>/setup/<str:step>", views.step, name="step"),
    path("c/<str:name>/setup/<str:step>/start", views.start, name="start"),
]
