"""Every bad input ends in one line on stderr, the right exit status, and nothing stored."""

import contextlib
import json
import sqlite3
from collections.abc import Callable
from typing import Any

import pytest
from command_line import RUN, Cli, Services

from chargepipe.sandbox import Fault
from served import free_port

NO_SITE = {"message": "Site not found", "api_error_code": "site_not_found"}
NO_RIGHT = {"message": "Not allowed", "api_error_code": "api_authorization_failed"}


def answers(status: int, body: Any, path: str = "", service: Any = "chargebee") -> Fault:
    text, kind = (
        (body, "text/html") if isinstance(body, str) else (json.dumps(body), "application/json")
    )
    return Fault(
        service=service, path=path, status=status, body=text, content_type=kind, times=None
    )


def apply(cli: Cli, text: str, **env: str) -> Any:
    return cli("connection", "apply", "-", "--yes", stdin=text, **env)


REFUSED: dict[str, tuple[Callable[[Any], None], str]] = {
    "an unknown site": (lambda s: s.faults.add(answers(404, NO_SITE)), "no site of this name"),
    "a Chargebee key without rights": (
        lambda s: s.faults.add(answers(403, NO_RIGHT, "/customers")),
        "Read-only: All",
    ),
    "a Pipedrive user who is no admin": (
        lambda s: s.crm.me.update(access=[{"app": "sales", "admin": False}]),
        "is no admin",
    ),
    "HTML for JSON": (
        lambda s: s.faults.add(answers(200, "<html>Hello</html>")),
        "not the API of Chargebee",
    ),
    "HTML for JSON of Pipedrive": (
        lambda s: s.faults.add(answers(200, "<html>Hello</html>", service="pipedrive")),
        "not the API of Pipedrive",
    ),
    "a configuration that is empty": (
        lambda s: s.faults.add(answers(200, {"configurations": []})),
        "configurations",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_service_that_refuses_ends_apply_with_one_and_stores_nothing(
    case: str, cli: Cli, services: Services
) -> None:
    spoil, words = REFUSED[case]
    spoil(services.sandbox)
    result = apply(cli, services.text())
    assert words in result.line
    assert result.status == 1
    assert (cli.rows("connection"), cli.rows("account")) == (0, 0)


@pytest.mark.parametrize("secret", ["CHARGEBEE_API_KEY", "PIPEDRIVE_API_TOKEN"])
def test_a_wrong_secret_is_named_by_its_service_and_never_shown(
    secret: str, cli: Cli, services: Services
) -> None:
    result = apply(cli, services.text(), **{secret: "not-the-secret"})
    service = "Chargebee" if secret.startswith("CHARGEBEE") else "Pipedrive"
    assert f"connect {service} again" in result.line
    assert "not-the-secret" not in result.out + result.err
    assert (result.status, cli.rows("connection")) == (1, 0)


def test_a_service_that_cannot_be_reached_is_said_in_one_line(cli: Cli, services: Services) -> None:
    text = services.text().replace(services.pipedrive, f"http://127.0.0.1:{free_port()}")
    result = apply(cli, text)
    assert "Pipedrive" in result.line
    assert (result.status, cli.rows("connection")) == (1, 0)


def test_a_secret_that_is_not_set_is_wrong_use(cli: Cli, services: Services) -> None:
    result = apply(cli, services.text(), PIPEDRIVE_API_TOKEN="")
    assert "PIPEDRIVE_API_TOKEN is not set" in result.line
    assert (result.status, cli.rows("connection")) == (2, 0)


WRONG_FILES = {
    "an unknown key": ("[settings]", "[settings]\norganisations = true", "did you mean"),
    "a wrong type": ("organizations = true", 'organizations = "yes"', "true or false"),
    "a literal secret": ('"env:CHARGEBEE_API_KEY"', '"live_abc"', "api_key"),
    "an impossible mixture": (
        "organizations = true",
        'subscription_data = "organization"',
        "needs organizations = true",
    ),
    "a missing part": ('site = "sandbox-test"\n', "", "is missing"),
    "a broken file": ("[settings]", "[settings", "not TOML"),
    "an address that is not safe": ("http://127.0.0.1", "http://example.com", "url"),
    "a name with blanks": ('name = "acme"', 'name = "a b"', "without blanks"),
    "a wrong interval": ("[settings]", '[schedule]\nevery = "often"\n[settings]', "every"),
}


@pytest.mark.parametrize("case", WRONG_FILES)
def test_a_wrong_file_names_file_and_line_and_stores_nothing(
    case: str, cli: Cli, services: Services
) -> None:
    right, wrong, words = WRONG_FILES[case]
    file = cli.home.parent / "acme.toml"
    file.write_text(services.text().replace(right, wrong))
    result = cli("connection", "apply", str(file), "--yes")
    lines = result.err.splitlines()
    assert result.status == 2
    assert lines
    assert all(line.startswith(f"{file}: line ") for line in lines)
    assert words in result.err
    assert "live_abc" not in result.err
    assert cli.rows("connection") == 0
    assert not services.sandbox.requests


def test_every_mistake_of_a_file_is_told_at_once(cli: Cli, services: Services) -> None:
    wrong = services.text(more='organizations = 1\nbudget_share = 7\nowner = "me"')
    result = apply(cli, wrong)
    assert len(result.err.splitlines()) == 3
    assert all(key in result.err for key in ("organizations", "budget_share", "owner"))


@pytest.mark.parametrize(("name", "words"), [("missing.toml", "No such file"), (".", "directory")])
def test_a_file_that_cannot_be_read_is_wrong_use(name: str, words: str, cli: Cli) -> None:
    result = cli("connection", "apply", name)
    assert result.status == 2
    assert words in result.line


def test_bytes_that_are_no_text_are_refused(cli: Cli) -> None:
    file = cli.home.parent / "acme.toml"
    file.write_bytes(b"\xff\xfe\x00")
    result = cli("connection", "apply", str(file))
    assert (result.status, "UTF-8" in result.line) == (2, True)


def test_without_a_terminal_apply_asks_nobody_and_stores_nothing(
    cli: Cli, services: Services
) -> None:
    result = cli("connection", "apply", "-", stdin=services.text())
    assert "--yes" in result.line
    assert "New connection acme" in result.out
    assert (result.status, cli.rows("connection"), cli.rows("account")) == (4, 0, 0)


@pytest.mark.parametrize(
    "words",
    [
        *(["validate", "acme"], ["preview", "acme"], ["trial", "acme"], ["full", "acme"]),
        *(["sync", "acme"], ["errors", "acme"], ["errors", "retry", "acme", "--all"]),
        *(["runs", "acme"], ["record", "acme", "x"], ["schedule", "acme", "off"]),
        *(["connection", "export", "acme"], ["connection", "unlink", "acme"]),
    ],
)
def test_an_unknown_connection_is_refused_with_the_names_that_there_are(
    words: list[str], cli: Cli
) -> None:
    result = cli(*words)
    assert result.line == 'There is no connection "acme". Connections: none yet.'
    assert (result.status, result.out) == (2, "")


@pytest.mark.parametrize("word", ["show", "approve", "cancel", "pause", "resume"])
def test_an_unknown_run_is_refused(word: str, cli: Cli) -> None:
    result = cli("run", word, "7")
    assert (result.status, result.line) == (
        2,
        "There is no run 7. See: chargepipe runs NAME",
    )


WRONG_ENVIRONMENTS = {
    "CHARGEPIPE_SETTLE_SECONDS": ("soon", 2),
    "CHARGEPIPE_LOG": ("loud", 2),
    "DATABASE_URL": ("elsewhere", 2),
    "CHARGEPIPE_HOME": ("/dev/null/home", 1),
}


@pytest.mark.parametrize("name", WRONG_ENVIRONMENTS)
def test_a_wrong_environment_is_one_line(name: str, cli: Cli) -> None:
    value, status = WRONG_ENVIRONMENTS[name]
    cli.code = RUN
    result = cli("connection", "list", **{name: value})
    assert result.line
    assert result.status == status


def test_a_file_in_place_of_the_database_is_one_line(fresh_cli: Cli) -> None:
    fresh_cli.home.mkdir(mode=0o700)
    (fresh_cli.home / "chargepipe.sqlite3").write_text("this is no database" * 100)
    result = fresh_cli("connection", "list")
    assert (result.status, "database" in result.line) == (1, True)


def test_lost_keys_are_said_and_applying_again_mends_them(cli: Cli, services: Services) -> None:
    apply(cli, services.text())
    (cli.home / "keys").unlink()
    lost = cli("validate", "acme")
    assert (lost.status, "CHARGEPIPE_KEYS" in lost.line) == (1, True)
    assert cli("connection", "list").status == 0
    assert apply(cli, services.text()).status == 0
    assert cli("validate", "acme", "--json").json["state"] == "done"


def test_tables_of_a_newer_version_are_refused_and_the_doctor_says_so(cli: Cli) -> None:
    with contextlib.closing(sqlite3.connect(cli.home / "chargepipe.sqlite3")) as store:
        store.execute(
            "INSERT INTO django_migrations (app, name, applied) "
            "VALUES ('chargepipe_store', '9999_later', '2036-01-01')"
        )
        store.commit()
    refused = cli("connection", "list")
    assert (refused.status, "newer chargepipe (9999_later)" in refused.line) == (1, True)
    told = cli("doctor", "--json")
    checks = {check["name"]: check["state"] for check in told.json["checks"]}
    assert (told.status, told.json["state"], checks["database"]) == (1, "fail", "fail")
