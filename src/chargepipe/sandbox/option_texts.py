"""Options as somebody writes them on a command line: ``name=value``."""

from collections.abc import Iterable
from dataclasses import fields
from typing import Any, Literal, get_args, get_origin, get_type_hints

from .options import Options

MOST = 10**9
_LEAST = {"calls_per_minute": 1, "longest_name": 1}
_MOST = {"reset_hour": 23}


def read_options(texts: Iterable[str]) -> Options:
    """The options with what is written; the rest keeps its defaults.

    Raises ValueError with the names, or the values, that there are.
    """
    hints = get_type_hints(Options)
    read: dict[str, Any] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if name not in hints or not sign:
            names = ", ".join(each.name for each in fields(Options))
            raise ValueError(f"there is no option {text!r}: write NAME=VALUE with one of {names}")
        read[name] = _value(name, value, hints[name])
    return Options(**read)


def _value(name: str, text: str, hint: Any) -> Any:
    if get_origin(hint) is Literal:
        return _chosen(name, text, {str(each): each for each in get_args(hint)})
    if hint is bool:
        return _chosen(name, text, {"true": True, "false": False})
    kinds: tuple[Any, ...] = get_args(hint) or (hint,)
    if text == "none" and type(None) in kinds:
        return None
    return _number(name, text, kinds)


def _chosen(name: str, text: str, known: dict[str, Any]) -> Any:
    if text not in known:
        raise ValueError(f"the option {name} has to be one of {', '.join(known)}")
    return known[text]


def _number(name: str, text: str, kinds: tuple[Any, ...]) -> int | float:
    least, most = _LEAST.get(name, 0), _MOST.get(name, MOST)
    digits = text.isascii() and text.isdigit() and len(text) < 20
    if not digits or not least <= int(text) <= most:
        more = ", or none" if type(None) in kinds else ""
        raise ValueError(f"the option {name} has to be a whole number from {least} to {most}{more}")
    return float(text) if float in kinds else int(text)
