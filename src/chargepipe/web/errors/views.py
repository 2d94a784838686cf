"""Pages of errors: the list, one error with its candidates, and what a person decides."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from chargepipe.actions import connections, errors, records, runs
from chargepipe.actions.decide import KINDS, decide_all, is_decidable
from chargepipe.actions.decide import decide as decide_one
from chargepipe.domain.codes import CODES
from chargepipe.domain.decisions import PICK_RULES
from chargepipe.store.models import SyncError
from chargepipe.web.access import Role, needs
from chargepipe.web.refusals import back

PAGE = 50
STATES = ("open", "ignored", "warning", "resolved")


@needs(Role.VIEWER)
def listing(request: HttpRequest, name: str) -> HttpResponse:
    """Errors of one state, by code, or by a word in the record's key or the words."""
    state = request.GET.get("state", "open")
    state = state if state in STATES else "open"
    code, text = request.GET.get("code", ""), request.GET.get("q", "").strip()
    found = _search(errors.listing(name, (state,)), code, text)
    totals = errors.totals(name, (state,))
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [(error, errors.what_to_do(error)) for error in page],
        "totals": totals,
        "state": state,
        "states": STATES,
        "code": code,
        "q": text,
        "rules": PICK_RULES if code in KINDS or not code else (),
    }
    return render(request, "errors/list.html", context)


def _search(found: QuerySet[SyncError], code: str, text: str) -> QuerySet[SyncError]:
    if code:
        found = found.filter(code=code)
    if text:
        found = found.filter(Q(source_key__icontains=text) | Q(words__icontains=text))
    return found


@needs(Role.VIEWER)
def csv(request: HttpRequest, name: str) -> HttpResponse:
    """The errors as a file for spreadsheet programs, without the ignored ones unless asked."""
    states = ("open", "ignored") if request.GET.get("ignored") else ("open",)
    connections.find(name)
    answer = HttpResponse("".join(errors.csv(name, states)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="chargepipe-errors-{name}.csv"'
    return answer


@needs(Role.VIEWER)
def page(request: HttpRequest, name: str, error_id: int) -> HttpResponse:
    """One error: what, why, what to do, and its candidates side by side."""
    error = _error(name, error_id)
    customer = error.source_key if error.kind == "customer" else ""
    context = {
        "error": error,
        "code": CODES.get(error.code),
        "todo": errors.what_to_do(error),
        "places": errors.places(error),
        "chargebee": errors.source_url(error),
        "decidable": is_decidable(error),
        "record": records.page(name, customer).record if customer else None,
    }
    return render(request, "errors/page.html", context)


@needs(Role.OPERATOR)
@require_POST
def chosen(request: HttpRequest, name: str) -> HttpResponse:
    """Ignore, put back or retry the chosen errors, or all of them."""
    everything = bool(request.POST.get("everything"))
    ids = None if everything else [int(i) for i in request.POST.getlist("error") if i.isdecimal()]
    what = request.POST.get("what", "")
    if ids == []:
        messages.warning(request, "No error was chosen.")
    elif what == "ignore":
        number = errors.ignore(name, ids, request.POST.get("reason", "").strip())
        messages.success(request, f"{number} ignored until their record changes in Chargebee.")
    elif what == "unignore":
        messages.success(request, f"{errors.unignore(name, ids)} are back on the list.")
    elif what == "retry":
        return _retry(request, name, errors.to_retry(name, ids))
    else:
        raise Http404
    return redirect(back(request))


@needs(Role.OPERATOR)
@require_POST
def decide(request: HttpRequest, name: str, error_id: int) -> HttpResponse:
    """Pick one of the candidates, or make a new record; then sync the customer."""
    error = _error(name, error_id)
    pick = request.POST.get("pick", "")
    person = int(pick) if pick.isdecimal() else None
    decided = decide_one(error.pk, person=person, new=pick == "new", name=name)
    return _retry(request, name, decided.customers)


@needs(Role.OPERATOR)
@require_POST
def by_rule(request: HttpRequest, name: str) -> HttpResponse:
    """Decide all that a rule can decide (rule 2)."""
    decided = decide_all(name, request.POST.get("rule", ""))
    if decided.left:
        messages.warning(request, f"The rule leaves {len(decided.left)} undecided.")
    if not decided.customers:
        return redirect(back(request))
    return _retry(request, name, decided.customers)


def _retry(request: HttpRequest, name: str, customers: list[str] | tuple[str, ...]) -> HttpResponse:
    if not customers:
        messages.warning(request, "There is no customer to try again.")
        return redirect(back(request))
    run = runs.start(name, "sync", only=customers)
    return redirect("runs:page", name, run.pk)


def _error(name: str, error_id: int) -> SyncError:
    found = SyncError.objects.select_related("connection__account")
    return get_object_or_404(found, pk=error_id, connection__name=name)
