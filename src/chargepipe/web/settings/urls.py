"""Addresses of the settings of a connection."""

from django.urls import path

from chargepipe.web.settings import files, views

app_name = "settings"
urlpatterns = [
    path("", views.page, name="page"),
    path("preview", views.preview, name="preview"),
    path("offers", views.offered, name="offers"),
    path("mapping", views.mapping, name="mapping"),
    path("file", files.file, name="file"),
    path("file/download", files.download, name="download"),
    path("copy", files.copy, name="copy"),
    path("accounts", views.accounts, name="accounts"),
    path("accounts/unlink", views.unlink, name="unlink"),
]
