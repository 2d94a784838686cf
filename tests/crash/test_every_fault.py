"""Wherever a call of a sync fails, in whatever way: later all is as if nothing had been.

Each call site gets one of the faults, so that each fault has its turn. With
CHARGEPIPE_TESTS_FAULTS=20 each site gets them all.
"""

import os
from collections.abc import Callable

import pytest

from apart import apart
from chargepipe.store.models import Run
from sites import faults, full_begun, hourly_begun, sites, trouble
from world import World

pytestmark = pytest.mark.django_db(transaction=True)
TURNS = int(os.environ.get("CHARGEPIPE_TESTS_FAULTS", "1"))
"""Faults at a call site."""


@pytest.mark.parametrize(("begin", "least"), [(full_begun, 15), (hourly_begun, 14)])
def test_a_fault_at_every_call_site(begin: Callable[[], tuple[World, Run]], least: int):
    world, run = begin()
    found = apart(sites, world, run)
    assert len(found) >= least, found
    wrong: list[str] = []
    for number, site in enumerate(found):
        kinds = list(faults(site))
        for name, fault in [kinds[(number + turn) % len(kinds)] for turn in range(TURNS)]:
            try:
                apart(trouble, world, run, fault)
            except AssertionError as failed:
                wrong.append(f"{name} at {site}: {failed}")
    assert not wrong, "\n".join(wrong)
