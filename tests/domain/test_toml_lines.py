import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepipe.domain.settings import Problem, placed
from chargepipe.domain.settings.toml_lines import Path, lines_of

TEXT = '''# a comment with [brackets] = and "quotes
name = "a # b = c"   # comment
"quoted.key" = 'x = y'
dotted.inner."last one" = 1.5
numbers = [1, 2.0, "]",
  # between = 1
  4,
]
long = """
not = "a key"
[no.table]
"quoted""""
raw = \'\'\'
not = 1\'\'\'
inline = { a = 1, b.c = [ { d = 2 } ], "e" = "}" }
when = 2026-01-31 10:00:00Z
empty = []
nothing = {}

[ table . sub ]
key = 1
[[rows]]
a = 1
[rows.deep]
b = 2
[[rows]]
a = 3
[[rows.inner]]
c = 4
[[rows.inner]]
c = 5
[last]
'''


def test_every_key_is_on_its_line():
    assert lines_of(TEXT) == {
        ("name",): 2,
        ("quoted.key",): 3,
        ("dotted",): 4,
        ("dotted", "inner"): 4,
        ("dotted", "inner", "last one"): 4,
        ("numbers",): 5,
        ("numbers", 0): 5,
        ("numbers", 1): 5,
        ("numbers", 2): 5,
        ("numbers", 3): 7,
        ("long",): 9,
        ("raw",): 13,
        ("inline",): 15,
        ("inline", "a"): 15,
        ("inline", "b"): 15,
        ("inline", "b", "c"): 15,
        ("inline", "b", "c", 0): 15,
        ("inline", "b", "c", 0, "d"): 15,
        ("inline", "e"): 15,
        ("when",): 16,
        ("empty",): 17,
        ("nothing",): 18,
        ("table",): 20,
        ("table", "sub"): 20,
        ("table", "sub", "key"): 21,
        ("rows",): 22,
        ("rows", 0): 22,
        ("rows", 0, "a"): 23,
        ("rows", 0, "deep"): 24,
        ("rows", 0, "deep", "b"): 25,
        ("rows", 1): 26,
        ("rows", 1, "a"): 27,
        ("rows", 1, "inner"): 28,
        ("rows", 1, "inner", 0): 28,
        ("rows", 1, "inner", 0, "c"): 29,
        ("rows", 1, "inner", 1): 30,
        ("rows", 1, "inner", 1, "c"): 31,
        ("last",): 32,
    }


def test_lines_end_as_on_windows_too():
    assert lines_of("a = 1\r\n\r\nb = [\r\n1]\r\n") == {("a",): 1, ("b",): 3, ("b", 0): 4}


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n"])
def test_an_empty_text_has_no_keys(text: str):
    assert lines_of(text) == {}


def test_a_file_may_end_without_a_line_break():
    assert lines_of("a = 1") == {("a",): 1}
    assert lines_of("a = { b = 1 }") == {("a",): 1, ("a", "b"): 1}


def paths(value: Any, here: Path = ()) -> Iterator[Path]:
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items:
        yield (*here, key)
        if isinstance(inner, dict | list):
            yield from paths(inner, (*here, key))


def test_the_keys_are_those_that_the_parser_finds():
    assert set(lines_of(TEXT)) == set(paths(tomllib.loads(TEXT)))


SCRAPS = st.sampled_from(
    [
        "a = 1",
        "b.c = 'x'",
        "d = [1,",
        "]",
        "[t]",
        "[[u]]",
        "[u.v]",
        "e = { f = 1 }",
        "# g = 1",
        "",
        'h = """',
        '"""',
        "i = [[1], [2]]",
        "'j k' = 2",
        "[[u.w]]",
        "l = '''",
        "'''",
        '"m" = ""',
    ]
)


@given(st.lists(SCRAPS, max_size=8).map("\n".join))
def test_whatever_the_parser_reads_each_key_has_a_line_that_names_it(text: str):
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    found = lines_of(text)
    assert set(found) == set(paths(data))
    rows = text.split("\n")
    for path, line in found.items():
        last = path[-1]
        assert isinstance(last, int) or last in rows[line - 1]


def test_problems_that_are_found_later_get_the_line_of_their_key_or_table():
    text = '\ufeffname = "acme"\n\n[settings]\norganizations = true\n[brake]\ndeals = 5\n'
    found = [
        Problem(None, "settings.organizations", "is locked"),
        Problem(None, "settings.match_key.chargebee", "is locked"),
        Problem(None, "brake.deals", "is low"),
        Problem(None, "schedule.every", "is odd"),
    ]
    assert [each.line for each in placed(found, text)] == [4, 3, 6, None]
    assert [each.path for each in placed(found, text)] == [each.path for each in found]
