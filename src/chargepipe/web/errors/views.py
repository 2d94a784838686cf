"""Pages of errors: the list, and one error with its candidates side by side."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from chargepipe.actions import connections, error_csv, errors
from chargepipe.actions.candidates import candidates, choice, may_be_new
from chargepipe.actions.decide import undecided
from chargepipe.actions.held_up import deals_held_up, held_up_words
from chargepipe.actions.names import Named, named
from chargepipe.actions.refusal import Refused
from chargepipe.actions.subject import key_of, subject
from chargepipe.actions.waiting import decisions
from chargepipe.domain.codes import AMBIGUOUS_ORGANIZATION, AMBIGUOUS_PERSON, CODES, NO_MATCH_KEY
from chargepipe.domain.decisions import OF_ORGANIZATIONS, PICK_RULES
from chargepipe.http import ServiceError
from chargepipe.pipedrive import Entity
from chargepipe.store.models import Connection, SyncError
from chargepipe.web.access import Role, needs
from chargepipe.web.errors.filters import STATES, Filter
from chargepipe.web.errors.reasons import WHY
from chargepipe.web.paging import page_of
from chargepipe.web.wording import for_pages

KINDS = ("customer", "organization", "deal")
RULES: Mapping[str, tuple[Entity, tuple[str, ...]]] = {
    AMBIGUOUS_PERSON: ("person", PICK_RULES),
    AMBIGUOUS_ORGANIZATION: ("organization", OF_ORGANIZATIONS),
}


@needs(Role.VIEWER)
def listing(request: HttpRequest, name: str) -> HttpResponse:
    """Errors of one state, by code, by kind of record, or by a word or a customer's name."""
    connection, chosen = connections.find(name), Filter.of(request.GET)
    page = page_of(request, chosen.of_connection(connection))
    context = {
        "page": page,
        "rows": _rows(connection, list(page)),
        "totals": errors.totals(name, (chosen.state,)),
        "chosen": chosen,
        "states": STATES,
        "kinds": KINDS,
        **_rules(connection, chosen),
    }
    return render(request, "errors/list.html", context)


def _rows(connection: Connection, shown: Sequence[SyncError]) -> list[dict[str, Any]]:
    """Each error with what to do and the name of its record, where it has one."""
    names = named(connection, [(each.kind, each.source_key) for each in shown])
    nobody, waiting = Named(""), decisions(connection, shown)
    return [
        {
            "error": error,
            "todo": "" if error.pk in waiting else errors.what_to_do(error),
            "decided": waiting.get(error.pk),
            "title": who.name,
            "email": who.email,
        }
        for error in shown
        for who in (names.get((error.kind, error.source_key), nobody),)
    ]


def _rules(connection: Connection, chosen: Filter) -> dict[str, Any]:
    """By what rule the errors shown can be decided, and how many there are."""
    if chosen.state != "open" or chosen.code not in RULES:
        return {}
    kind, rules = RULES[chosen.code]
    return {"rules": rules, "rules_for": kind, "undecided": undecided(connection, kind)}


@needs(Role.VIEWER)
def csv(request: HttpRequest, name: str) -> HttpResponse:
    """The errors that the list shows as a file for spreadsheet programs.

    With `ignored` or `warnings` in the address those too.
    """
    connection, also = connections.find(name), {"ignored": "ignored", "warnings": "warning"}
    more = [state for word, state in also.items() if request.GET.get(word)]
    found = Filter.of(request.GET).of_connection(connection, more)
    lines = error_csv.csv_of(found, for_pages)
    answer = HttpResponse("".join(lines), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="chargepipe-errors-{name}.csv"'
    return answer


@needs(Role.VIEWER)
def page(request: HttpRequest, name: str, error_id: int) -> HttpResponse:
    """One error: what, why, what to do, and its candidates side by side.

    With `look` in the address Pipedrive is asked for more of the candidates.
    """
    error = error_of(name, error_id)
    found, trouble = _candidates(error, asked="look" in request.GET)
    decided = decisions(error.connection, [error]).get(error.pk)
    waiting = deals_held_up(error.connection, [error]).get(error.pk, 0)
    context = {
        "error": error,
        "code": CODES.get(error.code),
        "why": WHY.get(error.code, ""),
        "todo": "" if decided else errors.what_to_do(error),
        "decided": decided,
        "held_up": held_up_words(waiting),
        "candidates": found,
        "chargebee": errors.source_url(error),
        "choice": None if decided else choice(error),
        "may_be_new": may_be_new(error),
        "subject": subject(error),
        "key": key_of(error) if error.code == NO_MATCH_KEY else None,
        "looked": "look" in request.GET and not trouble,
        "trouble": trouble,
    }
    return render(request, "errors/page.html", context)


def _candidates(error: SyncError, *, asked: bool) -> tuple[list[Any], str]:
    try:
        return candidates(error, asked=asked), ""
    except (ServiceError, Refused) as refused:
        return candidates(error), str(refused)


def error_of(name: str, error_id: int) -> SyncError:
    """An error of this connection; 404 for any other."""
    found = SyncError.objects.select_related("connection__account")
    return get_object_or_404(found, pk=error_id, connection__name=name)
