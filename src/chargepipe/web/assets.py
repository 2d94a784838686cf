"""Static files by an address that changes with their content, so that browsers may keep them."""

import hashlib
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage


class Assets(StaticFilesStorage):
    """Addresses end in a mark of the file's content."""

    def url(self, name: str | None) -> str:
        """The address of a static file."""
        return f"{super().url(name)}?v={_mark(name or '')}"


@cache
def _mark(name: str) -> str:
    found = finders.find(name)
    return hashlib.sha256(Path(found).read_bytes()).hexdigest()[:12] if found else ""
