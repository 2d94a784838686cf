"""What is set up once serves many: each goes on in a copy of this process, with a copy of the disk.

A set-up that takes long, such as a world after its first sync, need not be made anew for each
point at which a process may die.
"""

import gc
import os
import pickle
import shutil
import tempfile
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn, ParamSpec, TypeVar

from django.db import connection

from postgres import copy_of

Given = ParamSpec("Given")
Result = TypeVar("Result")


def apart(work: Callable[Given, Result], *args: Given.args, **named: Given.kwargs) -> Result:
    """Do some work in a copy of the world; its result, or the failure that it met there.

    This process, its objects and its database stay as they are. No transaction may be open, and
    the result has to be plain data.
    """
    connection.close()  # a connection does not outlive a fork
    with _copied_store() as copied:
        reader, writer = os.pipe()
        if not _fork():
            os.close(reader)
            _in_the_copy(copied, writer, lambda: work(*args, **named))
        os.close(writer)
        with open(reader, "rb") as told:
            answer = told.read()
        os.wait()
    assert answer, "the copy died without a word"
    result, failure = pickle.loads(answer)
    assert failure is None, f"In a copy of this process:\n{failure}"
    return result


@contextmanager
def _copied_store() -> Iterator[str]:
    """The name of a copy of the database."""
    if connection.vendor == "postgresql":
        with copy_of(connection.settings_dict) as copied:
            yield copied
        return
    with tempfile.TemporaryDirectory(dir=os.environ["CHARGEPIPE_HOME"]) as folder:
        yield shutil.copy(connection.settings_dict["NAME"], folder)


def _fork() -> int:
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        return os.fork()  # the other threads are those of the test runner, and stay behind


def _in_the_copy(copied: str, writer: int, work: Callable[[], Any]) -> NoReturn:
    gc.freeze()  # what was copied is not looked through again
    try:
        connection.settings_dict["NAME"] = copied
        told = work(), None
    except BaseException:
        told = None, traceback.format_exc()
    os.write(writer, pickle.dumps(told))
    os._exit(0)  # nothing of the test runner is ended twice
