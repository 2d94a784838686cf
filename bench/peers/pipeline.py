"""A Singer tap and a naive loader: what the tap tells of customers is searched for and written.

    python pipeline.py STATE.json

The state of the tap is kept there, so that a second run asks for news alone.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import requests

TAP = Path(__file__).with_name("tap.py")
CRM = requests.Session()
CRM.headers["x-api-token"] = os.environ["PIPEDRIVE_API_TOKEN"]


def main(kept: Path) -> None:
    """Run the tap and load each record as it comes."""
    mark = mark_field()
    with tempfile.TemporaryDirectory() as home:
        catalog = Path(home) / "catalog.json"
        catalog.write_text(json.dumps(customers_alone()))
        state = [str(kept)] if kept.exists() else []
        tap = subprocess.Popen(
            [sys.executable, str(TAP), str(catalog), *state], stdout=subprocess.PIPE, text=True
        )
        assert tap.stdout is not None
        for line in tap.stdout:
            message = json.loads(line)
            if message["type"] == "RECORD" and message["record"].get("email"):
                load(message["record"], mark)
            elif message["type"] == "STATE":
                kept.write_text(json.dumps(message["value"]))
        if tap.wait():
            sys.exit(tap.returncode)


def customers_alone() -> dict[str, Any]:
    """The tap's catalog with one stream selected."""
    found = json.loads(subprocess.check_output([sys.executable, str(TAP), "--discover"]))
    (stream,) = (each for each in found["streams"] if each["tap_stream_id"] == "customers")
    for part in stream["metadata"]:
        part["metadata"]["selected"] = True
    return {"streams": [stream]}


def load(customer: dict[str, Any], mark: str) -> None:
    """Search the person by email, then write it."""
    term = customer["email"].strip()
    ask = {"term": term, "fields": "email", "exact_match": "true", "limit": 1}
    items = call("GET", "persons/search", params=ask)["items"]
    name = f"{customer.get('first_name') or ''} {customer.get('last_name') or ''}".strip()
    body: dict[str, Any] = {
        "name": name or term,
        "emails": [{"value": term, "primary": True, "label": "work"}],
        "custom_fields": {mark: customer["id"]},
    }
    if customer.get("phone"):
        body["phones"] = [{"value": customer["phone"], "primary": True, "label": "work"}]
    if items:
        call("PATCH", f"persons/{items[0]['item']['id']}", json=body)
    else:
        call("POST", "persons", json=body)


def mark_field() -> str:
    """The field that holds the customer's id; made where it is not there."""
    name = "CB Customer ID"
    for field in call("GET", "personFields", params={"limit": 500}):
        if field["field_name"] == name:
            return field["field_code"]
    made = call("POST", "personFields", json={"field_name": name, "field_type": "varchar"})
    return made["field_code"]


def call(method: str, path: str, **more: Any) -> Any:
    """One call; after too many it waits as long as the answer says."""
    while True:
        answer = CRM.request(
            method, f"{os.environ['PIPEDRIVE_URL']}/api/v2/{path}", timeout=60, **more
        )
        if answer.status_code != 429:
            answer.raise_for_status()
            return answer.json()["data"]
        time.sleep(max(0.1, float(answer.headers.get("x-ratelimit-reset", 1))))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
