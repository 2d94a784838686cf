"""Arguments of a call from outside, held against the types that the method names."""

import inspect
from collections.abc import Callable, Collection, Sequence
from math import isfinite
from types import NoneType, UnionType
from typing import Any, Literal, Union, cast, get_args, get_origin, get_type_hints

from .messages import Row

_NAMES: dict[Any, str] = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    NoneType: "null",
}
_OPEN = inspect.Parameter.VAR_KEYWORD


def check(method: Callable[..., object], args: Row) -> None:
    """Raise ValueError with words where an argument is missing, unknown or of a wrong type.

    Only plain types are checked: what a method takes as any value it checks itself.
    """
    parameters = inspect.signature(method).parameters
    _check_names(parameters.values(), args)
    hints = get_type_hints(method.__init__ if inspect.isclass(method) else method)
    for name, value in args.items():
        if name in parameters and not _fits(value, hints.get(name, Any)):
            raise ValueError(f"{name} has to be {_told(hints.get(name, Any))}")


def _check_names(parameters: Collection[inspect.Parameter], args: Row) -> None:
    named = [each for each in parameters if each.kind is not _OPEN]
    takes_more = any(each.kind is _OPEN for each in parameters)
    missing = [each.name for each in named if each.default is each.empty and each.name not in args]
    if missing:
        raise ValueError(f"args has to hold {', '.join(missing)}")
    known = [each.name for each in named]
    strange = [name for name in args if name not in known]
    # "self" is the one name that a method with open names cannot be given.
    if strange and (not takes_more or "self" in strange):
        held = f"there are {', '.join(known)}" if known else "it takes none"
        raise ValueError(f"there is no argument {strange[0]!r} here: {held}")


def _fits(value: Any, hint: Any) -> bool:
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Literal:
        return isinstance(value, str) and value in inner
    if origin in (Union, UnionType):
        return any(_fits(value, each) for each in inner)
    if origin in (list, Sequence):
        values = cast(list[Any], value)
        return isinstance(value, list) and all(_fits(each, inner[0]) for each in values)
    if hint is float and isinstance(value, float):
        return isfinite(value)
    if hint in (int, float):
        return isinstance(value, int) and not isinstance(value, bool)
    return hint not in _NAMES or isinstance(value, hint)


def _told(hint: Any) -> str:
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Literal:
        return f"one of {', '.join(inner)}"
    if origin in (Union, UnionType):
        return " or ".join(_told(each) for each in inner)
    if origin in (list, Sequence):
        return f"a list, each of it {_told(inner[0])}"
    return _NAMES.get(hint, "another value")
