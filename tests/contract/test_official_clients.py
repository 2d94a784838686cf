"""The official clients of both services walk everything that is simulated, unpatched."""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from contract import endpoints, npm_values, relaxed, sdk_walk
from contract.descriptions import Service
from contract.endpoints import BY_PLAIN_HTTP, NOT_SIMULATED, accepted, calls, clients, described
from contract.walks import Served, few_authorities, walk_by_npm, watched


@dataclass(frozen=True)
class SdkWalk:
    at: Served
    outcomes: dict[str, BaseException | None]


@dataclass(frozen=True)
class NpmWalk:
    at: Served
    seen: dict[str, Any]


@pytest.fixture(scope="module")
def by_sdk() -> Iterator[SdkWalk]:
    with watched(customers=40) as at, few_authorities():
        made = sdk_walk.prepare(at.sandbox)
        keyed = sdk_walk.open_sdk(at)
        outcomes = {step.__name__: outcome(step, keyed, made) for step in sdk_walk.STEPS}
        yield SdkWalk(at, outcomes)


@pytest.fixture(scope="module")
def by_npm() -> Iterator[NpmWalk]:
    with watched() as at:
        yield NpmWalk(at, walk_by_npm(at))


def outcome(step: Callable[..., None], *given: Any) -> BaseException | None:
    try:
        step(*given)
    except (Exception, pytest.fail.Exception) as failed:
        return failed
    return None


@pytest.mark.parametrize("step", [step.__name__ for step in sdk_walk.STEPS])
def test_chargebees_sdk_walks(by_sdk: SdkWalk, step: str) -> None:
    failed = by_sdk.outcomes[step]
    if failed is not None:
        raise failed


@pytest.mark.parametrize("step", npm_values.CHECKS)
def test_pipedrives_npm_client_walks(by_npm: NpmWalk, step: str) -> None:
    seen = by_npm.seen[step]
    assert "error" not in seen, seen["error"]
    npm_values.CHECKS[step](seen, by_npm.at.sandbox.crm)


def test_each_step_of_the_npm_client_is_looked_at(by_npm: NpmWalk) -> None:
    assert set(by_npm.seen) == set(npm_values.CHECKS)


def test_each_null_that_is_let_pass_was_given(by_npm: NpmWalk) -> None:
    bodies = [json.loads(each.answer) for each in by_npm.at.witness.exchanges if each.is_json]
    assert relaxed.PIPEDRIVE_NULLS - {name for body in bodies for name in nulls(body)} == set()


def nulls(body: Any) -> Iterator[str]:
    """The names of all attributes that are null."""
    if isinstance(body, list):
        for item in body:
            yield from nulls(item)
    elif isinstance(body, dict):
        for name, value in body.items():
            yield from [name] if value is None else nulls(value)


def test_every_exchange_of_chargebees_sdk_is_as_described(by_sdk: SdkWalk) -> None:
    by_sdk.at.witness.swear()


def test_every_exchange_of_pipedrives_npm_client_is_as_described(by_npm: NpmWalk) -> None:
    by_npm.at.witness.swear()


def test_every_endpoint_of_chargebee_is_walked(by_sdk: SdkWalk) -> None:
    assert_all_walked(by_sdk.at, "chargebee")


def test_every_endpoint_of_pipedrive_is_walked(by_npm: NpmWalk) -> None:
    assert_all_walked(by_npm.at, "pipedrive")


def assert_all_walked(at: Served, service: Service) -> None:
    """By the official client, but for the named exceptions, which are walked all the same."""
    found = {call: accepted(at, call) for call in calls(at, service)}
    exceptions = {call for call in BY_PLAIN_HTTP if call[0] == service}
    assert {call for call in found if not found[call]} == set()
    assert {call for call in found if not clients(found[call])} == exceptions


def test_every_parameter_of_every_get_of_pipedrive_is_asked_with(by_npm: NpmWalk) -> None:
    missing: dict[Any, set[str]] = {}
    for call in calls(by_npm.at, "pipedrive"):
        asked = {name for each in accepted(by_npm.at, call) for name, _ in each.query}
        left = set(described(call).query_types) - asked
        missing |= {call: left} if left else {}
    assert missing == NOT_SIMULATED


def test_the_page_of_endpoints_is_up_to_date(by_sdk: SdkWalk, by_npm: NpmWalk) -> None:
    page = endpoints.page({"chargebee": by_sdk.at, "pipedrive": by_npm.at})
    if os.environ.get("CHARGEPIPE_WRITE_DOCS"):
        endpoints.PAGE.write_text(page)
    assert endpoints.PAGE.read_text() == page, "set CHARGEPIPE_WRITE_DOCS=1 to write it anew"
