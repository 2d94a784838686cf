"""Addresses of the settings of a connection."""

from django.urls import path

from chargepipe.web.settings import views

app_name = "settings"
urlpatterns = [
    path("", views.page, name="page"),
    path("preview", views.preview, name="preview"),
    path("file", views.file, name="file"),
    path("file/download", views.download, name="download"),
    path("accounts", views.accounts, name="accounts"),
    path("accounts/unlink", views.unlink, name="unlink"),
]
