"""How the attributes of a deal go together, and what the server sets itself (fact sheet 4)."""

from dataclasses import dataclass
from typing import Any

from ..messages import Row
from .errors import Invalid, failed_checks
from .pipelines import Pipelines

_NEEDS = {
    "lost_reason": ("lost",),
    "lost_time": ("lost",),
    "won_time": ("won",),
    "close_time": ("won", "lost"),
}
"""The statuses with which an attribute can be set."""
_BLANK: Row = {
    "person_id": None,
    "org_id": None,
    "probability": None,
    "expected_close_date": None,
    "label_ids": [],
}
"""What a PATCH with a value empties, where the option `value_blanks` is on."""


@dataclass(frozen=True, slots=True)
class Deal:
    """A deal about to be written. `old`: as it is, or when it is new, empty (stage 0)."""

    old: Row
    pipelines: Pipelines
    now: str
    has_products: bool
    value_blanks: bool

    def settled(self, given: Row) -> Row:
        """All that a checked body changes. Raises Invalid with every problem."""
        if self.has_products and "value" in given:
            raise Invalid("Cannot update deal value, the deal has products attached to it.")
        status: str = given.get("status", self.old["status"])
        problems = _misplaced(status, given)
        place = self._place(given, problems)
        problems += self._improbable(given, place)
        archived = given.get("is_archived", self.old["is_archived"])
        if "archive_time" in given and not archived:
            problems.append("archive_time: can only be set if the deal is archived")
        if problems:
            raise failed_checks(*problems)
        set_here = place | self._closed(status, given) | self._put_away(given)
        return given | self._blanked(given) | set_here

    def _place(self, given: Row, problems: list[str]) -> Row:
        """Pipeline and stage: a stage brings its pipeline, a pipeline alone its first stage."""
        stage = self._stage(given, problems)
        if stage is None or stage["id"] == self.old["stage_id"]:
            return {key: self.old[key] for key in ("pipeline_id", "stage_id")}
        moved = {"stage_change_time": self.now} if self.old["stage_id"] else {}
        return {"pipeline_id": stage["pipeline_id"], "stage_id": stage["id"]} | moved

    def _stage(self, given: Row, problems: list[str]) -> Row | None:
        pipelines = self.pipelines
        if "stage_id" in given:
            stage = pipelines.stage(given["stage_id"])
            if stage is None:
                problems.append("stage_id: must be the id of a stage that exists")
            return stage
        pipeline_id = given.get("pipeline_id", self.old["pipeline_id"] or pipelines.default()["id"])
        if pipeline_id == self.old["pipeline_id"]:
            return None
        if pipelines.pipeline(pipeline_id) is None:
            problems.append("pipeline_id: must be the id of a pipeline that exists")
            return None
        return pipelines.first_stage(pipeline_id)

    def _improbable(self, given: Row, place: Row) -> list[str]:
        pipeline = self.pipelines.pipeline(place["pipeline_id"])
        if given.get("probability") is None or pipeline is None:
            return []
        if pipeline["is_deal_probability_enabled"]:
            return []
        return ["probability: is not enabled in the pipeline"]

    def _closed(self, status: str, given: Row) -> Row:
        """Status times: set when the status changes, all gone when the deal is open again."""
        old = self.old
        if status == "open":
            return dict.fromkeys(("won_time", "lost_time", "close_time", "lost_reason"))
        mine, others = ("won_time", "lost_time") if status == "won" else ("lost_time", "won_time")
        stays = status == old["status"]
        moment = given.get(mine) or (old[mine] if stays else None) or self.now
        close = given.get("close_time") or (old["close_time"] if stays else None) or moment
        times: Row = {mine: moment, others: None, "close_time": close}
        if status == "won":
            times |= {"lost_reason": None, "first_won_time": old["first_won_time"] or moment}
        return times

    def _put_away(self, given: Row) -> Row:
        archived: Any = given.get("is_archived", self.old["is_archived"])
        if not archived:
            return {"archive_time": None}
        return {"archive_time": given.get("archive_time") or self.old["archive_time"] or self.now}

    def _blanked(self, given: Row) -> Row:
        is_new = not self.old["stage_id"]
        if is_new or not self.value_blanks or "value" not in given:
            return {}
        custom = dict.fromkeys(self.old["custom_fields"]) | given.get("custom_fields", {})
        left_out = {key: empty for key, empty in _BLANK.items() if key not in given}
        return left_out | {"custom_fields": custom}


def _misplaced(status: str, given: Row) -> list[str]:
    return [
        f"{key}: can only be set if the status is {' or '.join(statuses)}"
        for key, statuses in _NEEDS.items()
        if given.get(key) is not None and status not in statuses
    ]
