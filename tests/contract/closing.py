"""From a schema of OpenAPI to one of JSON Schema in which no object takes an unnamed attribute."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from contract.relaxed import Json


@dataclass(frozen=True)
class Closing:
    """How the schemas of one description are closed.

    nulls: attributes that may be null besides what is described. numbers: those whose integers may
    have a fraction. own: a pattern of attributes that
    every object may hold. unnamed: attributes that a component may hold, by its name.
    """

    spec: Json
    nulls: Iterable[str] = ()
    numbers: Iterable[str] = ()
    own: str | None = None
    unnamed: dict[str, tuple[str, ...]] | None = None

    def closed(self, schema: Json, name: str = "") -> Json:
        """The schema of the attribute `name`: references and `allOf` laid together, closed."""
        schema, component = self._found(schema)
        made = {key: part for key, part in schema.items() if key not in ("allOf", "properties")}
        properties = {
            key: self.closed(part, key) for key, part in schema.get("properties", {}).items()
        }
        for part in [self.closed(part, name) for part in schema.get("allOf", [])]:
            properties = part.pop("properties", {}) | properties
            required = [*made.get("required", []), *part.get("required", [])]
            made = part | made | ({"required": required} if required else {})
        if properties:
            self._close(made, properties, component)
        for key in ("oneOf", "anyOf"):
            if key in schema:
                made[key] = [self.closed(part, name) for part in schema[key]]
        if "items" in schema:
            made["items"] = self.closed(schema["items"], name)
        return self._nullable(made, name)

    def _found(self, schema: Json) -> tuple[Json, str]:
        component = ""
        while "$ref" in schema:
            part: Any = self.spec
            for key in schema["$ref"].removeprefix("#/").split("/"):
                part = part[key]
            schema, component = part, schema["$ref"].rpartition("/")[2]
        return schema, component

    def _close(self, made: Json, properties: Json, component: str) -> None:
        for name in (self.unnamed or {}).get(component, ()):
            properties.setdefault(name, {})
        made |= {"properties": properties, "additionalProperties": False}
        if self.own:
            made["patternProperties"] = {self.own: {}}

    def _nullable(self, schema: Json, name: str) -> Json:
        """OpenAPI 3.0 writes `nullable: true` where JSON Schema has a type null."""
        if name in self.numbers and schema.get("type") == "integer":
            schema["type"] = "number"
        null = schema.pop("nullable", False) is True or name in self.nulls
        if null and isinstance(schema.get("type"), str):
            schema["type"] = [schema["type"], "null"]
            if "enum" in schema:
                schema["enum"] = [*schema["enum"], None]
        return schema
