"""The page, the checks and the sandbox name the same things."""

import inspect
from collections import Counter
from dataclasses import fields
from typing import Any

import pytest
from assumptions_page import PROBE, Row, rows

from chargepipe.actions.probe.calls import ALL
from chargepipe.actions.probe.checks import CHECKS
from chargepipe.sandbox import Options, Sandbox
from contract.specs import pipedrive_v1_spec, pipedrive_v2_spec


def test_every_number_and_every_assumption_stands_once() -> None:
    assert max(Counter(row.number for row in rows()).values()) == 1
    assert max(Counter(check.number for check in CHECKS).values()) == 1
    ordered = sorted(rows(), key=lambda row: (row.service != "Pipedrive", row.number))
    assert rows() == ordered, "a new one has the next number, at the end of its service"


def test_the_page_marks_exactly_what_the_probe_checks_in_the_same_words() -> None:
    marked = {row.number: row.words for row in rows() if row.how.startswith(PROBE)}
    assert marked == {check.number: check.words for check in CHECKS}


@pytest.mark.parametrize("row", rows(), ids=lambda row: str(row.number))
def test_a_row_says_why_what_happens_otherwise_and_how_to_check(row: Row) -> None:
    assert row.why
    assert row.otherwise
    assert row.how.startswith((PROBE, "by hand: "))


def test_every_option_of_the_sandbox_has_a_row() -> None:
    named = {option for row in rows() for option in row.options}
    assert {field.name for field in fields(Options)} <= named


@pytest.mark.parametrize("row", [row for row in rows() if row.options], ids=lambda r: str(r.number))
def test_what_a_row_names_is_there_in_the_sandbox(row: Row) -> None:
    sandbox = Sandbox(customers=1)
    for option in row.options:
        assert _exists(sandbox, option), option


def _exists(sandbox: Sandbox, option: str) -> bool:
    if option.startswith("fault "):
        from chargepipe.sandbox.faults import KINDS

        return option.removeprefix("fault ") in KINDS
    if option.startswith("Sandbox("):
        return option[8:-1] in inspect.signature(Sandbox).parameters
    target, _, name = option.rpartition(".")
    held: Any = getattr(sandbox, target) if target else Options()
    return hasattr(held, name)


def test_the_prices_of_the_probes_own_calls_are_the_published_ones() -> None:
    published = {
        f"/api/{version}{path}": item
        for version, spec in (("v1", pipedrive_v1_spec()), ("v2", pipedrive_v2_spec()))
        for path, item in spec["paths"].items()
    }
    for operation in ALL:
        template = operation.template.replace("{code}", "{field_code}")
        described = published[template][operation.method.lower()]
        assert described["x-token-cost"] == operation.cost, operation
