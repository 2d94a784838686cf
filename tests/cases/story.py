"""The words in which the cases are told: what is given, which run goes, what Pipedrive holds then.

A case reads from top to bottom: `given` settings, a `customer` with a `subscription`, what
Pipedrive `has` already; then `full`, `hourly` and other runs, which answer in one line; then what
it `shows`. All of it goes through the real line: SQLite, the sandbox in process, the real flow.
"""

import json
from collections.abc import Mapping
from typing import Any, cast

from chargepipe.actions import runs
from chargepipe.store.models import Connection, Link, Run, SyncError
from chargepipe.sync.counts import BUCKETS
from world import World

Row = dict[str, Any]
HOUR, DAY = 3600, 86_400
USUAL = (
    ("person", "CB Customer ID", "varchar"),
    ("person", "CB Customer Status", "enum"),
    ("person", "CB Customer MRR", "monetary"),
    ("person", "CB Customer CMRR", "monetary"),
    ("organization", "CB Status", "enum"),
)


def field(source: str, target: str, **more: str) -> Row:
    """An additional field (setting 9): field("customer.cf_tier", "person.Tier")."""
    return {"from": source, "to": target, **more}


def said(run: Run) -> str:
    """What came of a run: "2 created, 1 skipped"; where it is not done its state and why."""
    if run.state != "done":
        return f"{run.state}: {'; '.join(run.questions) or run.message}"
    counted = ((run.counts[bucket], bucket) for bucket in BUCKETS)
    return ", ".join(f"{number} {bucket}" for number, bucket in counted if number) or "nobody"


def loses_person(story: "Story", customer: str) -> None:
    """Somebody deletes the customer's person in Pipedrive."""
    story.crm.delete_person(story.link(customer) or 0)


def is_deleted(story: "Story", customer: str) -> None:
    """The customer is deleted in Chargebee."""
    story.billing.delete_customer(customer)


class Story(World):
    """A small world told in the words of product.md; customers and people are known by name.

    Pipedrive has our usual fields already, as after an earlier sync: that saves each case five
    writes. With `bare` it has none.
    """

    def __init__(self, *, bare: bool = False, **sandbox: Any) -> None:
        super().__init__(customers=0, people_before=0.0, **sandbox)
        self._connection: Connection | None = None
        self.last: Run | None = None
        self.codes = {} if bare else dict(map(self._usual, USUAL))

    def _usual(self, field: tuple[str, str, str]) -> tuple[str, str]:
        entity, name, type = field
        options = {"options": [{"label": "Active"}, {"label": "Deleted"}]} if type == "enum" else {}
        return name, self.has_field(name, type, entity, **options)

    # Given

    def given(self, **settings: Any) -> Connection:
        """The settings from now on; those left out are the defaults."""
        lines = [f"{name} = {_toml(value)}" for name, value in settings.items()]
        self._connection = self.connect("\n".join(lines))
        return self._connection

    def customer(self, id: str, **attrs: Any) -> str:
        """A customer of Chargebee, with an email of its own unless another (or None) is given."""
        given: Row = {"id": id, "email": f"{id}@x.co", **attrs}
        self.billing.add_customer(**{name: v for name, v in given.items() if v is not None})
        self.clock.advance(60)
        return id

    def changes(self, id: str, **attrs: Any) -> None:
        """The customer is modified in Chargebee."""
        self.billing.edit_customer(id, **attrs)
        self.clock.advance(60)

    def subscription(self, customer: str, **attrs: Any) -> str:
        """A subscription of the customer: active, 49.00 USD a month, unless attrs say else."""
        deleted = attrs.pop("deleted", False)
        made = self.billing.add_subscription(customer, **attrs)["id"]
        if deleted:
            self.billing.delete_subscription(made)
        self.clock.advance(60)
        return made

    def has_person(self, name: str, email: str = "", phone: str = "", **body: Any) -> int:
        """A person that Pipedrive has; emails or phones by blanks, the primary one first."""
        for key, values in (("emails", email.split()), ("phones", phone.split())):
            rows = [{"value": v, "primary": v == values[0], "label": "home"} for v in values]
            body |= {key: rows} if rows else {}
        return self.crm.add_person(name=name, **body)["id"]

    def has_organization(self, name: str) -> int:
        """An organization that Pipedrive has already."""
        return self.crm.add_organization(name=name)["id"]

    def has_field(
        self, name: str, type: str = "varchar", entity: Any = "person", **more: Any
    ) -> str:
        """A custom field that Pipedrive has already; its code."""
        return self.crm.add_field(entity, field_name=name, field_type=type, **more)["field_code"]

    # When

    @property
    def connection(self) -> Connection:
        """The connection as it stands; with the default settings where none were given."""
        connection = self._connection or self.given()
        connection.refresh_from_db()
        return connection

    def full(self, **more: Any) -> str:
        """A full sync."""
        return self.goes("full", **more)

    def hourly(self, **more: Any) -> str:
        """The next hourly sync, nobody there to say yes."""
        return self.goes("sync", **{"approved": False, **more})

    def goes(self, kind: str, *, after: float = HOUR, **more: Any) -> str:
        """Any kind of run, an hour later unless told otherwise; `last` is its row."""
        connection = self.connection
        self.clock.advance(after)
        self.sandbox.requests.clear()
        self.last = self.run(connection, kind, **more)
        return said(self.last)

    def yes(self) -> str:
        """Somebody says yes to what the last run asked."""
        assert self.last is not None
        assert self.last.state == "waiting", said(self.last)
        self.last = self.go_on(runs.approve(self.last.pk))
        return said(self.last)

    # Then

    def link(self, customer: str) -> int | None:
        """The id of the person that the customer is linked to."""
        links = Link.objects.filter(kind="person", source_key=customer)
        return links.values_list("pipedrive_id", flat=True).first()

    def person(self, customer: str) -> Row:
        """What the customer's person shows; empty where it has none that lives."""
        id = self.link(customer)
        living = {row["id"]: row for row in self.crm.persons()}
        return self.held("person", living[id]) if id in living else {}

    def shows(self, customer: str, expected: Mapping[str, Any]) -> None:
        """The customer's person shows this; fields that are not named do not matter."""
        person = self.person(customer)
        assert person, f"{customer} has no person"
        assert {name: person.get(name) for name in expected} == dict(expected)

    def organization_shows(self, name: str, expected: Mapping[str, Any]) -> None:
        """The one organization of that name shows this."""
        (row,) = [row for row in self.crm.organizations() if row["name"] == name]
        held = self.held("organization", row)
        assert {each: held.get(each) for each in expected} == dict(expected)

    def people(self) -> list[str]:
        """The names of all people in Pipedrive."""
        return [row["name"] for row in self.crm.persons()]

    def organizations(self) -> list[str]:
        """The names of all organizations in Pipedrive, sorted."""
        return sorted(row["name"] for row in self.crm.organizations())

    def fields(self, entity: Any = "person") -> list[str]:
        """The names of the custom fields."""
        return [row["field_name"] for row in self.crm.fields(entity) if row["is_custom_field"]]

    def errors(self, state: str = "open") -> list[str]:
        """Errors as "code record"; also those that are ignored, resolved, or warnings."""
        rows = SyncError.objects.filter(state=state).order_by("code", "source_key")
        return [f"{error.code} {error.source_key}" for error in rows]

    def wrote(self) -> list[str]:
        """What the last run sent to Pipedrive: "POST persons"."""
        sent = [(m, p) for s, m, p, *_ in self.sandbox.requests if s == "pipedrive" and m != "GET"]
        return [f"{method} {path.split('/')[3].partition('?')[0]}" for method, path in sent]

    def held(self, entity: Any, row: Row) -> Row:
        """A record in words: its organization by name, money and options as people read them."""
        shown: Row = {"id": row["id"], "name": row["name"]}
        if entity == "person":
            for name in ("email", "phone"):
                values = row[f"{name}s"]
                shown[f"{name}s"] = [each["value"] for each in values]
                shown[f"primary {name}"] = next((e["value"] for e in values if e["primary"]), None)
            shown["organization"] = self._organization(row["org_id"])
        for described in self.crm.fields(entity):
            if described["is_custom_field"]:
                value = row["custom_fields"].get(described["field_code"])
                shown[described["field_name"]] = _words(value, described)
        return shown

    def _organization(self, id: int | None) -> str | None:
        names = {row["id"]: row["name"] for row in self.crm.organizations()}
        return names.get(id, f"gone: {id}") if id else None


def _words(value: Any, described: Row) -> Any:
    """A custom field's value: "49 USD" for money, the label of an option, else as it is."""
    if isinstance(value, dict):
        amount = cast(Row, value)
        return f"{amount['value']} {amount['currency']}"
    labels = {option["id"]: option["label"] for option in described.get("options") or ()}
    return labels.get(value) if labels else value


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} = {_toml(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value)
