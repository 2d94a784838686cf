"""Whatever happens, nothing of a probe stays in the CRM; what does stay is told."""

from dataclasses import replace

import httpx2
import pytest
from probed import PREFIX, left_behind, prepared, probing

from chargepipe.actions.connections import find
from chargepipe.actions.probe import Report, probe
from chargepipe.actions.probe.checks import CHECKS
from chargepipe.actions.probe.finding import Finding
from chargepipe.actions.probe.traces import is_ours, new_marker
from chargepipe.sandbox import Fault
from chargepipe.sandbox.faults import Kind
from world import World

pytestmark = pytest.mark.django_db(transaction=True)
WRITES = ("/persons", "/organizations", "/deals", "/personFields", "/organizationFields")
FIRST = {"/organizationFields": 0}
"""Calls that pass before the fault hits: only one such field is made."""


@pytest.mark.parametrize("path", WRITES)
@pytest.mark.parametrize("kind", ["status", "drop_before", "drop_after"])
def test_nothing_stays_when_a_create_fails_or_its_answer_is_lost(path: str, kind: Kind) -> None:
    world = prepared()
    world.faults.add(Fault(method="POST", path=f"{path}$", kind=kind, skip=FIRST.get(path, 1)))
    report = probing(world)
    assert left_behind(world) == []
    assert report.state == "refused"
    assert report.left == []
    assert len(report.trouble) == 1


@pytest.mark.parametrize("path", WRITES)
def test_nothing_stays_when_a_create_is_done_late(path: str) -> None:
    world = prepared()
    world.faults.add(Fault(method="POST", path=f"{path}$", kind="late", seconds=90.0))
    probing(world)
    world.clock.advance(600)
    world.sandbox.state()
    assert left_behind(world) == []


@pytest.mark.parametrize("kind", ["status", "drop_before", "drop_after"])
def test_a_deletion_that_fails_is_tried_again(kind: Kind) -> None:
    world = prepared()
    world.faults.add(Fault(method="DELETE", kind=kind, times=40))
    report = probing(world)
    assert left_behind(world) == []
    assert report.left == []


def test_what_cannot_be_deleted_is_told_by_id_and_the_next_probe_removes_it() -> None:
    world = prepared()
    world.faults.add(Fault(method="DELETE", path="/organizations/", times=None))
    report = probing(world)
    assert {trace.kind for trace in report.left} == {"organization"}
    assert len(left_behind(world)) == len(report.left)
    assert report.state == "refused"
    told = "\n".join(report.ending())
    assert all(f"organization {trace.id}" in told for trace in report.left)
    world.faults.clear()
    again = probing(world)
    assert again.left_overs == len(report.left)
    assert left_behind(world) == []
    assert again.state == "holds"


@pytest.mark.parametrize("number", [1, 9, 28, 30])
def test_nothing_stays_after_ctrl_c(number: int) -> None:
    world = prepared()
    report = interrupted_at(world, number)
    assert report.state == "interrupted"
    assert report.findings[-1].number == number
    assert report.deleted > 0
    assert left_behind(world) == []


class CtrlC(httpx2.AsyncBaseTransport):
    """Ctrl-C once, right after Pipedrive has done a create of this path."""

    def __init__(self, inner: httpx2.AsyncBaseTransport, path: str) -> None:
        self.inner, self.path, self.done = inner, path, False

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        answer = await self.inner.handle_async_request(request)
        if request.method == "POST" and request.url.path.endswith(self.path) and not self.done:
            self.done = True
            raise KeyboardInterrupt
        return answer


@pytest.mark.parametrize("path", WRITES)
def test_nothing_stays_after_ctrl_c_in_the_middle_of_a_create(path: str) -> None:
    world = prepared()
    env = replace(world.env, transport=lambda root: CtrlC(world.transport(root), path))
    warned: list[str] = []
    report = probe("acme", env, warn=warned.append)
    assert report.state == "interrupted"
    assert [words.split()[0] for words in warned] == ["Stopping.", "An"]
    assert left_behind(world) == []


def interrupted_at(world: World, number: int) -> Report:
    def tell(finding: Finding) -> None:
        if finding.number == number:
            raise KeyboardInterrupt

    return probe("acme", world.env, tell)


def test_nothing_stays_when_the_traffic_is_blocked_for_a_moment() -> None:
    world = prepared()
    blocked = Fault(path="/persons", status=403, body="<html></html>", skip=20, times=1)
    world.faults.add(blocked)
    report = probing(world)
    assert report.state == "refused"
    assert len(report.findings) < 40
    assert left_behind(world) == []


def test_the_probe_stops_when_the_token_dies_and_tells_what_stays() -> None:
    world = prepared()
    world.faults.add(
        Fault(status=401, body="{}", content_type="application/json", skip=30, times=None)
    )
    report = probing(world)
    assert report.state == "refused"
    assert report.left
    assert len(report.left) == len(left_behind(world))


def test_only_names_that_a_probe_gives_are_taken_for_left_overs() -> None:
    world = prepared()
    kept = [f"{PREFIX}", f"{PREFIX} of ours", f"My {PREFIX} 1a2b3c4d", f"{PREFIX} 1a2b3c4dx"]
    for name in kept:
        world.crm.add_person(name=name)
    world.crm.add_organization(name=f"{PREFIX} 1a2b3c4d 7")
    world.crm.add_field("person", field_name=f"{PREFIX} 1a2b3c4d 8", field_type="varchar")
    world.clock.advance(60)
    report = probing(world)
    assert report.left_overs == 2
    assert sorted(left_behind(world)) == sorted(kept)


def test_a_marker_is_told_from_every_other() -> None:
    mine, other = new_marker(), new_marker()
    assert is_ours(f"  {mine} 3 <b>", mine)
    assert not is_ours(f"{other} 3", mine)
    assert is_ours(f"{other} 3")
    assert not is_ours(None)


def test_what_was_there_before_is_untouched() -> None:
    world = prepared()
    world.run(find("acme"), "trial")
    before = everything(world)
    probing(world)
    assert everything(world) == before


def everything(world: World) -> list[object]:
    crm = world.crm
    return [*crm.persons(), *crm.organizations(), *crm.deals(), *crm.fields("person")]


def test_an_answer_that_lacks_its_record_costs_one_check_and_leaves_nothing() -> None:
    world = prepared()
    env = replace(world.env, transport=lambda root: Emptied(world.transport(root)))
    report = probe("acme", env)
    assert left_behind(world) == []
    assert len(report.findings) == len(CHECKS)
    odd = [finding for finding in report.findings if finding.seen.startswith("An answer was not")]
    assert [finding.state for finding in odd] == ["not checked"]


class Emptied(httpx2.AsyncBaseTransport):
    """Pipedrive, whose third answer to a new person tells nothing of it."""

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self.inner, self.created = inner, 0

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        answer = await self.inner.handle_async_request(request)
        self.created += request.method == "POST" and request.url.path.endswith("/persons")
        if request.method == "POST" and self.created == 3:
            self.created += 1
            return httpx2.Response(200, json={"success": True, "data": {}})
        return answer


def test_what_search_still_shows_but_is_gone_is_no_left_over() -> None:
    world = prepared(search_lag=200.0)
    probing(world)
    world.clock.advance(180)
    assert probing(world).left_overs == 0
