"""The web page that the network in front of a service answers with, where JSON is expected."""

HTML = "text/html; charset=UTF-8"
"""The content type of such a page."""
_TITLES = {
    403: "Access denied",
    502: "Bad gateway",
    503: "Service unavailable",
    504: "Gateway time-out",
    524: "A timeout occurred",
}


def page(status: int) -> str:
    """A page for people, as Cloudflare shows it (Pipedrive fact sheet 2.4); no JSON in it."""
    title = _TITLES.get(status, "Error")
    return (
        "<!DOCTYPE html>\n"
        f'<html lang="en"><head><title>{title}</title></head>\n'
        f"<body><h1>Error {status}</h1><p>{title}.</p>\n"
        "<p>This error is produced by Cloudflare.</p></body></html>\n"
    )
