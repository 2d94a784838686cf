"""Which errors of the list are meant: the same for what is shown and for what is done to all."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

from django.db.models import Q, QuerySet
from django.http import QueryDict

from chargepipe.actions import errors
from chargepipe.domain.searching import folded
from chargepipe.store.models import Connection, Record, SyncError

STATES = ("open", "ignored", "warning", "resolved")
MOST_NAMED = 500
SHORTEST = 2
"""Letters of a text to look for: one alone is in every sentence."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A state, and what narrows it: a code, a kind of record, a text."""

    state: str
    code: str
    kind: str
    text: str

    @classmethod
    def of(cls, sent: QueryDict) -> Self:
        """As the address or a form says; an unknown state is "open"."""
        state = sent.get("state", "open")
        return cls(
            state if state in STATES else "open",
            sent.get("code", ""),
            sent.get("kind", ""),
            sent.get("q", "").strip(),
        )

    @property
    def narrow(self) -> bool:
        """Whether it leaves anything of its state out."""
        return bool(self.code or self.kind or self.text)

    @property
    def too_short(self) -> bool:
        """Whether there is a text, but too little of it to look for; it fits nothing then."""
        return 0 < len(self.text) < SHORTEST

    def of_connection(
        self, connection: Connection, more: Collection[str] = ()
    ) -> QuerySet[SyncError]:
        """The errors that are meant, of more states where asked, oldest first."""
        found = errors.listing(connection.name, (self.state, *more))
        if self.too_short:
            return found.none()
        if self.code:
            found = found.filter(code=self.code)
        if self.kind:
            found = found.filter(kind=self.kind)
        return found.filter(self._holds(connection)) if self.text else found

    def _holds(self, connection: Connection) -> Q:
        """In the record's key or the words; or the name, email or company of the customer."""
        here = Q(source_key__icontains=self.text) | Q(words__icontains=self.text)
        people = Record.objects.filter(connection=connection, kind="customer")
        people = people.filter(search__contains=folded(self.text))
        ids = list(people.values_list("source_id", flat=True)[:MOST_NAMED])
        return here | Q(kind="customer", source_key__in=ids)
