"""The automatic sync of a connection: on, off, how often."""

from django.utils import timezone

from chargepipe.actions.connections import as_json, find, stored_file
from chargepipe.actions.refusal import Refused
from chargepipe.domain.settings import Schedule, parse_interval
from chargepipe.store.models import Connection
from chargepipe.sync.finish import next_sync


def schedule(name: str, how: str) -> Connection:
    """Set the automatic sync: "on", "off", or an interval such as "15m". Raises Refused."""
    connection = find(name)
    file = stored_file(connection)
    connection.file = as_json(file.model_copy(update={"schedule": _schedule(file.schedule, how)}))
    connection.next_sync_at = next_sync(connection, timezone.now())
    connection.save(update_fields=["file", "next_sync_at"])
    return connection


def _schedule(old: Schedule, how: str) -> Schedule:
    if how in ("on", "off"):
        return old.model_copy(update={"automatic": how == "on"})
    try:
        return Schedule(automatic=True, every=parse_interval(how))
    except ValueError:
        raise Refused(
            f'"{how}" is no schedule; use on, off, or every with an interval such as 15m, 1h, 1d.'
        ) from None
