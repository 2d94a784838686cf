"""Webhook endpoints of Chargebee: who may make them, how many, and what they look like."""

from typing import Any

import pytest

from sandbox.hook_line import HERE, HookLine
from sandbox.line import code


@pytest.fixture
def line() -> HookLine:
    return HookLine()


def test_an_endpoint_is_made_read_changed_and_deleted(line: HookLine) -> None:
    made = line.add_hook(enabled_events=["customer_changed", "customer_created"])
    assert made["enabled_events"] == ["customer_changed", "customer_created"]
    assert (made["url"], made["disabled"], made["api_version"]) == (HERE, False, "v2")
    one = f"/webhook_endpoints/{made['id']}"
    changed = line.post(one, disabled=True, name="there").json()["webhook_endpoint"]
    assert changed == made | {"disabled": True, "name": "there"}
    assert line.billing(one).json()["webhook_endpoint"] == changed
    assert line.billing("/webhook_endpoints").json() == {"list": [{"webhook_endpoint": changed}]}
    assert line.sandbox.chargebee_hooks.rows() == [changed]
    assert line.post(one + "/delete").json()["webhook_endpoint"] == changed
    assert line.billing("/webhook_endpoints").json() == {"list": []}
    assert code(line.billing(one)) == (404, "resource_not_found")
    assert code(line.post(one + "/delete")) == (404, "resource_not_found")


def test_only_the_full_access_key_may_write(line: HookLine) -> None:
    key = line.sandbox.chargebee_key
    made = line.add_hook()
    for path in ("/webhook_endpoints", f"/webhook_endpoints/{made['id']}", "/customers"):
        refused = line.post(path, key=key, name="x", url=HERE)
        assert code(refused) == (403, "api_authorization_failed")
    assert line.billing("/webhook_endpoints").status_code == 200
    assert len(line.sandbox.chargebee_hooks.rows()) == 1


def test_a_site_has_five_endpoints_at_most(line: HookLine) -> None:
    for number in range(5):
        line.add_hook(name=f"hook {number}")
    sixth = line.post("/webhook_endpoints", name="six", url=HERE)
    assert code(sixth) == (400, "resource_limit_exhausted")


@pytest.mark.parametrize(
    ("form", "param"),
    [
        ({"url": "https://crm.example/hook"}, "url"),
        ({"url": "http://10.1.2.3/hook"}, "url"),
        ({"url": ""}, "url"),
        ({"name": ""}, "name"),
        ({"api_version": "v3"}, "api_version"),
        ({"disabled": "maybe"}, "disabled"),
        ({"chargebee_response_schema_type": "both"}, "chargebee_response_schema_type"),
        ({"enabled_events": ["Customer Changed"]}, "enabled_events"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_an_endpoint_that_cannot_be_is_refused_by_name(
    line: HookLine, form: dict[str, Any], param: str
) -> None:
    answer = line.post("/webhook_endpoints", **({"name": "here", "url": HERE} | form))
    assert code(answer) == (400, "param_wrong_value")
    assert answer.json()["param"] == param
    assert line.sandbox.chargebee_hooks.rows() == []


def test_the_answer_to_an_address_elsewhere_says_why(line: HookLine) -> None:
    answer = line.post("/webhook_endpoints", name="x", url="https://crm.example/hook")
    assert "this machine" in answer.json()["message"]


def test_a_body_that_is_no_form_is_refused(line: HookLine) -> None:
    auth = (line.sandbox.chargebee_full_key, "")
    answer = line.send(
        "chargebee", "POST", "/api/v2/webhook_endpoints", json={"name": "x"}, auth=auth
    )
    assert code(answer) == (400, "invalid_request")


def test_one_endpoint_at_a_time_is_the_primary_one(line: HookLine) -> None:
    first = line.add_hook(primary_url=True)
    second = line.add_hook(primary_url=True)
    rows = {row["id"]: row["primary_url"] for row in line.sandbox.chargebee_hooks.rows()}
    assert rows == {first["id"]: False, second["id"]: True}


def test_no_answer_tells_the_password(line: HookLine) -> None:
    line.add_hook(basic_auth_username="ada", basic_auth_password="geheim")
    assert "geheim" not in line.billing("/webhook_endpoints").text
    endpoint = line.sandbox.chargebee_hooks.find("whv2_00000001")
    assert "geheim" not in repr(endpoint)
