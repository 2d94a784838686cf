"""The page's files as they are served."""

import re
from importlib.resources import files
from typing import Literal

import pytest

from chargepipe.sandbox.allowed import ALLOWED
from chargepipe.sandbox.pipedrive.attributes import KINDS
from sandbox.line import Line

FILES = sorted(each.name for each in (files("chargepipe.sandbox") / "page").iterdir())


@pytest.fixture(scope="module")
def line() -> Line:
    return Line(customers=5)


def test_both_ports_serve_the_same_page(line: Line) -> None:
    url = "http://127.0.0.1/_sandbox/"
    pages = [line.send(service, "GET", url, headers={}) for service in ("chargebee", "pipedrive")]
    assert pages[0].text == pages[1].text
    assert pages[0].headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("name", FILES)
def test_every_file_is_served_under_the_strict_policy(line: Line, name: str) -> None:
    answer = line.send("chargebee", "GET", f"http://127.0.0.1/_sandbox/{name}", headers={})
    kinds = {"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg"}
    policy = answer.headers["content-security-policy"]
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(kinds[name.rpartition(".")[2]])
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    ("service", "path", "place"),
    [
        ("chargebee", "/d/customers/eu%2Fcust_1", "customer/eu%2Fcust_1"),
        ("chargebee", "/d/subscriptions/sub_1", "subscription/sub_1"),
        ("chargebee", "/d/invoices/7", "invoice/7"),
        ("pipedrive", "/person/20", "person/20"),
        ("pipedrive", "/organization/3", "organization/3"),
        ("pipedrive", "/deal/4", "deal/4"),
    ],
)
def test_a_records_own_page_is_a_place_on_this_one(
    line: Line, service: Literal["chargebee", "pipedrive"], path: str, place: str
) -> None:
    answer = line.send(service, "GET", f"http://127.0.0.1{path}", headers={})
    assert (answer.status_code, answer.headers["location"]) == (302, f"/_sandbox/#{place}")
    assert not line.sandbox.requests


@pytest.mark.parametrize(
    "path", ["/person/x", "/person/2/notes", "/d/customers/a/b", "/d/quotes/1"]
)
def test_no_other_address_leads_to_the_page(line: Line, path: str) -> None:
    service: Literal["chargebee", "pipedrive"] = "chargebee" if "/d/" in path else "pipedrive"
    assert line.send(service, "GET", path).status_code in (401, 404)


@pytest.mark.parametrize("name", ["../control.py", "%2e%2e/control.py", "page.css/", "none.js"])
def test_only_the_files_of_the_page_are_served(line: Line, name: str) -> None:
    answer = line.send("chargebee", "GET", f"http://127.0.0.1/_sandbox/{name}", headers={})
    assert answer.status_code in (401, 404)


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith((".js", ".html"))])
def test_no_data_can_become_markup_or_code(name: str) -> None:
    text = (files("chargepipe.sandbox") / "page" / name).read_text("utf-8")
    wrong = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|style="
    assert not re.search(wrong, text)
    assert not re.search(r"https?://(?!www\.w3\.org)", text)
    assert not re.search(r"<script(?![^>]* src=)", text)


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".js")])
def test_modules_are_short(name: str) -> None:
    text = (files("chargepipe.sandbox") / "page" / name).read_text("utf-8")
    assert text.count("\n") < 150


def test_every_button_makes_a_call_that_is_allowed() -> None:
    targets = "|".join(ALLOWED)
    named = re.compile(f'"({targets})", ' + r'["`]([\w${}]+)["`], (?:\{|args|given)')
    texts = [(files("chargepipe.sandbox") / "page" / name).read_text("utf-8") for name in FILES]
    calls = {call for text in texts for call in named.findall(text)}
    assert len(calls) > 40
    for target, method in calls:
        for kind in KINDS:
            assert method.replace("${kind}", kind) in ALLOWED[target], (target, method)
