"""Pickers: what the accounts have, as options to choose from; a text field where that is unknown.

What stands is always among the options, also where the account has it no more.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from chargepipe.actions.offers import Offer, Offers
from chargepipe.domain.pipelines import Row
from chargepipe.domain.text import squeeze

TYPED = "typed:"
"""Begins the value of an option that is completed by what is typed beside it."""
UNREAD = "Typed by name: what there is to choose from was not read yet."
NONE_THERE = "Typed by name: the account has none to choose from."
WORDS: Mapping[str, str] = {
    "email": "Email",
    "phone": "Phone",
    "id": "Customer id",
    "token": "The connecting user",
}
ENTITIES: Mapping[str, str] = {
    "person": "Person",
    "organization": "Organization",
    "deal": "Deal",
}


@dataclass(frozen=True, slots=True)
class Option:
    """One value to choose."""

    value: str
    label: str
    chosen: bool = False
    holds: str = ""
    """Of a field: what it holds."""

    @property
    def typed(self) -> bool:
        """Whether it is completed by what is typed beside it."""
        return self.value.startswith(TYPED)


@dataclass(frozen=True, slots=True)
class Options:
    """Options that belong together."""

    options: tuple[Option, ...]
    label: str = ""
    of: str = ""
    """Of stages: the pipeline, as its own picker calls it."""
    first: bool = False
    """Whether that is the pipeline of a setting that names none."""


@dataclass(frozen=True, slots=True)
class Picker:
    """Options to choose from; without any a text field."""

    groups: tuple[Options, ...] = ()
    why: str = ""
    """Why there are no options, in words."""
    typed: str | None = None
    """What stands in the text beside it; None where there is no such text."""
    placeholder: str = ""


def picker(kind: str, value: object, offers: Offers, pipeline: object = None) -> Picker | None:
    """The picker of a kind, with the value that stands; None for a list that no account has.

    `pipeline` is the one whose stages are meant: they come first.
    """
    text = str(value or "")
    if kind == "stages":
        made = _stages(offers, text, str(pipeline or ""))
    elif kind in _MADE:
        made = _MADE[kind](offers, text)
    else:
        return None
    return made or Picker(why=UNREAD if offers.known_at is None else NONE_THERE)


def _owners(offers: Offers, text: str) -> Picker | None:
    return _of(_offered(offers.owners, text), text) if len(offers.owners) > 1 else None


def _labels(offers: Offers, text: str) -> Picker | None:
    groups = (_none("No label", text), _offered(offers.labels, text))
    return _of(groups, text) if offers.labels else None


def _person_keys(offers: Offers, text: str) -> Picker | None:
    return _of(_offered(offers.person_keys, text), text) if offers.known_at else None


def _customer_keys(offers: Offers, text: str) -> Picker | None:
    """Only the first customers were looked at: a field that none of them has is typed."""
    if offers.known_at is None:
        return None
    known = any(_same(row.value, text) for row in offers.customer_keys)
    other = Options((Option(TYPED, "Another custom field ...", not known),))
    made = _of((_offered(offers.customer_keys, text), other), text)
    return replace(made, typed="" if known else text, placeholder="cf_crm_id")


def _pipelines(offers: Offers, text: str) -> Picker | None:
    rows = offers.facts.pipelines
    if not rows:
        return None
    return _of((_none(f"The first one ({rows[0].name})", text), _rows(rows, text)), text)


def _stages(offers: Offers, text: str, pipeline: str) -> Picker | None:
    """Those of each pipeline; those of the chosen one first."""
    facts = offers.facts
    if not facts.stages:
        return None
    held = [(row, _row(row, facts.pipelines, pipeline)) for row in facts.pipelines]
    groups = [_none("The first one", text)]
    for row, option in sorted(held, key=lambda pair: not pair[1].chosen):
        own = [stage for stage in facts.stages if stage.of == row.id]
        first = row is facts.pipelines[0]
        groups.append(replace(_rows(own, text), label=row.name, of=option.value, first=first))
    return _of(groups, text)


def _targets(offers: Offers, text: str) -> Picker | None:
    """Fields that are there, by entity; and new ones, which are given a name."""
    if offers.known_at is None:
        return None
    known = any(_same(row.value, text) for row in offers.targets)
    entity, _, name = text.partition(".")
    groups = [_none("Nothing", text)]
    for key, title in ENTITIES.items():
        own = [row for row in offers.targets if row.value.startswith(f"{key}.")]
        fresh = not known and entity == key
        new = Option(f"{TYPED}{key}.", f"A new field of the {key} ...", fresh)
        groups.append(Options((*(_field(row, text) for row in own), new), title))
    made = _of(groups, text)
    return replace(made, typed="" if known else name, placeholder="Its name")


_MADE: Mapping[str, Callable[[Offers, str], Picker | None]] = {
    "owners": _owners,
    "labels": _labels,
    "person-keys": _person_keys,
    "customer-keys": _customer_keys,
    "pipelines": _pipelines,
    "targets": _targets,
}


def _of(groups: Options | Iterable[Options], text: str) -> Picker:
    """The groups with one option chosen: the first that fits, else the one that is gone."""
    shown, left = list[Options](), True
    for group in (groups,) if isinstance(groups, Options) else groups:
        options = list[Option]()
        for each in group.options:
            options.append(replace(each, chosen=each.chosen and left))
            left = left and not each.chosen
        shown.append(replace(group, options=tuple(options)))
    if left:
        words = f"gone: {text}" if text else "choose one"
        shown.insert(0, Options((Option(text, words, chosen=True),)))
    return Picker(tuple(shown))


def _none(label: str, text: str) -> Options:
    return Options((Option("", label, chosen=not text),))


def _offered(rows: Sequence[Offer], text: str) -> Options:
    return Options(tuple(Option(row.value, _label(row), _same(row.value, text)) for row in rows))


def _field(row: Offer, text: str) -> Option:
    name = row.value.partition(".")[2]
    return Option(row.value, f"{name} ({row.hint})", _same(row.value, text), row.hint)


def _label(row: Offer) -> str:
    known = WORDS.get(row.value)
    return known or (f"{row.value} ({row.hint})" if row.hint else row.value)


def _same(one: str, other: str) -> bool:
    return squeeze(one).casefold() == squeeze(other).casefold()


def _rows(rows: Sequence[Row], text: str) -> Options:
    return Options(tuple(_row(row, rows, text) for row in rows))


def _row(row: Row, rows: Sequence[Row], text: str) -> Option:
    """By its name, or its number where the name does not tell it; as it stands where it does."""
    number, alone = str(row.id), sum(_same(row.name, each.name) for each in rows) == 1
    named = alone and not row.name.isdecimal()
    fits = text == number if text.isdecimal() else named and _same(row.name, text)
    value = row.name if named else number
    label = row.name if alone else f"{row.name} ({number})"
    return Option(text if fits else value, label, fits)


def chosen(sent: str, typed: str) -> str:
    """The value that was sent, completed by what was typed beside it where it asks for that."""
    return f"{sent.removeprefix(TYPED)}{typed}" if sent.startswith(TYPED) else sent
