"""Debian's Chromium, without a window."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, expect, sync_playwright

from browser.playing import PATIENCE

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser")
"""Its commands, the cheapest first: the shell draws no windows."""
ARGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]


def command() -> str | None:
    """Where it is; None where it is not installed."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def launched() -> Iterator[Browser]:
    """A browser that is patient with a busy machine; it ends with the block."""
    expect.set_options(timeout=1000 * PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=command(), args=ARGS)
        yield browser
        browser.close()
