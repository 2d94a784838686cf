"""Persons and deals in the form of API v1, as merges answer them."""

from ..messages import Row
from .attributes import Kind
from .crm import Crm
from .record_show import Show


class V1Rows:
    """Turns kept rows into v1's: flat, with the names of what they are linked to.

    Custom fields, which v1 holds as keys beside the others, are left out: nobody reads them here.
    """

    def __init__(self, crm: Crm) -> None:
        self._crm = crm

    def person(self, row: Row) -> Row:
        """A person."""
        counts = Show(self._crm, "person").counter()(row)
        bcc = counts.pop("smart_bcc_email")
        same = ("id", "owner_id", "org_id", "name", "first_name", "last_name", "label_ids")
        return {
            **{key: row[key] for key in same},
            "company_id": self._crm.me["company_id"],
            "active_flag": not row["is_deleted"],
            "phone": row["phones"],
            "email": row["emails"],
            "first_char": row["name"][:1].lower(),
            "add_time": _plain(row["add_time"]),
            "update_time": _plain(row["update_time"]),
            "visible_to": str(row["visible_to"]),
            "picture_id": None,
            "label": next(iter(row["label_ids"]), None),
            "org_name": self._name("organization", row["org_id"]),
            "owner_name": self._owner(row),
            "cc_email": bcc,
            **counts,
            **dict.fromkeys(("next_activity_date", "next_activity_time", "last_activity_date")),
        }

    def deal(self, row: Row) -> Row:
        """A deal; what it has nothing of (activities, mails) is left out."""
        same = (
            *("id", "person_id", "org_id", "stage_id", "pipeline_id", "title", "value"),
            *("currency", "is_archived", "status", "probability", "lost_reason"),
            *("expected_close_date", "origin", "origin_id", "channel", "channel_id"),
        )
        times = (
            *("add_time", "update_time", "stage_change_time"),
            *("close_time", "won_time", "first_won_time", "lost_time"),
        )
        return {
            **{key: row[key] for key in same},
            **{key: _plain(row[key]) for key in times},
            **self._about(row),
            **self._money(row),
            "creator_user_id": row["owner_id"],
            "user_id": row["owner_id"],
            "active": not row["is_deleted"],
            "deleted": row["is_deleted"],
            "visible_to": str(row["visible_to"]),
            "label": ",".join(str(each) for each in row["label_ids"]),
            "owner_name": self._owner(row),
        }

    def _about(self, row: Row) -> Row:
        """Names and counts."""
        counts = Show(self._crm, "deal").counter()(row)
        counted = {key: counts[key] for key in counts if key.endswith("_count")}
        stage = self._crm.funnel.stage(row["stage_id"])
        return counted | {
            "stage_order_nr": stage["order_nr"] if stage else None,
            "person_name": self._name("person", row["person_id"]),
            "org_name": self._name("organization", row["org_id"]),
            "cc_email": counts["smart_bcc_email"],
            "org_hidden": self._is_hidden("organization", row["org_id"]),
            "person_hidden": self._is_hidden("person", row["person_id"]),
            "rotten_time": None,
        }

    def _money(self, row: Row) -> Row:
        stage = self._crm.funnel.stage(row["stage_id"])
        chance = row["probability"]
        if chance is None:
            chance = stage["deal_probability"] if stage else 100
        weighted = round(row["value"] * chance / 100, 2)
        figures = self._crm.products.figures(row)
        currencies = {
            f"{name}_currency": None if held is None else row["currency"]
            for name, held in figures.items()
        }
        return {
            **figures,
            **currencies,
            "weighted_value": weighted,
            "weighted_value_currency": row["currency"],
            "formatted_value": f"{row['currency']} {row['value']}",
            "formatted_weighted_value": f"{row['currency']} {weighted}",
        }

    def _owner(self, row: Row) -> str | None:
        users = {user["id"]: user["name"] for user in self._crm.users}
        return users.get(row["owner_id"])

    def _name(self, kind: Kind, id: int | None) -> str | None:
        row = self._linked(kind, id)
        return row["name"] if row and self._crm.sees(row) else None

    def _is_hidden(self, kind: Kind, id: int | None) -> bool:
        row = self._linked(kind, id)
        return row is not None and not self._crm.sees(row)

    def _linked(self, kind: Kind, id: int | None) -> Row | None:
        return None if id is None else self._crm.records[kind].table.get(id)


def _plain(time: str | None) -> str | None:
    """An RFC 3339 time as v1 writes it: ``YYYY-MM-DD HH:MM:SS``, UTC."""
    return time and time.replace("T", " ").removesuffix("Z")
