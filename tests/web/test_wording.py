"""Pages say nothing for the terminal: of every text of ours that may come to one."""

import ast
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from chargepipe.domain.codes import CODES
from chargepipe.web.settings.words import told
from chargepipe.web.wording import for_pages

TERMINAL = re.compile(r"chargepipe (?:\w+ )?(?:errors|run|full|sync|preview|connection)\b|--\w")
HERE = Path(str(files("chargepipe")))
ROOMS = ("accounts", "actions", "domain", "engine", "sync")
FOR_THE_TERMINAL = ("probe", "doctor.py", "backup.py", "restore.py", "connect.py", "connections.py")
"""What only commands show: the words of doctor, of backups and of files."""


def texts() -> Iterator[str]:
    """Every text that names a command, with "x" for what is filled in."""
    for path in (path for room in ROOMS for path in sorted((HERE / room).rglob("*.py"))):
        if not set(path.parts) & set(FOR_THE_TERMINAL):
            for text in whole(ast.parse(path.read_text())):
                if " " in text and TERMINAL.search(text) and not text.startswith("chargepipe"):
                    yield text


def whole(node: ast.AST) -> Iterator[str]:
    """The texts below a node but for docstrings and the parts of longer texts."""
    if isinstance(node, ast.JoinedStr | ast.Constant):
        yield joined(node)
    elif not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Constant):
        for inner in ast.iter_child_nodes(node):
            yield from whole(inner)


def joined(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(joined(part) or "x" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


@pytest.mark.parametrize("text", sorted(set(texts())))
def test_no_command_comes_to_a_page(text: str) -> None:
    shown = for_pages(text)
    assert not TERMINAL.search(shown)
    assert shown[-1:] not in (",", ";", ":")


def test_there_are_such_texts() -> None:
    assert len(set(texts())) > 10


@pytest.mark.parametrize("todo", [code.todo for code in CODES.values()])
def test_no_name_of_the_file_stands_in_what_to_do(todo: str) -> None:
    assert not re.search(r"[a-z]_[a-z]|=|errors decide", for_pages(todo))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "Run 16 of acme (full) is waiting; wait for it, or end it: chargepipe run cancel 16",
            "Run 16 of acme (full) is waiting; wait for it, or cancel it on its page",
        ),
        (
            "acme has had no full sync yet. Run: chargepipe full acme",
            "acme has had no full sync yet.",
        ),
        (
            "Duplicates: 3 people; see them: chargepipe duplicates eu.acme. Then more.",
            "Duplicates: 3 people. Then more.",
        ),
        (
            "Look at the account's custom fields: chargepipe doctor; then retry.",
            "Look at the account's custom fields; then retry.",
        ),
        (
            "Chargebee answered GET /api/v2/configurations with 401 api_authentication_failed. "
            "The key is not valid, or not any more: connect Chargebee again.",
            "Chargebee does not accept this key: it is wrong, no longer valid, or of another "
            "account. Copy it again and connect. (Chargebee said: 401 api_authentication_failed.)",
        ),
        (
            "Chargebee answered GET /api/v2/configurations with 401 api_authentication_failed "
            '"Sorry, authentication failed. Invalid api key". '
            "The key is not valid, or not any more: connect Chargebee again.",
            "Chargebee does not accept this key: it is wrong, no longer valid, or of another "
            "account. Copy it again and connect. (Chargebee said: 401 api_authentication_failed "
            '"Sorry, authentication failed. Invalid api key".)',
        ),
        (
            "chargepipe keeps both in sync. (A sentence.)",
            "chargepipe keeps both in sync. (A sentence.)",
        ),
    ],
)
def test_a_clause_goes_with_its_command_and_nothing_else(text: str, shown: str) -> None:
    assert for_pages(text) == shown


def test_differences_of_settings_are_told_by_their_labels() -> None:
    differences = (
        ("settings.subscription_deals.enabled", False, True),
        ("settings.subscription_deals.status.active.stage", None, "Won"),
        ("settings.shared_keys", "overwrite", "fail"),
        ("settings.extras", [], ["link", "overdue"]),
        ("brake.share_of_people", 0.3, 0.5),
        ("settings.additional_fields", [], [{"from": "customer.cf_tier", "to": "person.Tier"}]),
    )
    assert list(told(differences)) == [
        ("Deals from subscriptions: Make these deals", "off", "on"),
        ("Deals from subscriptions: active.stage", "not set", "Won"),
        ("Customers who share a key", "Share one person", "Are an error"),
        ("Extras", "none", "CB Link, Overdue"),
        ("Ask before more than this share of the linked people changes", "30 %", "50 %"),
        ("Additional fields", "none", "from = customer.cf_tier, to = person.Tier"),
    ]
