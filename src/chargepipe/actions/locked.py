"""Locked: which connections' secrets the keys that are here do not open."""

from chargepipe.store.encrypted import KeyMissing
from chargepipe.store.models import Connection, Grant, Secrets


def locked() -> list[str]:
    """The names of these connections, in order."""
    found = list[str]()
    for name, pk, grant in Connection.objects.order_by("name").values_list("name", "pk", "grant"):
        try:
            list(Secrets.objects.filter(connection=pk))
            list(Grant.objects.filter(pk=grant))
        except KeyMissing:
            found.append(name)
    return found
