import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from chargepipe.config import logs


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**before)


def fail_with_a_secret() -> None:
    secret = "hunter2"
    raise ValueError("no value", len(secret))


def logged(form: str, level: int, capsys: pytest.CaptureFixture[str]) -> str:
    logs.configure(form, level)
    log = structlog.stdlib.get_logger("chargepipe.sync")
    log.info("run done", run=7)
    try:
        fail_with_a_secret()
    except ValueError:
        log.exception("run failed", run=8)
    return capsys.readouterr().err


def test_json_is_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = map(json.loads, logged("json", logging.INFO, capsys).splitlines())
    assert (first["event"], first["run"], first["level"]) == ("run done", 7, "info")
    assert "fail_with_a_secret" in second["exception"]


@pytest.mark.parametrize("form", ["json", "console"])
def test_a_traceback_shows_no_local_variable(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = logged(form, logging.WARNING, capsys)
    assert "fail_with_a_secret" in text
    assert "'hunter2'" not in text


def test_a_command_hears_warnings_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert "run done" not in logged("console", logging.WARNING, capsys)


def test_libraries_are_heard_from_warnings_on(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("json", logging.INFO)
    logging.getLogger("some.library").info("chatter")
    logging.getLogger("some.library").warning("trouble")
    assert [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()] == [
        "trouble"
    ]


def test_another_form_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="json or console"):
        logs.configure("xml")
