"""The files of the page, as they are in the package."""

from functools import cache
from importlib.resources import files

from .messages import Answer

_KINDS = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
    )
)
"""The page runs its own files alone, and no text becomes code or markup."""


def page_file(name: str) -> Answer | None:
    """A file of the page by its name, "" for the page itself; None where there is none."""
    name = name or "index.html"
    text = _texts().get(name)
    if text is None:
        return None
    return Answer(200, text, (("content-security-policy", POLICY),), _KINDS[_ending(name)])


@cache
def _texts() -> dict[str, str]:
    """Text by file name; only what lies in the folder can be asked for."""
    folder = files(__package__ or "") / "page"
    known = (each for each in folder.iterdir() if _ending(each.name) in _KINDS)
    return {each.name: each.read_text("utf-8") for each in known}


def _ending(name: str) -> str:
    return name.rpartition(".")[2]
