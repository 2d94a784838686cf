"""What people may do in Pipedrive between two runs.

To add one: write it here, and give it a place in `EDITS`.
"""

from collections.abc import Callable
from typing import Any

from laws.billing_edits import COMPANIES, EMAILS, PHONES, Choose
from laws.memory import Memory
from laws.picture import DEAL_MARKS, ENTITIES, MARK, Entity, Key, marks

NOTE = "Note"
"""A custom field of the users' own, on all kinds of records."""
CONTACTS: tuple[Entity, ...] = ("person", "organization")


def _records(memory: Memory, entity: Entity) -> list[int]:
    return sorted(memory.picture().of(entity))


def _seen(memory: Memory, entity: Entity) -> list[int]:
    """Those to be seen: no page says what a hidden record answers once it is deleted."""
    picture = memory.picture()
    return [pid for kind, pid in sorted(picture.records.keys() - picture.hidden) if kind == entity]


def _some(memory: Memory, choose: Choose) -> Key | None:
    """A person, an organization or a deal."""
    keys = sorted(memory.picture().records)
    return choose(keys) if keys else None


def _edit(memory: Memory, key: Key, **body: Any) -> None:
    getattr(memory.world.crm, f"edit_{key[0]}")(key[1], **body)


def add_person(memory: Memory, choose: Choose) -> None:
    emails = [{"value": choose(EMAILS), "label": "home"}]
    memory.world.crm.add_person(name=choose(("Found", "Ada")), emails=emails)


def add_organization(memory: Memory, choose: Choose) -> None:
    memory.world.crm.add_organization(name=choose([name for name in COMPANIES if name]))


def rename_record(memory: Memory, choose: Choose) -> None:
    if key := _some(memory, choose):
        name = "title" if key[0] == "deal" else "name"
        _edit(memory, key, **{name: choose(("By hand", "Looms", "Ada"))})


def write_note(memory: Memory, choose: Choose) -> None:
    """A field that is none of ours."""
    if key := _some(memory, choose):
        _set(memory, key, NOTE, choose(("call back", "paid late")))


def write_over(memory: Memory, choose: Choose) -> None:
    """A field of ours, but for the marks."""
    key = _some(memory, choose)
    if key is None:
        return
    living = memory.names.living(memory.world, key[0])
    ours = [name for name, _ in living if name not in (MARK, *DEAL_MARKS, NOTE)]
    if ours:
        _set(memory, key, choose(ours), choose((1, 2, None)))


def _set(memory: Memory, key: Key, name: str, choice: Any) -> None:
    row = dict(memory.names.living(memory.world, key[0])).get(name)
    if row is not None:
        _edit(memory, key, custom_fields={row["field_code"]: _value(row, choice)})


def _value(row: dict[str, Any], choice: Any) -> Any:
    match row["field_type"]:
        case _ if choice is None:
            return None
        case "enum":
            return row["options"][-1]["id"]
        case "monetary":
            return {"value": 77 + choice, "currency": "EUR"}
        case "double":
            return 70 + choice
        case "date":
            return f"2020-01-0{choice}"
        case _:
            return f"by hand {choice}" if isinstance(choice, int) else choice


def add_email(memory: Memory, choose: Choose) -> None:
    _contacts(memory, choose, "emails", choose((*EMAILS, "own@x.co")))


def add_phone(memory: Memory, choose: Choose) -> None:
    _contacts(memory, choose, "phones", choose((*PHONES, "+44 20 7946 0009")))


def _contacts(memory: Memory, choose: Choose, name: str, value: str) -> None:
    if people := _records(memory, "person"):
        pid = choose(people)
        held = memory.world.crm.person(pid)[name]
        added = {"value": value, "label": "home", "primary": not held}
        memory.world.crm.edit_person(pid, **{name: [*held, added]})


def drop_emails(memory: Memory, choose: Choose) -> None:
    if people := _records(memory, "person"):
        memory.world.crm.edit_person(choose(people), emails=[])


def move_person(memory: Memory, choose: Choose) -> None:
    people, organizations = _records(memory, "person"), _records(memory, "organization")
    if people and organizations:
        memory.world.crm.edit_person(choose(people), org_id=choose(organizations))


def delete_record(memory: Memory, choose: Choose) -> None:
    entity: Entity = choose(CONTACTS)
    if ids := _seen(memory, entity):
        getattr(memory.world.crm, f"delete_{entity}")(choose(ids))


def merge_records(memory: Memory, choose: Choose) -> None:
    entity: Entity = choose(ENTITIES)
    ids = _seen(memory, entity)
    if len(ids) > 1:
        loser = choose(ids)
        winner = choose([each for each in ids if each != loser])
        before = memory.picture().of("deal")
        getattr(memory.world.crm, f"merge_{entity}s")(loser, winner)
        if entity == "person":
            memory.wrote.setdefault(winner, set()).update(memory.wrote.get(loser, ()))
        if entity == "deal":
            now = memory.picture().of("deal")[winner]
            memory.dead |= marks(before[loser]) - marks(now)


def hide_or_show(memory: Memory, choose: Choose) -> None:
    if key := _some(memory, choose):
        hidden = key in memory.picture().hidden
        (memory.world.crm.show if hidden else memory.world.crm.hide)(*key)


def rename_field(memory: Memory, choose: Choose) -> None:
    entity: Entity = choose(ENTITIES)
    living = memory.names.living(memory.world, entity)
    ours = [row for name, row in living if name != NOTE]
    if ours:
        row = choose(ours)
        memory.world.crm.rename_field(entity, row["field_code"], f"{row['field_name']} (billing)")


def delete_field(memory: Memory, choose: Choose) -> None:
    entity: Entity = choose(ENTITIES)
    living = memory.names.living(memory.world, entity)
    ours = {name: row["field_code"] for name, row in living if name != NOTE}
    if ours:
        name = choose(sorted(ours))
        memory.world.crm.delete_field(entity, ours[name])
        memory.dropped.add(name)
        memory.loosen()


WRITINGS: tuple[Callable[[Memory, Choose], None], ...] = (rename_record, write_over)
"""What writes over fields of ours."""
EDITS: tuple[Callable[[Memory, Choose], None], ...] = (
    add_person,
    add_organization,
    rename_record,
    write_note,
    write_over,
    add_email,
    add_phone,
    drop_emails,
    move_person,
    delete_record,
    merge_records,
    hide_or_show,
    rename_field,
    delete_field,
)
