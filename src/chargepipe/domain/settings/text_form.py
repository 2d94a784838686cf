"""The connection file as text: read it with all its problems, write it as short as it can be."""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, cast

from chargepipe.domain.settings.file import ConnectionFile
from chargepipe.domain.settings.problems import Problem, SettingsError, check, line_of
from chargepipe.domain.settings.toml_lines import lines_of

_NOT_TOML = "is not TOML: texts stand in quotes, brackets are closed, each key stands once"


def load(text: str) -> ConnectionFile:
    """The connection that a TOML text describes; keys left out take their defaults.

    Raises SettingsError with every problem: line, path, and what would be right. Values are
    never repeated in it, for a secret may stand in the wrong place.
    """
    text = text.removeprefix("\ufeff")
    data, problem = _parsed(text)
    if problem:
        raise SettingsError([problem])
    return check(ConnectionFile, data, lines_of(text))


def placed(problems: Iterable[Problem], text: str) -> list[Problem]:
    """The problems with the lines of a text that `load` takes: of the key, else of its table."""
    lines = lines_of(text.removeprefix("\ufeff"))
    return [replace(each, line=line_of(each.path, lines)) for each in problems]


def _parsed(text: str) -> tuple[dict[str, Any], Problem | None]:
    try:
        return tomllib.loads(text), None
    except RecursionError:
        return {}, Problem(None, "", "nests brackets too deeply")
    except ValueError as error:
        found = re.search(r"at line (\d+)", str(error))
        line = int(found[1]) if found else len(text.splitlines())
        return {}, Problem(line, "", _NOT_TOML)


def dump(file: ConnectionFile) -> str:
    """The TOML text of a connection: name, accounts and what differs from the defaults.

    `load(dump(file)) == file`. Secrets are references, so the text may be shown and kept.
    """
    data = file.model_dump(by_alias=True, exclude_defaults=True)
    return "\n".join(_table((), data)) + "\n"


def _table(path: tuple[str, ...], table: Mapping[str, Any]) -> Iterator[str]:
    """The lines of a table: its header, plain values first, then the tables inside."""
    inner = {key: value for key, value in table.items() if _is_table(path, key, value)}
    plain = {key: value for key, value in table.items() if key not in inner}
    if path and plain:
        yield from ("", f"[{'.'.join(path)}]")
    yield from _pairs(plain)
    for key, value in inner.items():
        if isinstance(value, Mapping):
            yield from _table((*path, key), cast(Mapping[str, Any], value))
        else:
            for row in cast(tuple[Mapping[str, Any], ...], value):
                yield from ("", f"[[{'.'.join((*path, key))}]]", *_pairs(row))


def _is_table(path: tuple[str, ...], key: str, value: object) -> bool:
    """Whether a value has a header of its own; match_key and the rules of deals stand inline."""
    if isinstance(value, Mapping):
        return key != "match_key" and path[-1:] != ("status",)
    return key == "additional_fields"


def _pairs(table: Mapping[str, Any]) -> Iterator[str]:
    return (f"{key} = {_value(value)}" for key, value in table.items())


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(_pairs(cast(Mapping[str, Any], value))) + " }"
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_value, cast(tuple[Any, ...], value))) + "]"
    # JSON's texts, numbers and truth values are TOML's too, but for the character DEL.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
