"""The body of a POST: a form, lists written as ``name[0]=a&name[1]=b``."""

from collections.abc import Iterable
from urllib.parse import parse_qsl

from ..messages import Request
from .errors import refused, wrong

TYPE = "application/x-www-form-urlencoded"


def read_form(request: Request, texts: Iterable[str], lists: Iterable[str] = ()) -> "Form":
    """The body of a call. Raises Refused (400) for what is no form or names anything else."""
    given = request.headers.get("content-type", TYPE)
    if request.body and not given.startswith(TYPE):
        raise refused(400, "invalid_request", f"The body has to be {TYPE}")
    form = Form()
    for name, value in parse_qsl(request.body.decode(errors="replace"), keep_blank_values=True):
        whole, bracket, _ = name.partition("[")
        if bracket and whole in lists:
            form.lists.setdefault(whole, []).append(value)
        elif name in texts:
            form.texts[name] = value
        else:
            raise wrong(name, "is not a parameter of this call")
    return form


class Form:
    """What a form holds: texts by name, lists by name."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.lists: dict[str, list[str]] = {}
