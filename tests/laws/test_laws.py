"""The laws hold, whatever happens on both sides and on the way.

A small and always equal budget; with CHARGEPIPE_LAWS_EXAMPLES=2000 a long one, other each time.
"""

import os
from typing import cast

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from laws.machine import Machine

pytestmark = pytest.mark.django_db(transaction=True)
LONG = int(os.environ.get("CHARGEPIPE_LAWS_EXAMPLES", "0"))
BUDGET = settings(
    max_examples=LONG or 9,
    stateful_step_count=30 if LONG else 20,
    derandomize=not LONG,
    deadline=None,
    database=None,
    report_multiple_bugs=False,
    suppress_health_check=cast(list[HealthCheck], list(HealthCheck)),
    phases=(Phase.generate,) if os.environ.get("NOSHRINK") else (Phase.generate, Phase.shrink),
)


def test_the_laws_hold_whatever_happens():
    run_state_machine_as_test(Machine, settings=BUDGET)
