"""The page on which a user lets an app in, as plain HTML without scripts."""

from collections.abc import Sequence
from html import escape

from ..edge import HTML
from ..messages import Answer

_HEADERS = (
    ("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'"),
    ("x-frame-options", "DENY"),
    ("cache-control", "no-store"),
)
_STYLE = "body{font:16px system-ui;max-width:32rem;margin:4rem auto;padding:0 1rem}"


def consent(app: str, scopes: Sequence[str], fields: dict[str, str]) -> Answer:
    """Ask for consent; `fields` come back with the decision ("allow" or "deny")."""
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in fields.items()
    )
    listed = "".join(f"<li><code>{escape(scope)}</code></li>" for scope in scopes)
    return _page(
        f"Install {app}?",
        f"<p>{escape(app)} asks for access to this simulated Pipedrive account:</p>"
        f"<ul>{listed}</ul>"
        f'<form method="post" action="/oauth/authorize">{hidden}'
        '<button name="decision" value="allow">Allow and install</button> '
        '<button name="decision" value="deny">Cancel</button></form>',
    )


def refusal(status: int, words: str) -> Answer:
    """Say why nobody is asked, and redirect nowhere."""
    return _page("Not possible", f"<p>{escape(words)}</p>", status)


def _page(title: str, content: str, status: int = 200) -> Answer:
    text = (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n"
        f"<body><h1>{escape(title)}</h1>{content}</body></html>\n"
    )
    return Answer(status, text, _HEADERS, HTML)
