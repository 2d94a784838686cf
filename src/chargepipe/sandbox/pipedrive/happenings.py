"""What happens in the account, told to whoever listens: webhooks are made from it."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from ..messages import Row

Action = Literal["create", "change", "delete"]
Source = Literal["api", "app"]


@dataclass(frozen=True, slots=True, repr=False)
class Happening:
    """One change of one record or field, complete (fact sheet 8).

    entity: "person", "organization", "deal", "personField", "organizationField" or "dealField";
    id: the record's number, a field's code. data: the API v2 row as it is now, None once deleted.
    previous: the same row as it was before, whole; None for a new one. source: "api" for a call,
    "app" for what the page and tests do. user_id: who did it.
    A merge is two happenings: the deletion of the loser, with `merged_to`, then the change of the
    winner, with `merged_from`.
    """

    action: Action
    entity: str
    id: int | str
    data: Row | None
    previous: Row | None
    source: Source
    user_id: int
    merged_to: int | None = None
    merged_from: int | None = None


Listener = Callable[[Happening], None]


class News:
    """Tells every listener what happens, in order, at once.

    me: the row of the user that acts, both with the token and at the page.
    """

    def __init__(self, me: Row) -> None:
        self.listeners: list[Listener] = []
        self.source: Source = "app"
        self._me = me

    @contextmanager
    def through_api(self) -> Generator[None]:
        """While a call is answered, what happens says so."""
        self.source = "api"
        try:
            yield
        finally:
            self.source = "app"

    def made(self, entity: str, id: int | str, data: Row) -> None:
        """A record or field is new."""
        self._tell("create", entity, id, data, None)

    def changed(
        self, entity: str, id: int | str, data: Row, previous: Row, merged_from: int | None = None
    ) -> None:
        """A record or field was written."""
        self._tell("change", entity, id, data, previous, merged_from=merged_from)

    def deleted(
        self, entity: str, id: int | str, previous: Row, merged_to: int | None = None
    ) -> None:
        """A record or field is gone."""
        self._tell("delete", entity, id, None, previous, merged_to=merged_to)

    def _tell(
        self,
        action: Action,
        entity: str,
        id: int | str,
        data: Row | None,
        previous: Row | None,
        *,
        merged_to: int | None = None,
        merged_from: int | None = None,
    ) -> None:
        happening = Happening(
            action,
            entity,
            id,
            data,
            previous,
            self.source,
            self._me["id"],
            merged_to,
            merged_from,
        )
        for listener in self.listeners:
            listener(happening)
