"""Bodies that are JSON for Python, but for nobody else, or that are traps."""

from typing import Any

import httpx2
import pytest

from chargepipe.sandbox.messages import DEEPEST, read_json
from sandbox.line import Line

CALL = "http://127.0.0.1:8801/_sandbox/call"
TRAPS = {
    "half a pair": (b'{"name": "\\ud800"}', "half surrogate pairs"),
    "half a pair as a key": (b'{"\\udfff": 1}', "half surrogate pairs"),
    "half a pair deep inside": (b'{"name": {"a": [{"b": "x\\uD83D"}]}}', "half surrogate pairs"),
    "a bomb of lists": (b'{"name": ' + b"[" * 100_000, "levels deep"),
    "a bomb of objects": (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, "levels deep"),
    "too deep": (b"[" * 60 + b"]" * 60, "levels deep"),
    "no number": (b'{"name": NaN}', "NaN or Infinity"),
    "no end": (b'{"name": -Infinity}', "NaN or Infinity"),
    "too large a number": (b'{"name": 1e999}', "NaN or Infinity"),
    "too long a number": (b'{"name": ' + b"1" * 5000 + b"}", "must be JSON"),
    "no JSON": (b'{"name": ', "must be JSON"),
    "no UTF-8": (b'{"name": "\xff"}', "must be JSON"),
    "UTF-16": ('{"name": "x"}'.encode("utf-16-le"), "must be JSON"),
}


@pytest.fixture
def line() -> Line:
    return Line(customers=5)


def send(line: Line, method: str, path: str, content: bytes) -> httpx2.Response:
    headers = {"x-api-token": line.sandbox.pipedrive_token, "content-type": "application/json"}
    return line.send("pipedrive", method, path, content=content, headers=headers)


@pytest.mark.parametrize("name", list(TRAPS))
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/v2/persons"),
        ("PATCH", "/api/v2/persons/1"),
        ("POST", "/api/v2/personFields"),
        ("POST", "/api/v2/deals/1/products"),
        ("POST", "/api/v1/webhooks"),
    ],
)
def test_pipedrive_refuses_a_trap_and_lists_go_on(
    line: Line, name: str, method: str, path: str
) -> None:
    content, words = TRAPS[name]
    answer = send(line, method, path, content)
    assert (answer.status_code, words in answer.text) == (400, True), answer.text
    assert line.crm("GET", "/persons", limit=500).status_code == 200
    assert line.crm("GET", "/personFields").status_code == 200


@pytest.mark.parametrize("name", list(TRAPS))
def test_options_of_a_field_are_read_the_same_way(line: Line, name: str) -> None:
    field = line.sandbox.crm.add_field(
        "person", field_name="Tier", field_type="enum", options=[{"label": "Gold"}]
    )
    path = f"/api/v2/personFields/{field['field_code']}/options"
    content, words = TRAPS[name]
    answer = send(line, "POST", path, content)
    assert (answer.status_code, words in answer.text) == (400, True), answer.text


@pytest.mark.parametrize("name", list(TRAPS))
def test_the_control_path_refuses_a_trap_in_words(line: Line, name: str) -> None:
    content, words = TRAPS[name]
    call = b'{"target":"billing","method":"add_customer","args":' + content + b"}"
    headers = {"content-type": "application/json"}
    answer = line.send("chargebee", "POST", CALL, content=call, headers=headers)
    said = answer.json()["error"]
    assert answer.status_code == 400
    assert said.startswith("the body must")
    assert words in said or words != "levels deep"
    assert line.billing("/customers").status_code == 200


@pytest.mark.parametrize(
    "params",
    [
        {"id[in]": "[" * 5_000},
        {"id[in]": '["\\ud800"]'},
        {"offset": "[" * 5_000},
        {"limit": "1" * 5_000},
        {"created_at[after]": "1" * 5_000},
    ],
)
def test_chargebee_refuses_traps_in_the_query(line: Line, params: dict[str, Any]) -> None:
    answer = line.send("chargebee", "GET", "/api/v2/customers", params=params)
    assert (answer.status_code, answer.json()["api_error_code"]) == (400, "param_wrong_value")


@pytest.mark.parametrize("path", ["/customers/cust_", "/subscriptions/sub_", "/invoices/INV-"])
def test_an_id_of_very_many_digits_is_not_found(line: Line, path: str) -> None:
    assert line.billing(path + "1" * 5_000).status_code == 404


def test_numbers_of_very_many_digits_are_refused_by_pipedrive(line: Line) -> None:
    long = "1" * 5_000
    assert line.crm("GET", f"/persons/{long}").status_code == 400
    assert line.crm("GET", "/persons", limit=long).status_code == 400
    answer = line.send("pipedrive", "DELETE", f"/api/v1/webhooks/{long}")
    assert answer.status_code == 404


def test_good_json_is_read_as_it_is() -> None:
    value = {"a": [1, 2.5, None, True, "ä😀"], "b": {}}
    assert read_json(b'{"a":[1,2.5,null,true,"\xc3\xa4\\ud83d\\ude00"],"b":{}}') == value
    deep = "[" * DEEPEST + "]" * DEEPEST
    assert read_json(deep) is not None
    with pytest.raises(ValueError, match="levels deep"):
        read_json(f"[[{deep}]]")
