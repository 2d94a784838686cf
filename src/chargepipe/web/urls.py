"""The addresses of the console."""

from django.urls import include, path

from chargepipe.web.live import live
from chargepipe.web.overview.views import home
from chargepipe.web.signing import views as signing
from chargepipe.web.tour.views import move

CONNECTION = "c/<str:name>/"
urlpatterns = [
    path("", home, name="home"),
    path("sign-in", signing.SignInPage.as_view(), name="sign-in"),
    path("sign-out", signing.sign_out, name="sign-out"),
    path("welcome/<str:token>", signing.welcome, name="welcome"),
    path("demo/<str:token>", signing.demo, name="demo"),
    path("live", live, name="live"),
    path("tour", move, name="tour"),
    path("people/", include("chargepipe.web.people.urls")),
    path("", include("chargepipe.web.oauth.urls")),
    path("", include("chargepipe.web.setup.urls")),
    path(CONNECTION, include("chargepipe.web.overview.urls")),
    path(CONNECTION + "runs/", include("chargepipe.web.runs.urls")),
    path(CONNECTION + "backfill/", include("chargepipe.web.backfill.urls")),
    path(CONNECTION + "errors/", include("chargepipe.web.errors.urls")),
    path(CONNECTION + "records/", include("chargepipe.web.records.urls")),
    path(CONNECTION + "settings/", include("chargepipe.web.settings.urls")),
]
