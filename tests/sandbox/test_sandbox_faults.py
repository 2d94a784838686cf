import asyncio
from typing import Any

import httpx2
import pytest

from chargepipe.sandbox import Fault
from sandbox.line import Line


@pytest.fixture
def line() -> Line:
    return Line(customers=20, people_before=0)


def persons(line: Line) -> list[str]:
    return [row["name"] for row in line.sandbox.crm.persons()]


def add(line: Line, name: str = "Ada") -> httpx2.Response:
    return line.crm("POST", "/persons", {"name": name})


def fault(line: Line, **how: Any) -> None:
    line.sandbox.faults.add(Fault(method="POST", path=r"/persons$", **how))


def test_an_error_is_answered_and_nothing_done(line: Line) -> None:
    fault(line, kind="status", status=503)
    assert add(line).status_code == 503
    assert persons(line) == []
    assert add(line).status_code == 200


def test_an_error_may_be_a_page_for_people(line: Line) -> None:
    fault(line, status=403, body="<html>blocked</html>", content_type="text/html")
    answer = add(line)
    assert answer.status_code == 403
    assert answer.text == "<html>blocked</html>"
    assert answer.headers["content-type"] == "text/html"


def test_a_connection_can_die_before_the_work(line: Line) -> None:
    fault(line, kind="drop_before")
    with pytest.raises(httpx2.ReadError):
        add(line)
    assert persons(line) == []
    assert line.sandbox.requests[-1] == ("pipedrive", "POST", "/api/v2/persons", 0, 0)


def test_a_connection_can_die_after_the_work(line: Line) -> None:
    fault(line, kind="drop_after")
    with pytest.raises(httpx2.ReadError):
        add(line)
    assert persons(line) == ["Ada"]
    assert line.sandbox.requests[-1] == ("pipedrive", "POST", "/api/v2/persons", 0, 5)


def test_work_can_arrive_late_and_counts_from_the_moment_it_was_due(line: Line) -> None:
    fault(line, kind="late", seconds=60)
    with pytest.raises(httpx2.ReadError):
        add(line)
    line.clock.advance(59)
    assert persons(line) == []
    line.clock.advance(100)
    assert persons(line) == ["Ada"]
    assert next(line.sandbox.crm.persons())["add_time"] == "2026-11-02T09:01:00Z"
    assert line.sandbox.tokens_used == 5


def test_work_that_arrives_late_settles_from_then_on() -> None:
    line = Line(customers=20, people_before=0, settle=10)
    fault(line, kind="late", seconds=60)
    with pytest.raises(httpx2.ReadError):
        add(line)
    line.clock.advance(69)
    assert line.crm_ids("/persons") == []
    line.clock.advance(1)
    assert line.crm_ids("/persons") == [1]


def test_an_answer_can_be_slow_in_the_time_of_the_loop(line: Line) -> None:
    fault(line, kind="delay", seconds=4)
    before = line.clock.seconds
    assert add(line).status_code == 200
    assert line.clock.seconds == pytest.approx(before + 4)


def test_a_client_that_does_not_wait_for_a_slow_answer_has_had_its_work_done(line: Line) -> None:
    fault(line, kind="delay", seconds=100)
    with pytest.raises(httpx2.ReadTimeout):
        add(line)
    assert line.clock.seconds == pytest.approx(5)
    assert persons(line) == ["Ada"]


def test_calls_are_skipped_and_counted(line: Line) -> None:
    fault(line, status=500, skip=1, times=2)
    assert [add(line).status_code for _ in range(4)] == [200, 500, 500, 200]


def test_a_fault_without_an_end_lasts_until_it_is_cleared(line: Line) -> None:
    fault(line, status=500, times=None)
    assert [add(line).status_code for _ in range(5)] == [500] * 5
    line.sandbox.faults.clear()
    assert add(line).status_code == 200


def test_a_fault_hits_its_service_method_and_path_alone(line: Line) -> None:
    fault(line, status=500, times=None)
    line.sandbox.faults.add(Fault(service="chargebee", path="/customers", status=502))
    assert line.crm("GET", "/persons").status_code == 200
    assert line.crm("POST", "/organizations", {"name": "x"}).status_code == 200
    assert line.billing("/subscriptions").status_code == 200
    assert line.billing("/customers").status_code == 502


def test_an_injected_429_is_counted_and_says_when_to_come_back(line: Line) -> None:
    fault(line, status=429)
    answer = add(line)
    assert answer.headers["retry-after"] == "1"
    assert line.sandbox.too_many == {"pipedrive": 1}
    assert line.sandbox.counts == {"pipedrive": 1}


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="no fault of kind"):
        Fault(kind="explode")  # pyright: ignore[reportArgumentType]


def test_other_calls_go_on_while_one_is_slow(line: Line) -> None:
    fault(line, kind="delay", seconds=3)

    async def both() -> list[float]:
        async with httpx2.AsyncClient(
            transport=line.sandbox.transport("pipedrive"),
            base_url="https://sandbox.example/api/v2",
            headers={"x-api-token": line.sandbox.pipedrive_token},
        ) as client:
            slow = asyncio.create_task(client.post("/persons", json={"name": "x"}))
            await asyncio.sleep(0)
            await client.get("/persons")
            quick = line.clock.seconds
            await slow
            return [quick, line.clock.seconds]

    assert line.clock.run(both()) == pytest.approx([0, 3])
