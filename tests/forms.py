"""A form of a page as a browser would send it."""

from html.parser import HTMLParser


class _Fields(HTMLParser):
    """Gathers what is to be sent of one form; what is disabled is not."""

    def __init__(self, form: str) -> None:
        super().__init__()
        self.wanted = form
        self.inside = not form
        self.disabled = 0
        self.select: str | None = None
        self.first = self.chosen = None
        self.sent: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a field, or where one begins."""
        held = dict(attrs)
        name, value = held.get("name"), held.get("value") or ""
        if tag == "form" and self.wanted:
            self.inside = held.get("id") == self.wanted
        if tag == "fieldset" and (self.disabled or "disabled" in held):
            self.disabled += 1
        if not self.inside or self.disabled:
            return
        if tag == "select":
            self.select, self.first, self.chosen = name, None, None
        elif tag == "option" and self.select:
            self.first = value if self.first is None else self.first
            self.chosen = value if "selected" in held else self.chosen
        elif tag == "input" and name:
            kind = held.get("type", "text")
            if kind not in ("checkbox", "radio") or "checked" in held:
                self.sent.append((name, value))

    def handle_endtag(self, tag: str) -> None:
        """Send a select once all of its options are known."""
        if tag == "select" and self.select:
            chosen = self.first if self.chosen is None else self.chosen
            self.sent.append((self.select, chosen or ""))
            self.select = None
        if tag == "fieldset" and self.disabled:
            self.disabled -= 1
        if tag == "form" and self.wanted:
            self.inside = False


def sent(page: str, form: str = "settings") -> dict[str, str | list[str]]:
    """The fields of a form by its id; those that stand there several times as lists."""
    parser = _Fields(form)
    parser.feed(page)
    found: dict[str, str | list[str]] = {}
    for name, value in parser.sent:
        several = name in found or name.startswith("additional.")
        found[name] = [*found.get(name, []), value] if several else value
    found.pop("csrfmiddlewaretoken", None)
    return found
