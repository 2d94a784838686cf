"""What is wrong with a file or a form, in words: all problems at once, never a value.

Values are not repeated, for a secret may stand where it should not.
"""

import difflib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar, cast, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from chargepipe.domain.settings.base import Clash, Mixture, Part

Path: TypeAlias = tuple[str | int, ...]
M = TypeVar("M", bound=Part)

_WORDS: Mapping[str, str] = {
    "missing": "is missing",
    "bool_type": "must be true or false, without quotes",
    "string_type": "must be a text in quotes",
    "int_type": "must be a whole number, without quotes",
    "float_type": "must be a number, without quotes",
    "tuple_type": "must be a list in square brackets",
    "model_type": "must be a table of keys and values",
    "greater_than": "must be above {gt:g}",
    "greater_than_equal": "must be at least {ge:g}",
    "less_than_equal": "must be at most {le:g}",
    "literal_error": "must be {expected}",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to put right: where, and what would be right."""

    line: int | None
    """Line of the key in the file, from 1; None for forms and the API."""
    path: str
    """Dotted path of the key: settings.additional_fields.0.to; "" for the whole file."""
    message: str

    def __str__(self) -> str:
        place = f"line {self.line}: " if self.line else ""
        return f"{place}{self.path or 'the file'} {self.message}"


class SettingsError(ValueError):
    """A file, form or request whose settings are refused; nothing of it was applied."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


def check(
    model: type[M],
    data: Mapping[str, Any],
    lines: Mapping[Path, int] | None = None,
    in_per_cent: Collection[str] = (),
) -> M:
    """The model that the data make. Raises SettingsError with every problem, in file order.

    `lines` maps key paths to lines of the text they come from. `in_per_cent` are the shares,
    by dotted path, that a person was asked for in per cent: the words have that unit. The data
    are shares of 1 all the same, and not changed.
    """
    made, problems = _validated(model, data, lines or {}, in_per_cent)
    if made is None:
        raise SettingsError(problems)
    return made


def _validated(
    model: type[M],
    data: Mapping[str, Any],
    lines: Mapping[Path, int],
    in_per_cent: Collection[str],
) -> tuple[M | None, list[Problem]]:
    try:
        return model.model_validate(data), []
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
    wrong = [tuple(detail["loc"]) for detail in details]
    found = list(_found(model, details, (), in_per_cent))
    try:
        model.model_validate(_without(data, wrong))
    except ValidationError as error:
        more = error.errors(include_url=False, include_input=False)
        rest = [detail for detail in more if tuple(detail["loc"]) not in wrong]
        found += _found(model, rest, wrong, in_per_cent)
    problems = (Problem(_line(path, lines), _dotted(path), words) for path, words in found)
    return None, sorted(problems, key=lambda problem: (problem.line or 0, problem.path))


def _found(
    model: type[Part],
    details: Sequence[ErrorDetails],
    wrong: Sequence[Path],
    in_per_cent: Collection[str],
) -> Iterator[tuple[Path, str]]:
    """Path and words of every error; clashes only where no wrong key is part of them."""
    for detail in details:
        path = tuple(detail["loc"])
        context = detail.get("ctx", {})
        cause = context.get("error")
        if isinstance(cause, Mixture):
            yield from _clashing(path, cause.clashes, wrong)
        elif detail["type"] == "extra_forbidden":
            yield path, _unknown(model, path)
        elif cause is not None:
            yield path, str(cause)
        else:
            words = _WORDS.get(detail["type"], detail["msg"])
            made = _per_cent if _dotted(path) in in_per_cent else str.format
            yield path, made(words, **context)


def _per_cent(words: str, **bounds: float) -> str:
    """The words of a share's bounds as they are for a person who types per cent into a form."""
    said = words.removesuffix(", without quotes").format(
        **{name: 100 * bound for name, bound in bounds.items()}
    )
    return f"{said} %" if bounds else said


def _clashing(
    path: Path, clashes: Sequence[Clash], wrong: Sequence[Path]
) -> Iterator[tuple[Path, str]]:
    for clash in clashes:
        keys = [path + _parts(key) for key in clash.keys]
        if not any(bad[: len(key)] == key for bad in wrong for key in keys):
            yield keys[0], clash.message


def _parts(dotted: str) -> Path:
    return tuple(int(part) if part.isdigit() else part for part in dotted.split("."))


def _unknown(model: type[Part], path: Path) -> str:
    known = _keys(model, path[:-1])
    near = difflib.get_close_matches(str(path[-1]), known)
    hint = f'did you mean "{near[0]}"?' if near else f"known here: {', '.join(known)}"
    return f"is no key that we know; {hint}"


def _keys(model: type[Part], path: Path) -> list[str]:
    """The keys that a table may have, as the file names them."""
    here: type[BaseModel] = model
    for part in path:
        if isinstance(part, str):
            here = _part_of(_by_key(here)[part])
    return sorted(_by_key(here))


def _by_key(model: type[BaseModel]) -> dict[str, Any]:
    fields = model.model_fields.items()
    return {field.alias or name: field.annotation for name, field in fields}


def _part_of(annotation: Any) -> type[BaseModel]:
    """The model inside an annotation: itself, or what a list of it holds."""
    inner = get_args(annotation)
    return inner[0] if inner else annotation


def _without(data: Any, wrong: Sequence[Path]) -> Any:
    """The data without the wrong keys, so that the rest can be checked too."""
    if isinstance(data, Mapping):
        rows = cast(Mapping[str, Any], data).items()
        heads = {path[0] for path in wrong if path and not _names(path[1:])}
        return {key: _without(value, _below(wrong, key)) for key, value in rows if key not in heads}
    if isinstance(data, list):
        items = enumerate(cast(list[Any], data))
        return [_without(value, _below(wrong, index)) for index, value in items]
    return data


def _below(wrong: Sequence[Path], key: str | int) -> list[Path]:
    return [path[1:] for path in wrong if path[:1] == (key,)]


def _names(path: Path) -> bool:
    """Whether a path goes on to a key, and not only to an item of a list."""
    return any(isinstance(part, str) for part in path)


def _line(path: Path, lines: Mapping[Path, int]) -> int | None:
    """The line of the key, else of the nearest table around it."""
    ends = range(len(path), 0, -1)
    return next((lines[path[:end]] for end in ends if path[:end] in lines), None)


def line_of(dotted: str, lines: Mapping[Path, int]) -> int | None:
    """The line of a dotted path (`Problem.path`), else of the nearest table around it."""
    return _line(_parts(dotted), lines)


def _dotted(path: Path) -> str:
    return ".".join(map(str, path))
