"""Every error answer that the sandbox can give, against the descriptions and the fact sheets."""

import re
from pathlib import Path

import httpx2
import pytest

import chargepipe.sandbox.chargebee
import chargepipe.sandbox.pipedrive
from chargepipe.sandbox import Fault
from chargepipe.sandbox.chargebee.errors import CODES
from chargepipe.sandbox.pipedrive.errors import AT_THE_EDGE, MESSAGES
from contract.error_cases import CHARGEBEE, OAUTH, OTHER_OPTIONS, PAGES, PIPEDRIVE, Case
from contract.line import WitnessedLine


def code(answer: httpx2.Response) -> tuple[int, str | None]:
    if not answer.headers["content-type"].startswith("application/json"):
        return answer.status_code, None
    body = answer.json()
    return answer.status_code, body.get("api_error_code") or body.get("code")


def listed(cases: dict[tuple[int, str], list[Case]]) -> list[tuple[tuple[int, str], Case]]:
    return [(expected, case) for expected, ways in cases.items() for case in ways]


@pytest.mark.parametrize(("expected", "case"), [*listed(CHARGEBEE), *listed(PIPEDRIVE)])  # type: ignore[arg-type]
def test_every_refusal_is_as_described(expected: tuple[int, str], case: Case) -> None:
    line = WitnessedLine(customers=5)
    assert code(case(line)) == expected
    line.witness.swear()


@pytest.mark.parametrize(("expected", "made"), OTHER_OPTIONS.items())
def test_refusals_of_other_options_are_as_described(expected: tuple[int, str], made: tuple) -> None:
    options, case = made
    line = WitnessedLine(customers=5, options=options)
    assert code(case(line)) == expected
    line.witness.swear()


@pytest.mark.parametrize("error", OAUTH)
def test_refusals_of_the_oauth_server_are_as_described(error: str) -> None:
    line = WitnessedLine(customers=5)
    answer = OAUTH[error](line)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    line.witness.swear()


@pytest.mark.parametrize("case", PAGES)
def test_an_authorization_that_is_not_possible_is_told_to_the_user(case: Case) -> None:
    line = WitnessedLine(customers=5)
    assert case(line).headers["content-type"].startswith("text/html")
    line.witness.swear()


INJECTED = [
    *(Fault(service="chargebee", status=s, code=c) for s, codes in CODES.items() for c in codes),
    *(Fault(service="chargebee", status=status) for status in (*CODES, 502, 504)),
    *(Fault(service="pipedrive", status=status) for status in (401, *MESSAGES, *AT_THE_EDGE)),
    Fault(service="pipedrive", kind="html", status=403),
    Fault(service="pipedrive", kind="drop_before"),
]


@pytest.mark.parametrize("fault", INJECTED, ids=str)
def test_every_injected_error_is_as_described(fault: Fault) -> None:
    line = WitnessedLine(customers=5)
    line.sandbox.faults.add(fault)
    path = "/api/v2/customers" if fault.service == "chargebee" else "/api/v2/persons"
    if fault.kind == "drop_before":
        with pytest.raises(httpx2.ReadError):
            line.send(fault.service, "GET", path)
    else:
        answer = line.send(fault.service, "GET", path)
        assert answer.status_code == fault.status
    line.witness.swear()


def literals(package: Path, pattern: str) -> set[str]:
    """What stands in the sources of one simulated service, but for its table of errors."""
    texts = [path.read_text() for path in package.glob("*.py") if path.name != "errors.py"]
    return {found for text in texts for found in re.findall(pattern, text)}


def test_no_error_of_the_simulated_chargebee_is_left_out() -> None:
    package = Path(chargepipe.sandbox.chargebee.__path__[0])
    known = {each for codes in CODES.values() for each in codes}
    used = literals(package, r'"([a-z_]+)"') & known
    assert used - {each for _, each in CHARGEBEE} == set()


def test_no_error_of_the_simulated_pipedrive_is_left_out() -> None:
    package = Path(chargepipe.sandbox.pipedrive.__path__[0])
    used = literals(package, r'"(ERR_[A-Z_]+|feature_capping_\w+)"')
    assert used - {each for _, each in PIPEDRIVE} == set()
    oauth = literals(package, r'wrong\("(\w+)"')
    assert oauth == set(OAUTH)
    statuses = {int(found) for found in literals(package, r"\b(4\d\d|5\d\d)\b")}
    reached = {status for status, _ in [*PIPEDRIVE, *OTHER_OPTIONS]} | {*MESSAGES, *AT_THE_EDGE}
    assert statuses & set(range(400, 600)) <= reached
