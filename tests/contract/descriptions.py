"""The three published descriptions, and the operation of a call in them."""

import re
from functools import cache
from typing import Literal

from jsonschema import Draft202012Validator

from contract import relaxed
from contract.closing import Closing
from contract.operations import Operation, compiled
from contract.relaxed import Json
from contract.specs import chargebee_spec, pipedrive_v1_spec, pipedrive_v2_spec

Service = Literal["chargebee", "pipedrive"]


class Api:
    """One description; `bases` are the beginnings of paths that its servers' addresses hold."""

    def __init__(
        self, spec: Json, bases: tuple[str, ...], requests: Closing, answers: Closing
    ) -> None:
        self.spec = spec
        self._bases = bases
        self._requests = requests
        self.answers = answers
        self._found: dict[tuple[str, str], Operation] = {}
        templates = sorted(spec["paths"], key=lambda template: template.count("{"))
        self._patterns = [(each, re.compile(_pattern(each))) for each in templates]

    def inner(self, path: str) -> str | None:
        """The path as the description writes it, None where it is another API's."""
        base = next((base for base in self._bases if path.startswith(f"{base}/")), None)
        return None if base is None else path.removeprefix(base)

    def operation(self, method: str, inner: str) -> Operation | None:
        """The operation of a path or of a template; the one with the fewest blanks."""
        for template, pattern in self._patterns:
            if pattern.fullmatch(inner) and method.lower() in self.spec["paths"][template]:
                return self._made(method, template)
        return None

    def _made(self, method: str, template: str) -> Operation:
        if (method, template) not in self._found:
            item = self.spec["paths"][template]
            made = Operation(method, template, item, self._requests, self.answers)
            self._found[method, template] = made
        return self._found[method, template]


@cache
def chargebee() -> Api:
    """Chargebee's API v2."""
    spec, own = chargebee_spec(), relaxed.MERCHANTS_OWN
    answers = Closing(spec, own=own, unnamed=relaxed.UNNAMED)
    return Api(spec, ("/api/v2",), Closing(spec, own=own), answers)


@cache
def pipedrive() -> tuple[Api, Api, Api]:
    """Pipedrive's API v2 and v1, and what v1 tells of another server: OAuth."""
    v1 = pipedrive_v1_spec()
    oauth = v1 | {"paths": relaxed.oauth_paths(v1["paths"])}
    return (
        _pipedrive(pipedrive_v2_spec(), "/api/v2"),
        _pipedrive(v1, "/api/v1", "/v1"),
        _pipedrive(oauth, ""),
    )


def needed() -> None:
    """Read all descriptions; skips the test where one is not there."""
    chargebee()
    pipedrive()


def find(service: Service, method: str, path: str) -> Operation | None:
    """The operation of a call, or of a template; None where none is described."""
    for api in (chargebee(),) if service == "chargebee" else pipedrive():
        inner = api.inner(path)
        if inner is not None:
            return api.operation(method, inner)
    return None


@cache
def component(name: str) -> Draft202012Validator:
    """A resource of Chargebee as answers hold it, by the name of its component."""
    return compiled(chargebee().answers.closed({"$ref": f"#/components/schemas/{name}"}))


def _pipedrive(spec: Json, *bases: str) -> Api:
    nulls, numbers = relaxed.PIPEDRIVE_NULLS, relaxed.PIPEDRIVE_NUMBERS
    return Api(spec, bases, Closing(spec), Closing(spec, nulls=nulls, numbers=numbers))


def _pattern(template: str) -> str:
    return re.sub(r"\\\{[^/]+?\\\}", "[^/]+", re.escape(template))
