"""The webhooks of both services, as the page lists them."""

from urllib.parse import urlsplit

from .messages import Row


def listed(of_chargebee: list[Row], of_pipedrive: list[Row]) -> list[Row]:
    """Each webhook as {service, to, about, is_active, last_status}, without a secret.

    of_chargebee, of_pipedrive: rows as the services tell them.
    """
    return [*map(_from_chargebee, of_chargebee), *map(_from_pipedrive, of_pipedrive)]


def _from_chargebee(row: Row) -> Row:
    return {
        "service": "chargebee",
        "to": _place(row["url"]),
        "about": ", ".join(row.get("enabled_events") or ()) or "every event",
        "is_active": not row["disabled"],
        "last_status": None,
    }


def _from_pipedrive(row: Row) -> Row:
    return {
        "service": "pipedrive",
        "to": _place(row["subscription_url"]),
        "about": f"{row['event_action']}.{row['event_object']}",
        "is_active": bool(row["is_active"]),
        "last_status": row["last_http_status"],
    }


def _place(url: str) -> str:
    """An address without user, query and last part of the path, which often is a token."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path.rpartition('/')[0]}/..."
