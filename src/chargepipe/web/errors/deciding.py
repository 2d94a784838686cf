"""What a person does to errors: ignore, put back, try again, decide one or many."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from chargepipe.actions import connections, decide, errors, runs
from chargepipe.actions.candidates import choice
from chargepipe.store.models import Run
from chargepipe.web.access import Role, needs
from chargepipe.web.asking import asks, question
from chargepipe.web.errors.filters import Filter
from chargepipe.web.errors.views import error_of
from chargepipe.web.refusals import back

AFTERWARDS = "The trial and the first full sync keep to it."


@needs(Role.OPERATOR)
@require_POST
def chosen(request: HttpRequest, name: str) -> HttpResponse:
    """Ignore, put back or try again the chosen errors, or all that the list's filter shows."""
    ids, what = _meant(request, name), request.POST.get("what", "")
    if not ids:
        messages.warning(request, "No error was chosen.")
    elif what == "ignore":
        number = errors.ignore(name, ids, request.POST.get("reason", "").strip())
        messages.success(request, f"{number} ignored until their record changes in Chargebee.")
    elif what == "unignore":
        number = errors.unignore(name, ids)
        back_again = "1 is" if number == 1 else f"{number} are"
        messages.success(request, f"{back_again} back on the list.")
    elif what == "retry":
        return _sync(request, name, errors.to_retry(name, ids))
    else:
        raise Http404
    return redirect(back(request))


def _id(text: str) -> int | None:
    """The number that was sent; None for anything that no row can have."""
    return int(text) if text.isdecimal() and len(text) < 19 else None


def _meant(request: HttpRequest, name: str) -> list[int]:
    if not request.POST.get("everything"):
        sent = map(_id, request.POST.getlist("error"))
        return [id for id in sent if id is not None]
    found = Filter.of(request.POST).of_connection(connections.find(name))
    return list(found.values_list("pk", flat=True))


@needs(Role.OPERATOR)
@require_POST
def one(request: HttpRequest, name: str, error_id: int) -> HttpResponse:
    """Pick one of the candidates, or have a new record made; then sync the customers."""
    error = error_of(name, error_id)
    pick, kind = request.POST.get("pick", ""), choice(error)
    picked = _id(pick)
    decided = decide.decide(
        error.pk,
        person=picked if kind == "person" else None,
        organization=picked if kind == "organization" else None,
        deal=picked if kind == "deal" else None,
        new=pick == "new",
        name=name,
    )
    messages.success(request, "Decided.")
    return _sync(request, name, decided.customers)


@needs(Role.OPERATOR)
@require_POST
@asks(lambda _request, name: question("rule", name))
def by_rule(request: HttpRequest, name: str) -> HttpResponse:
    """Decide all that a rule can decide (rule 2)."""
    kind = "organization" if request.POST.get("of") == "organization" else "person"
    decided = decide.decide_all(name, request.POST.get("rule", ""), kind=kind)
    if decided.left:
        messages.warning(request, f"The rule leaves {len(decided.left)} undecided.")
    if not decided.customers:
        return redirect(back(request))
    return _sync(request, name, decided.customers)


def _sync(request: HttpRequest, name: str, customers: Sequence[str]) -> HttpResponse:
    """Try the customers again at once; before the first full sync only a validation can.

    The person stays on the page; the words lead to the run.
    """
    if not customers:
        messages.warning(request, "There is no customer to try again.")
    elif connections.find(name).full_done_at is None:
        run = runs.start(name, "validate")
        words = f"Every customer is checked again. {AFTERWARDS}"
        messages.success(request, words, extra_tags=_address(name, run))
    else:
        run = runs.start(name, "sync", only=customers)
        who = "The customer is" if len(customers) == 1 else f"{len(customers):,} customers are"
        messages.success(request, f"{who} synced now.", extra_tags=_address(name, run))
    return redirect(back(request))


def _address(name: str, run: Run) -> str:
    return reverse("runs:page", args=(name, run.pk))
