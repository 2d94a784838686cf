"""What a change of settings changes, and what it may not change any more."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar, cast

from chargepipe.domain.settings.base import Part
from chargepipe.domain.settings.model import Settings
from chargepipe.domain.settings.problems import Problem

P = TypeVar("P", bound=Part)


def differences(old: P, new: P) -> tuple[tuple[str, Any, Any], ...]:
    """Path, old and new value of every setting that differs, in the order of the file.

    Values are plain JSON; lists are compared as a whole; None is "not set".
    """
    before, after = _leaves(old), _leaves(new)
    paths = list(before | after)
    pairs = ((path, before.get(path), after.get(path)) for path in paths)
    return tuple(pair for pair in pairs if pair[1] != pair[2])


def _leaves(part: Part) -> dict[str, Any]:
    return dict(_walk("", part.model_dump(mode="json", by_alias=True)))


def _walk(path: str, table: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _walk(f"{path}{key}.", cast(dict[str, Any], value))
        else:
            yield f"{path}{key}", value


def written_otherwise(old: Settings, new: Settings) -> bool:
    """Whether the same values would be written in another way, or where they were not before.

    What a record should hold may be the same then, and still its record is to be looked at again.
    """
    if (old.overwrite, old.zero_decimal) != (new.overwrite, new.zero_decimal):
        return True
    if old.deal_care != new.deal_care:
        return True
    for entity in ("person", "organization", "deal"):
        before, after = old.policies(entity), new.policies(entity)
        if any(before[name] != after[name] for name in before.keys() & after.keys()):
            return True
    return False


def locked(
    old: Settings,
    new: Settings,
    full_synced: bool,
    organizations_synced: bool | None = None,
) -> tuple[Problem, ...]:
    """The changes that are refused after a full sync (settings 3 and 6 of product.md).

    `full_synced`: one is done, or the first one is under way. `organizations_synced` says whether
    one ran with organizations on; None takes it that one did when any full sync ran.
    """
    with_organizations = full_synced if organizations_synced is None else organizations_synced
    problems: list[Problem] = []
    if full_synced and new.match_key != old.match_key:
        words = (
            "cannot change from the first full sync on: people are linked by it. Put the old one "
            "back; or, once that sync is done, see what another one means and move it: chargepipe "
            "connection move-key"
        )
        problems.append(Problem(None, "settings.match_key", words))
    if with_organizations and old.organizations and not new.organizations:
        words = (
            "cannot be switched off once a full sync has run with it on: people are linked to "
            "organizations. Put organizations = true back"
        )
        problems.append(Problem(None, "settings.organizations", words))
    return tuple(problems)
