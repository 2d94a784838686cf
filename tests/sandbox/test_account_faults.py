"""Every status that Pipedrive may answer, by hand, with a body of its kind (fact sheet 9)."""

from typing import Any

import httpx2
import pytest

from chargepipe.sandbox import Fault, Options
from sandbox.line import Line

JSON = (400, 402, 403, 404, 405, 410, 415, 422, 429, 500, 501, 503)


def hit(line: Line, **how: Any) -> httpx2.Response:
    line.sandbox.faults.add(Fault(path="/pipelines", **how))
    return line.crm("GET", "/pipelines")


@pytest.mark.parametrize("status", JSON)
def test_an_error_has_the_shape_of_all_errors(status: int) -> None:
    answer = hit(Line(customers=5), status=status)
    assert answer.status_code == status
    body = answer.json()
    assert set(body) == {"success", "error", "error_info", "data", "additional_data"}
    assert body["success"] is False
    assert body["error"] != "Something went wrong"


def test_a_401_comes_from_the_gateway() -> None:
    answer = hit(Line(customers=5), status=401)
    assert answer.status_code == 401
    assert answer.json()["errorCode"] == 401


@pytest.mark.parametrize("status", [502, 504, 524])
def test_errors_of_the_network_in_front_are_web_pages(status: int) -> None:
    answer = hit(Line(customers=5), status=status)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    with pytest.raises(ValueError, match="Expecting value"):
        answer.json()


@pytest.mark.parametrize("service", ["pipedrive", "chargebee"])
def test_a_block_by_the_network_in_front_is_one_word(service: Any) -> None:
    line = Line(customers=5)
    line.sandbox.faults.add(Fault(service=service, kind="html", status=403))
    blocked = line.crm("GET", "/pipelines") if service == "pipedrive" else line.billing("/events")
    assert blocked.status_code == 403
    assert blocked.headers["content-type"].startswith("text/html")
    assert "Access denied" in blocked.text
    assert line.sandbox.tokens_used == 0


@pytest.mark.parametrize("sends", [True, False])
def test_a_429_by_hand_keeps_to_the_option(sends: bool) -> None:
    line = Line(customers=5, options=Options(sends_retry_after=sends))
    assert ("retry-after" in hit(line, status=429).headers) is sends


def test_an_unknown_path_looks_like_a_bad_token_and_a_strange_method_like_itself() -> None:
    line = Line(customers=5)
    assert line.crm("GET", "/nothing").json()["errorCode"] == 401
    assert line.crm("PUT", "/pipelines", {}).status_code == 405
