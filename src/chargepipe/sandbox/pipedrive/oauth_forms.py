"""What an app sends to the OAuth server: a form, with its credentials (fact sheet 7)."""

from base64 import b64decode
from urllib.parse import parse_qsl

from ..messages import Answer, Refused, Request

_KIND = "application/x-www-form-urlencoded"


def wrong(error: str, message: str) -> Refused:
    """A refusal in the server's shape; all of them come with 400."""
    return Refused(Answer(400, {"success": False, "message": message, "error": error}))


def read_form(request: Request) -> dict[str, str]:
    """The body of a request. Raises Refused where it is no form."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _KIND:
        raise wrong("invalid_request", f"Invalid request: content must be {_KIND}")
    return dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))


def credentials(request: Request, form: dict[str, str]) -> str:
    """``id:secret`` by HTTP Basic, or out of the form. Raises Refused where there is neither."""
    scheme, _, held = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            return b64decode(held, validate=True).decode()
        except ValueError:
            pass
    elif "client_id" in form and "client_secret" in form:
        return f"{form['client_id']}:{form['client_secret']}"
    raise wrong("invalid_client", "Invalid client: cannot retrieve client credentials")
