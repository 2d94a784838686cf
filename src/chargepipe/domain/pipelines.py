"""The pipelines and stages of an account, and where a deal goes by name or id (settings 7, 8)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self, TypeAlias

from chargepipe.domain.settings import Settings
from chargepipe.domain.text import squeeze
from chargepipe.domain.values import JSON

NameOrId: TypeAlias = str | int


class NoSuchPlace(LookupError):
    """The settings name a pipeline or stage that the account does not have, or has twice."""


@dataclass(frozen=True, slots=True)
class Place:
    """A stage of a pipeline, both by their ids in Pipedrive."""

    pipeline: int
    stage: int

    def as_json(self) -> dict[str, JSON]:
        """The plain form, as a Change holds it."""
        return {"pipeline": self.pipeline, "stage": self.stage}

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Self:
        """The place that `as_json` wrote. Raises KeyError for anything else."""
        return cls(json["pipeline"], json["stage"])


@dataclass(frozen=True, slots=True)
class Row:
    """A pipeline, or a stage of the pipeline `of`."""

    id: int
    name: str
    order: int
    of: int | None = None


@dataclass(frozen=True, slots=True)
class PipelineFacts:
    """What an account has, in its own order."""

    pipelines: tuple[Row, ...] = field(default=())
    stages: tuple[Row, ...] = field(default=())

    @classmethod
    def from_json(cls, json: Mapping[str, Sequence[Mapping[str, Any]]]) -> Self:
        """Of the rows that the account keeps: {"pipelines": [...], "stages": [...]}."""
        rows = (tuple(sorted(map(_row, json.get(name, ())), key=_in_order)) for name in _TABLES)
        return cls(*rows)

    def place(self, pipeline: NameOrId | None, stage: NameOrId | None) -> Place:
        """Where a deal goes; None is the first one, of pipelines and of a pipeline's stages.

        Raises NoSuchPlace, in words.
        """
        found = self._one("pipeline", self.pipelines, pipeline, "Pipedrive")
        stages = tuple(row for row in self.stages if row.of == found.id)
        return Place(found.id, self._one("stage", stages, stage, f'pipeline "{found.name}"').id)

    def words(self, place: Place) -> str:
        """A place for people: "Sales, Proposal Made"; its numbers where it is not known."""
        pipeline = next((row.name for row in self.pipelines if row.id == place.pipeline), "")
        stage = next((row.name for row in self.stages if row.id == place.stage), "")
        return f"{pipeline or place.pipeline}, {stage or place.stage}"

    def _one(self, what: str, rows: Sequence[Row], wanted: NameOrId | None, where: str) -> Row:
        found = [row for row in rows if wanted is None or _is(row, wanted)]
        if not found:
            there = ", ".join(f'"{row.name}" ({row.id})' for row in rows) or "none"
            raise NoSuchPlace(f'{where} has no {what} "{wanted}"; it has: {there}')
        if wanted is not None and len(found) > 1:
            ids = ", ".join(str(row.id) for row in found)
            raise NoSuchPlace(f'{where} has several {what}s "{wanted}": name one by its id ({ids})')
        return found[0]


def problems(settings: Settings, facts: PipelineFacts) -> Iterator[tuple[str, str]]:
    """What the deal settings name and the account lacks: the setting's table, and words."""
    tables = {
        "subscription_deals": settings.subscription_deals,
        "invoice_deals": settings.invoice_deals,
    }
    for table, deals in tables.items():
        rules = (rule for _, rule in deals.status)
        stages = {rule.stage for rule in rules if rule.status != "none"} if deals.enabled else ()
        for stage in sorted(stages, key=str):
            try:
                facts.place(deals.pipeline, stage)
            except NoSuchPlace as error:
                yield table, str(error)


_TABLES = ("pipelines", "stages")


def _row(json: Mapping[str, Any]) -> Row:
    return Row(json["id"], json["name"], json["order"], json.get("of"))


def _in_order(row: Row) -> tuple[int, int]:
    return row.order, row.id


def _is(row: Row, wanted: NameOrId) -> bool:
    if isinstance(wanted, int):
        return row.id == wanted
    return squeeze(row.name).casefold() == squeeze(wanted).casefold()
