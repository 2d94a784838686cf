"""Pages of signing in and out."""

from typing import Any

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.crypto import constant_time_compare
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from chargepipe.actions import connections, people
from chargepipe.store.models import Invitation, User
from chargepipe.store.sessions import AGENT
from chargepipe.web.access import MAY, Role, needs
from chargepipe.web.signing.browsers import called
from chargepipe.web.signing.forms import FirstAdmin, NewPassword, SignIn
from chargepipe.web.signing.known import remember
from chargepipe.web.tour.steps import PLACE, first

PASSWORD = "django.contrib.auth.backends.ModelBackend"  # noqa: S105


@method_decorator(login_not_required, name="dispatch")
class SignInPage(LoginView):
    """Email and password; the session is a new one afterwards."""

    template_name = "signing/sign_in.html"
    authentication_form = SignIn
    redirect_authenticated_user = True

    def form_valid(self, form: Any) -> HttpResponse:
        """Remember by which browser, for the list of sessions."""
        answer = super().form_valid(form)
        note_browser(self.request)
        remember(answer, form.get_user().email)
        return answer


@needs(Role.VIEWER)
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session."""
    logout(request)
    return redirect("sign-in")


@login_not_required
@never_cache
@sensitive_post_parameters()
def welcome(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind a link that works once: choose a password, and be in."""
    found = people.invitation(token)
    if found is None:
        return render(request, "signing/over.html", status=410)
    form = _form(request, found)
    if request.method == "POST" and form.is_valid():
        password = form.cleaned_data["password"]
        user = people.come_in(found, form.cleaned_data.get("email", ""), password)
        login(request, user, backend=PASSWORD)
        note_browser(request)
        answer = redirect("home")
        remember(answer, user.email)
        return answer
    context = {"form": form, "invitation": found, "may": MAY[Role(found.role)]}
    return render(request, "signing/welcome.html", context)


@login_not_required
@never_cache
def demo(request: HttpRequest, token: str) -> HttpResponse:
    """In the demo: in as its admin, by the address that it printed. Nowhere else is there a token.

    The demo serves this machine alone, with simulated services and nothing to lose.
    """
    door = settings.PROCESS.demo
    if door is None or not constant_time_compare(token, door.token):
        raise Http404
    login(request, people.demo_admin(), backend=PASSWORD)
    note_browser(request)
    request.session.setdefault(PLACE, 1)
    known = list(connections.everyone())
    return redirect("overview:page", first(known).name) if known else redirect("home")


def _form(request: HttpRequest, found: Invitation) -> NewPassword:
    kind = NewPassword if found.email else FirstAdmin
    return kind(request.POST or None, user=User(email=found.email))


def note_browser(request: HttpRequest) -> None:
    """Keep the browser's name with the session."""
    request.session[AGENT] = called(request.headers.get("user-agent", ""))
