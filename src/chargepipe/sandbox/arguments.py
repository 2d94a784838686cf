"""Arguments of a call from outside, held against the types that the method names."""

import inspect
from collections.abc import Callable, Sequence
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


def check(method: Callable[..., object], args: Row) -> None:
    """Raise TypeError with words where an argument is missing, unknown or of a wrong type.

    Only plain types are checked: what a method takes as any value it checks itself.
    """
    signature = inspect.signature(method)
    bound = signature.bind(**args)
    hints = get_type_hints(method.__init__ if inspect.isclass(method) else method)
    for name, value in bound.arguments.items():
        kind = signature.parameters[name].kind
        hint = hints.get(name, Any)
        if kind is not inspect.Parameter.VAR_KEYWORD and not _fits(value, hint):
            raise TypeError(f"{name} has to be {_told(hint)}")


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
