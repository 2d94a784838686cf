"""Pages of records: search, and one customer with its values, their sources and every write."""

from dataclasses import replace

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from chargepipe.actions import errors, records, runs, standing, undo, why
from chargepipe.actions.deal_standing import deal_reasons
from chargepipe.actions.links import customer_url, pipedrive_url
from chargepipe.actions.names import Key, Named, companies_of, field_label
from chargepipe.domain.deals import deal_key
from chargepipe.domain.mapping import person_name
from chargepipe.store.models import Record
from chargepipe.sync.work import customer_of
from chargepipe.web.access import Role, needs
from chargepipe.web.changes import rows
from chargepipe.web.paging import page_of

MOST_FOUND = 1000
WRITES = 25


@needs(Role.VIEWER)
def listing(request: HttpRequest, name: str) -> HttpResponse:
    """Customers by name, email, company or id."""
    text = request.GET.get("q", "").strip()
    page = page_of(request, records.search(name, text), most=MOST_FOUND if text else None)
    found = [(record, person_name(customer_of(record))) for record in page]
    return render(request, "records/list.html", {"page": page, "rows": found, "q": text})


@needs(Role.VIEWER)
def page(request: HttpRequest, name: str, key: str) -> HttpResponse:
    """One customer: where each value comes from, every write, and what stands in the way."""
    try:
        story = why.explain(name, key, now="now" in request.GET)
    except records.Unknown as unknown:
        context = {"key": key, "several": unknown.several}
        return render(request, "records/unknown.html", context, status=404)
    found = story.page
    of_deals = {deal_key(each.kind, each.source_id): each for each in found.deals}
    links = [
        {
            "sold": of_deals.get(link.source_key),
            "link": link,
            "url": pipedrive_url(found.connection, link.kind, link.pipedrive_id),
            "fields": [
                replace(field, field=field_label(found.connection, field.field))
                for field in story.fields
                if (field.kind, field.pipedrive_id) == (link.kind, link.pipedrive_id)
            ],
        }
        for link in found.links
    ]
    customer = customer_of(found.record)
    writes = Paginator(found.changes[::-1], WRITES).get_page(request.GET.get("page"))
    context = {
        "found": found,
        "record": found.record,
        "customer": customer,
        "title": person_name(customer),
        "links": links,
        "gone": story.gone,
        "asked_now": "now" in request.GET,
        "reasons": standing.own_reasons(found),
        "deal_reasons": tuple(deal_reasons(found)),
        "undone": standing.undone(found),
        "with_deals": bool(found.deals),
        "errors": [(error, errors.what_to_do(error)) for error in found.errors],
        "chargebee": customer_url(found.connection, found.record.source_id),
        "page": writes,
        "rows": rows(writes, found.connection, _names(found.record)),
    }
    return render(request, "records/page.html", context)


def _names(record: Record) -> dict[Key, Named]:
    """The writes of one customer name its own company alone."""
    return {("organization", key): Named(name) for key, name in companies_of(record).items()}


@needs(Role.OPERATOR)
@require_POST
def sync(_request: HttpRequest, name: str, key: str) -> HttpResponse:
    """Sync this record now; a hold of an undo ends. Before the first full sync it is a trial."""
    found = records.page(name, key)
    kind = "sync" if found.connection.full_done_at else "trial"
    run = runs.start(name, kind, only=[found.record.source_id])
    return redirect("runs:page", name, run.pk)


@needs(Role.OPERATOR)
@require_POST
def undo_last(request: HttpRequest, name: str, key: str) -> HttpResponse:
    """Take back what the newest run wrote for this customer."""
    found = records.page(name, key)
    last = next((c for c in reversed(found.changes) if c.state == "written"), None)
    if last is None:
        messages.warning(request, "Nothing was written for this customer yet.")
        return redirect("records:page", name, found.record.source_id)
    run = undo.start(last.run_id, customers=[found.record.source_id])
    return redirect("runs:page", name, run.pk)
