"""The pipelines of the account and their stages."""

from ..data.draw import START, iso
from ..messages import Row

_TIMES = {"add_time": iso(START), "update_time": iso(START)}
_SALES = ("Qualified", "Contact Made", "Demo Scheduled", "Proposal Made", "Negotiations Started")
_RENEWALS = (("Offered", 2), ("Agreed", 3), ("Up for Renewal", 1))
"""Name and place; the stage that was made last stands first."""


def pipelines() -> list[Row]:
    """ "Sales", where deals have a probability, and "Renewals", where they have none."""
    return [_pipeline(1, "Sales", True), _pipeline(2, "Renewals", False)]


def stages() -> list[Row]:
    """Five stages of "Sales", three of "Renewals"."""
    sales = [(name, place, 1) for place, name in enumerate(_SALES, start=1)]
    renewals = [(name, place, 2) for name, place in _RENEWALS]
    return [_stage(number, *each) for number, each in enumerate(sales + renewals, start=1)]


class Pipelines:
    """Finds stages in the two lists, which may be edited in place."""

    def __init__(self) -> None:
        self.pipelines = pipelines()
        self.stages = stages()

    def pipeline(self, id: int) -> Row | None:
        """The pipeline, if it is not deleted."""
        return _living(self.pipelines, id)

    def stage(self, id: int) -> Row | None:
        """The stage, if it is not deleted."""
        return _living(self.stages, id)

    def default(self) -> Row:
        """The pipeline with the lowest `order_nr`."""
        return _first(self.pipelines)

    def first_stage(self, pipeline_id: int) -> Row:
        """The stage that a deal enters when a pipeline alone is named."""
        return _first([row for row in self.stages if row["pipeline_id"] == pipeline_id])


def _living(rows: list[Row], id: int) -> Row | None:
    return next((row for row in rows if row["id"] == id and not row["is_deleted"]), None)


def _first(rows: list[Row]) -> Row:
    return min((row for row in rows if not row["is_deleted"]), key=lambda row: row["order_nr"])


def _pipeline(number: int, name: str, has_probability: bool) -> Row:
    flags = {"is_deleted": False, "is_deal_probability_enabled": has_probability}
    return {"id": number, "name": name, "order_nr": number, **flags, **_TIMES}


def _stage(number: int, name: str, place: int, pipeline: int) -> Row:
    return {
        "id": number,
        "order_nr": place,
        "name": name,
        "is_deleted": False,
        "deal_probability": 20 * place,
        "pipeline_id": pipeline,
        "is_deal_rot_enabled": False,
        "days_to_rotten": None,
        **_TIMES,
    }
