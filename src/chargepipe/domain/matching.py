"""Which Pipedrive record belongs to a Chargebee record: link, mark, key (rules 1 to 3)."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class Matched:
    """One record, and how it was found."""

    pipedrive_id: int
    reason: Literal["link", "mark", "key", "name"]


@dataclass(frozen=True, slots=True)
class NotFound:
    """No record has the key: one may be made."""


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Several records could be it; nothing is written until a person decides."""

    candidates: tuple[int, ...]
    """Pipedrive ids, ascending, each once."""
    reason: Literal["mark", "key", "name", "amount"]


@dataclass(frozen=True, slots=True)
class NoKey:
    """The customer has no value in the match key's field: a blocking finding."""


@dataclass(frozen=True, slots=True)
class Left:
    """The deal that we made was deleted; it is not made again (rule 4)."""

    pipedrive_id: int


Match: TypeAlias = Matched | NotFound | Ambiguous | NoKey


def match_person(
    linked: int | None,
    marked: Collection[int],
    keyed: Collection[int],
    keys: Collection[str],
    *,
    make_new: bool = False,
) -> Match:
    """The person of a customer.

    `linked` is the stored link's id, `marked` the people whose CB Customer ID is the customer's,
    `keyed` those with one of its `keys`. A link always wins, then the mark, then the key.
    `make_new` is a person's decision that none of those with the key is it.
    """
    if linked is not None:
        return Matched(linked, "link")
    if marked:
        return _only(marked, "mark")
    if not keys:
        return NoKey()
    return NotFound() if make_new else _only(keyed, "key")


def match_organization(
    linked: int | None, named: Collection[int], *, make_new: bool = False
) -> Matched | NotFound | Ambiguous:
    """The organization of a company: its link, else those with the same `company_key`.

    `make_new` is a person's decision that none of those with the name is it.
    """
    if linked is not None:
        return Matched(linked, "link")
    return NotFound() if make_new else _only(named, "name")


def match_deal(
    linked: int | None,
    marked: Collection[int],
    deleted: Collection[int],
    alike: Collection[int],
    *,
    make_new: bool = False,
) -> Matched | NotFound | Ambiguous | Left:
    """The deal of a subscription or invoice.

    `marked` are the living deals that carry its id, `deleted` the deleted ones, `alike` those of
    the same person and amount that no record has: one of them is taken only after a yes.
    `make_new` is a person's decision that none of `alike` is it.
    """
    if linked is not None:
        return Matched(linked, "link")
    if marked:
        return _only(marked, "mark")
    if deleted:
        return Left(max(deleted))
    if alike and not make_new:
        return Ambiguous(tuple(sorted(set(alike))), "amount")
    return NotFound()


def _only(
    found: Collection[int], reason: Literal["mark", "key", "name"]
) -> Matched | NotFound | Ambiguous:
    candidates = tuple(sorted(set(found)))
    if not candidates:
        return NotFound()
    if len(candidates) == 1:
        return Matched(candidates[0], reason)
    return Ambiguous(candidates, reason)
