"""Keyed: which customers have equal match keys (rules 2 and 3).

The mirror keeps one value a customer by which it finds who may have an equal key. Phone numbers
are written in several ways, so of them that is only how they end: here they are compared.
"""

from collections import defaultdict
from collections.abc import Iterable

from chargepipe.domain.keys import customer_keys
from chargepipe.domain.settings.match_key import MatchKey
from chargepipe.store.models import Record
from chargepipe.sync.work import customer_of


def common_keys(records: Iterable[Record], match_key: MatchKey) -> dict[str, str]:
    """By customer id a key that is the same for all whose keys are equal; none for one without."""
    if not match_key.by_phone:
        return {record.source_id: record.match_key for record in records if record.match_key}
    return {customer: min(keys) for customer, keys in keys_of_all(records, match_key).items()}


def keys_of_all(records: Iterable[Record], match_key: MatchKey) -> dict[str, frozenset[str]]:
    """By customer id the keys of all that share one with it: whom one of them finds all find.

    Where a third one has the keys of two that do not meet, all three have them.
    """
    alike: dict[str, list[tuple[str, frozenset[str]]]] = defaultdict(list)
    for record in records:
        if record.match_key:
            keys = customer_keys(customer_of(record), match_key)
            alike[record.match_key].append((record.source_id, keys))
    found: dict[str, frozenset[str]] = {}
    for few in alike.values():
        groups = _met(keys for _, keys in few)
        found |= {customer: next(g for g in groups if keys <= g) for customer, keys in few}
    return found


def _met(several: Iterable[frozenset[str]]) -> list[frozenset[str]]:
    """Sets that meet are one."""
    groups: list[frozenset[str]] = []
    for keys in several:
        met = [group for group in groups if not group.isdisjoint(keys)]
        groups = [group for group in groups if group not in met] + [keys.union(*met)]
    return groups
