"""Finding customers by what somebody types."""

from collections.abc import Iterator
from itertools import islice

from ..messages import Row
from .book import Book
from .shelf import Shelf

MOST = 1000
"""Customers that one search gives."""
_LEADS = {"customer": "id", "subscription": "customer_id", "invoice": "customer_id"}


def found(book: Book, text: str, limit: int) -> list[Row]:
    """Customers that fit, newest first, each as {customer, subscriptions, invoices}."""
    wanted = " ".join(text.casefold().split())
    customers = _by_id(book, text.strip()) if wanted else None
    most = min(max(limit, 0), MOST)
    rows = [customers] if customers else list(islice(_fitting(book, wanted), most))
    return [_with_children(book, row) for row in rows]


def _by_id(book: Book, id: str) -> Row | None:
    """The customer that an id leads to, be it the id of a subscription or an invoice."""
    for kind, name in _LEADS.items():
        if book.shelves[kind].number(id):
            return book.find("customer", book.find(kind, id)[name])
    return None


def _fitting(book: Book, wanted: str) -> Iterator[Row]:
    table = book.shelves["customer"].table
    for _, row in table.walk("created_at", descending=True):
        if wanted in _text(row):
            yield row


def _text(row: Row) -> str:
    names = f"{row.get('first_name', '')} {row.get('last_name', '')}"
    companies = f"{row.get('company', '')}\n{row.get('billing_address', {}).get('company', '')}"
    text = "\n".join((row["id"], names, companies, row.get("email", ""), row.get("phone", "")))
    return text.casefold()


def _with_children(book: Book, row: Row) -> Row:
    return {
        "customer": row,
        "subscriptions": list(_children(book.shelves["subscription"], row["id"])),
        "invoices": list(_children(book.shelves["invoice"], row["id"])),
    }


def _children(shelf: Shelf, customer_id: str) -> Iterator[Row]:
    """All of a customer, deleted ones too."""
    for number in shelf.numbers_of(customer_id):
        row = shelf.table.get(number)
        if row and row["customer_id"] == customer_id:
            yield row
