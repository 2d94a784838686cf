"""The calls of persons, organizations and deals by path."""

from ..clock import Clock
from ..messages import Handler
from ..options import Options
from .attributes import Kind
from .crm import Crm
from .lookup import Lookup
from .merge_calls import MergeCalls
from .product_calls import ProductCalls
from .record_calls import RecordCalls
from .record_lists import RecordLists
from .record_show import Show
from .search import Search
from .v1_rows import V1Rows

Calls = dict[tuple[str, str], Handler]
"""Handlers by method and path template."""
_KINDS: dict[Kind, str] = {
    "person": "/persons",
    "organization": "/organizations",
    "deal": "/deals",
}


def records(crm: Crm, clock: Clock, options: Options) -> Calls:
    """API v2: lists, searches and single records. What is no id stands before "/{id}"."""
    calls: Calls = {}
    for kind, path in _KINDS.items():
        lookup, show = Lookup(crm, kind, clock, options), Show(crm, kind)
        one = RecordCalls(crm, kind, lookup, show)
        all_of_them = RecordLists(crm, kind, lookup, show, options)
        calls |= {
            ("GET", f"{path}/search"): Search(crm, kind).answer,
            ("GET", path): all_of_them.answer,
            ("POST", path): one.create,
        }
        if kind == "deal":
            archive = RecordLists(crm, kind, lookup, show, options, archived=True)
            calls["GET", f"{path}/archived"] = archive.answer
        calls |= {
            ("GET", f"{path}/{{id}}"): one.one,
            ("PATCH", f"{path}/{{id}}"): one.update,
            ("DELETE", f"{path}/{{id}}"): one.remove,
        }
    return calls


def products(crm: Crm, clock: Clock, options: Options) -> Calls:
    """API v2: the products of a deal."""
    calls = ProductCalls(crm, Lookup(crm, "deal", clock, options))
    path = "/deals/{id}/products"
    return {
        ("GET", path): calls.listing,
        ("POST", path): calls.create,
        ("POST", f"{path}/bulk"): calls.create_many,
        ("DELETE", f"{path}/{{product_attachment_id}}"): calls.remove,
    }


def merges(crm: Crm, clock: Clock, options: Options) -> Calls:
    """API v1: merges."""
    rows = V1Rows(crm)
    return {
        ("PUT", f"{path}/{{id}}/merge"): MergeCalls(
            crm, kind, Lookup(crm, kind, clock, options), rows
        ).answer
        for kind, path in _KINDS.items()
    }
