"""docs/reference/rules.md names what is there: each rule, its modules and its tests."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "rules.md"
STEPS = {f"Step {number}" for number in range(1, 8)}
SETTINGS = {f"Setting {number}" for number in range(17)}
RULES = {f"Rule {number}" for number in range(1, 19) if number != 14}


@dataclass(frozen=True)
class Row:
    rule: str
    words: str
    modules: tuple[str, ...]
    tests: tuple[str, ...]


def rows() -> list[Row]:
    lines = [line for line in PAGE.read_text().splitlines() if re.match(r"\| \w", line)]
    return [_row([cell.strip() for cell in line.strip("|").split("|")]) for line in lines]


def _row(cells: list[str]) -> Row:
    rule, words, modules, tests = cells
    return Row(rule, words, _named(modules), _named(tests))


def _named(cell: str) -> tuple[str, ...]:
    return tuple(re.findall(r"`([^`]+)`", cell))


def test_every_rule_has_one_row():
    names = [row.rule for row in rows()]
    assert len(names) == len(set(names))
    assert set(names) >= STEPS | SETTINGS | RULES


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.rule)
def test_a_row_names_modules_and_tests_that_are_there(row: Row):
    assert row.words
    assert row.modules
    assert row.tests
    for module in row.modules:
        assert (ROOT / "src" / "chargepipe" / module).is_file(), module
    for test in row.tests:
        file, _, name = test.partition("::")
        assert (ROOT / file).is_file(), test
        assert not name or f"\ndef {name}(" in (ROOT / file).read_text(), test


def test_every_file_of_cases_is_named():
    named = {test.partition("::")[0] for row in rows() for test in row.tests}
    files = Path(__file__).parent.rglob("test_*.py")
    cases = {path.relative_to(ROOT).as_posix() for path in files}
    assert cases - {f"tests/cases/{Path(__file__).name}"} <= named
