"""One described call, as checks of requests and answers that give their complaints."""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from contract import relaxed
from contract.closing import Closing
from contract.forms import sdk_schema
from contract.relaxed import Json

JSON = "application/json"
_formats = FormatChecker(formats=())


@_formats.checks("date-time", raises=ValueError)
def _is_time(value: object) -> bool:
    return not isinstance(value, str) or bool(datetime.fromisoformat(value))


@_formats.checks("date", raises=ValueError)
def _is_date(value: object) -> bool:
    return not isinstance(value, str) or bool(date.fromisoformat(value))


def compiled(schema: Json) -> Draft202012Validator:
    """The schema as a check that knows dates and times."""
    return Draft202012Validator(schema, format_checker=_formats)


def complaints(checked: Draft202012Validator, value: Any, where: str) -> Iterator[str]:
    """What does not fit, each with its place; numbers of list items are left out."""
    for error in checked.iter_errors(value):
        place = "".join(f"[{'' if isinstance(step, int) else step}]" for step in error.path)
        yield f"{where}{place}: {error.message[:200]}"


class Operation:
    """A call by method and template. Schemas are closed and compiled when first used."""

    def __init__(
        self, method: str, template: str, item: Json, requests: Closing, answers: Closing
    ) -> None:
        self.method = method
        self.template = template
        self.details: Json = item[method.lower()]
        self._requests = requests
        self._answers = answers
        self._parameters = {
            parameter["name"]: parameter
            for parameter in [*item.get("parameters", []), *self.details.get("parameters", [])]
            if parameter["in"] == "query"
        }
        self._compiled: dict[object, Draft202012Validator] = {}

    @property
    def query_types(self) -> dict[str, str]:
        """The parameters of the query that are described, with their types."""
        found = self._parameters.items()
        return {name: held["schema"].get("type", "string") for name, held in found}

    def query_complaints(self, query: list[tuple[str, str]]) -> Iterator[str]:
        """What is wrong with the query of a request."""
        for name, value in query:
            if self._is_free(name):
                continue
            if name not in self._parameters:
                yield f"{name} is not a parameter"
                continue
            schema = self._parameters[name]["schema"]
            checked = self._checked(("query", name), lambda: self._requests.closed(schema))  # noqa: B023  # called at once
            parts = value.split(",") if name in relaxed.LISTED_CHOICES else [value]
            for part in parts:
                yield from complaints(checked, _typed(schema, part), name)
        for name, parameter in self._parameters.items():
            if parameter.get("required") and name not in dict(query):
                yield f"the parameter {name} is missing"

    def body_complaints(self, kind: str, body: Any) -> Iterator[str]:
        """What is wrong with the read body of a request (None: none), given its content type."""
        content = self.details.get("requestBody", {}).get("content")
        if content is None:
            yield from () if body is None else ["it takes no body"]
        elif body is not None and kind not in content:
            yield f"the body is {kind or 'of no type'}, not {' or '.join(content)}"
        else:
            checked = self._checked("body", self.body_schema)
            yield from complaints(checked, {} if body is None else body, "body")

    def body_schema(self) -> Json:
        """The closed schema of the body."""
        described = next(iter(self.details["requestBody"]["content"].values()))["schema"]
        closed = self._requests.closed(described)
        is_open = not closed.get("properties") and closed.get("additionalProperties") is True
        return sdk_schema(self.details["operationId"]) if is_open else closed

    def describes(self, status: int) -> bool:
        """Whether the answer of a status has a schema."""
        return JSON in self.details["responses"].get(str(status), {}).get("content", {})

    def answer_complaints(self, status: int, body: Any) -> Iterator[str]:
        """What is wrong with the JSON of an answer whose status is described."""
        yield from complaints(self._checked(status, lambda: self._answer(status)), body, "answer")

    def _answer(self, status: int) -> Json:
        described = self.details["responses"][str(status)]["content"][JSON]["schema"]
        schema = self._answers.closed(described)
        self._add_included(schema)
        if status == 401 and "errorCode" in schema.get("properties", {}):
            schema["properties"][relaxed.LIVE_401] = {"type": "string"}
        return schema

    def _is_free(self, name: str) -> bool:
        """Whether a parameter is known by its name alone."""
        nested = relaxed.NESTED.fullmatch(name)
        own = self._requests.own is not None and re.match(self._requests.own, name) is not None
        return own or (nested is not None and nested[1] in self._parameters)

    def _add_included(self, schema: Json) -> None:
        """Let records hold what the parameters of this call can ask for."""
        asked = self._parameters.get("include_fields", {"schema": {}})["schema"]
        names = list(asked.get("enum", []))
        names += [relaxed.LABELS[1]] if relaxed.LABELS[0] in self._parameters else []
        data = schema.get("properties", {}).get("data", {})
        record = data.get("items", data)
        if names and "properties" in record:
            record["properties"] = {key: {} for key in names} | record["properties"]

    def _checked(self, key: object, make: Callable[[], Json]) -> Draft202012Validator:
        if key not in self._compiled:
            self._compiled[key] = compiled(make())
        return self._compiled[key]


def _typed(schema: Json, text: str) -> Any:
    kind = schema.get("type", "string")
    if kind in ("integer", "number") and re.fullmatch(r"-?\d+", text):
        return int(text)
    if kind == "boolean" and text in ("true", "false"):
        return text == "true"
    return text
