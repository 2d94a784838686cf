"""Twenty real kills: SIGKILL in the middle of a full sync, then the same command again."""

import random
import time
from collections import Counter
from pathlib import Path

import pytest

from chargepipe.sandbox import Sandbox
from forked import Forked
from postgres import store_of_its_own
from served import Home, served

KILLS = 20
QUICK = {"CHARGEPIPE_LEASE_SECONDS": "1.5", "CHARGEPIPE_SETTLE_SECONDS": "0.2"}


def writes(sandbox: Sandbox) -> int:
    return sum(s == "pipedrive" and m != "GET" for s, m, *_ in list(sandbox.requests))


def kill_after(process: Forked, sandbox: Sandbox, more: int) -> bool:
    """Kill once so many more writes were seen; false when the process ended before."""
    until = writes(sandbox) + more
    while process.poll() is None:
        if writes(sandbox) >= until:
            process.kill()
            process.communicate()
            return True
        time.sleep(0.002)
    process.communicate()
    return False


def hold_the_law(home: Home, sandbox: Sandbox) -> None:
    last = home.json("full", "acme", "--yes")
    assert last["state"] == "done"
    code = next(
        f["field_code"] for f in sandbox.crm.fields("person") if f["field_name"] == "CB Customer ID"
    )
    marks = Counter(p["custom_fields"].get(code) for p in sandbox.crm.persons())
    marks.pop(None, None)
    assert set(marks.values()) == {1}, "nobody twice"
    fields = Counter(f["field_name"] for f in sandbox.crm.fields("person"))
    assert fields["CB Customer ID"] == fields["CB Customer MRR"] == 1
    errors = home.run("errors", "acme", "--csv").stdout
    emails = Counter(c.get("email", "").lower() for c in sandbox.billing.customers())
    for customer in sandbox.billing.customers():
        alone = emails[customer.get("email", "").lower()] == 1
        if alone and customer.get("email") and not customer.get("deleted"):
            assert customer["id"] in marks or customer["id"] in errors, "nobody missing"
    before = writes(sandbox)
    assert home.json("sync", "acme")["state"] == "done"
    assert writes(sandbox) == before


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_a_killed_sync_goes_on_and_makes_nobody_twice(tmp_path: Path, seed: int):
    chance = random.Random(seed)
    killed = 0
    round_ = 0
    while killed < KILLS // 2:
        round_ += 1
        assert round_ < 10, "the kills come too late"
        sandbox = Sandbox(seed=seed * 100 + round_, customers=150, plan="ultimate")
        with served(sandbox) as ports:
            home = Home(tmp_path / f"home{round_}", sandbox, QUICK | store_of_its_own())
            home.apply(ports)
            for _ in range(10):
                process = home.fork("full", "acme", "--yes")
                killed += kill_after(process, sandbox, chance.randrange(1, 25))
            hold_the_law(home, sandbox)
