"""Small rules for text: squeezing blanks and cutting at what Pipedrive keeps."""

NAME_LIMIT = 255
"""Characters of a name or a text field (pipedrive-api.md section 12)."""


def squeeze(value: str | None) -> str:
    """The text without outer blanks and with inner runs of blanks as one; "" for None or blank."""
    return " ".join(value.split()) if value else ""


def cut(value: str | None) -> str:
    """The squeezed text, at most `NAME_LIMIT` characters, never ending in a blank; "" for None."""
    return squeeze(value)[:NAME_LIMIT].rstrip()
