"""Form-encoded bodies: read, and for Chargebee described by the parameters of its own SDK.

The derived description leaves the bodies of Chargebee's POSTs open; the SDK types each of them.
"""

import importlib
import re
from enum import Enum
from typing import Any, NotRequired, Required, get_args, get_origin, get_type_hints
from urllib.parse import parse_qsl

from contract.relaxed import Json

FORM = "application/x-www-form-urlencoded"


def read_form(body: bytes) -> Json:
    """The fields of a form; ``name[0]``, ``name[1]`` are items of a list."""
    read: Json = {}
    for key, value in parse_qsl(body.decode(), keep_blank_values=True):
        found = re.fullmatch(r"(\w+)\[\d+\]", key)
        if found:
            read.setdefault(found[1], []).append(value)
        else:
            read[key] = value
    return read


def sdk_schema(operation_id: str) -> Json:
    """What a call of the SDK takes, for example "webhook_endpoint.create"; all values are text."""
    resource, _, name = operation_id.partition(".")
    module = importlib.import_module(f"chargebee.models.{resource}.operations")
    owner = getattr(module, _camel(resource))
    params = getattr(owner, f"{_camel(name)}Params", None)
    if params is None:
        return {"type": "object", "additionalProperties": False}
    hints = get_type_hints(params, include_extras=True)
    return {
        "type": "object",
        "properties": {key: _value(hint) for key, hint in hints.items()},
        "required": [key for key, hint in hints.items() if get_origin(hint) is Required],
        "additionalProperties": False,
    }


def _value(hint: Any) -> Json:
    if get_origin(hint) in (Required, NotRequired):
        return _value(get_args(hint)[0])
    if get_origin(hint) is list:
        return {"type": "array", "items": _value(get_args(hint)[0])}
    if isinstance(hint, type) and issubclass(hint, Enum):
        return {"enum": [member.value for member in hint]}
    return {bool: {"enum": ["true", "false"]}, int: {"pattern": r"^\d+$"}}.get(hint, {})


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))
