import itertools

import pytest

from chargepipe.domain.change import (
    MOST_INTENTS,
    MOVES,
    UNFINISHED,
    Action,
    Change,
    IllegalMove,
    State,
    check,
    price,
)

LEGAL = {
    ("planned", "intended"),
    ("planned", "written"),
    ("planned", "skipped"),
    ("planned", "stale"),
    ("intended", "written"),
    ("intended", "failed"),
    ("intended", "unknown"),
    ("intended", "planned"),
    ("unknown", "written"),
    ("unknown", "planned"),
    ("unknown", "failed"),
}


def change(action: Action = "update", pipedrive_id: int | None = 12) -> Change:
    values = {"name": "hush", "emails": ["hush"]}
    return Change(action, "person", "hush", pipedrive_id, values, {**values, "phones": []}, "hush")


@pytest.mark.parametrize(("action", "tokens"), [("create", 5), ("update", 5), ("delete", 3)])
def test_a_write_costs_its_tokens(action: Action, tokens: int):
    assert change(action).tokens == price(action) == tokens


def test_the_repr_says_what_happens_without_personal_data():
    assert repr(change()) == "<update person 12: emails, name, phones>"
    assert repr(change("create", None)) == "<create person: emails, name, phones>"


@pytest.mark.parametrize(("old", "new"), list(itertools.product(State, State)))
def test_a_change_moves_only_as_the_design_says(old: State, new: State):
    if (old, new) in LEGAL:
        check(old, new)
    else:
        with pytest.raises(IllegalMove, match=f"that is {old} cannot become {new}"):
            check(old, new)


def test_an_illegal_move_says_what_would_be_legal():
    with pytest.raises(IllegalMove, match=r"may become: intended, skipped, stale, written$"):
        check(State.PLANNED, State.FAILED)
    with pytest.raises(IllegalMove, match=r"nothing, it is final$"):
        check(State.WRITTEN, State.PLANNED)


def test_every_state_has_its_moves_and_three_are_unfinished():
    assert set(MOVES) == set(State)
    assert {"planned", "intended", "unknown"} == UNFINISHED
    assert MOST_INTENTS == 3
