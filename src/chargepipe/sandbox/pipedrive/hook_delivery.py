"""Sending webhooks: retries, the ban, and the end of those that never answer (fact sheet 8)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..clock import Clock
from ..data.draw import DAY
from ..messages import Row
from ..outbox import Outbox, Post
from .hook_messages import moment

if TYPE_CHECKING:
    from .hooks import Hook

RETRIES = (3.0, 30.0, 150.0)
"""Seconds from a failed attempt to the next one."""
PATIENCE = 10.0
"""Seconds until an answer counts as none."""
BAN_AFTER, BAN_SECONDS = 10, 1800.0
"""So many failed first attempts ban a webhook for so long; events in that time are lost."""
DELETED_AFTER = 3.0 * DAY
"""Seconds without one success, counted from the first failure (ours), that end a webhook."""
REASON = "No successful deliveries on 3 consecutive days"
"""Our words: the pages do not quote Pipedrive's."""


class Delivery:
    """Sends messages, each up to four times."""

    def __init__(self, clock: Clock, outbox: Outbox) -> None:
        self._clock = clock
        self._outbox = outbox

    def send(self, hook: "Hook", body: Row, is_wanted: Callable[[], bool]) -> None:
        """Send a message, unless the webhook is banned or gone: then it is lost, retries too.

        is_wanted: whether the account still has the webhook.
        """
        if hook.is_removed or self._clock.now() < hook.banned_until or not is_wanted():
            return
        row = hook.row
        auth = None
        if row["http_auth_user"] is not None or row["http_auth_password"] is not None:
            auth = (row["http_auth_user"] or "", row["http_auth_password"] or "")

        def done(status: int | None) -> None:
            self._note(hook, status)
            if status is None or not 200 <= status < 300:
                self._failed(hook, body, is_wanted)

        url = row["subscription_url"]
        self._outbox.put(Post(url, body, auth=auth, patience=PATIENCE, done=done))

    def _note(self, hook: "Hook", status: int | None) -> None:
        hook.row["last_delivery_time"] = moment(self._clock.now())
        hook.row["last_http_status"] = status
        if status is not None and 200 <= status < 300:
            hook.failing_since = None

    def _failed(self, hook: "Hook", body: Row, is_wanted: Callable[[], bool]) -> None:
        now, attempt = self._clock.now(), body["meta"]["attempt"]
        if hook.failing_since is None:
            hook.failing_since = now
        if now - hook.failing_since >= DELETED_AFTER:
            hook.row |= {"remove_time": moment(now), "remove_reason": REASON}
            return
        if attempt == 1:
            self._count(hook, now)
        if attempt <= len(RETRIES):
            again = body | {"meta": body["meta"] | {"attempt": attempt + 1}}
            wait = RETRIES[attempt - 1]
            self._clock.later(wait, lambda: self.send(hook, again, is_wanted))

    def _count(self, hook: "Hook", now: float) -> None:
        hook.failures += 1
        if hook.failures >= BAN_AFTER:
            hook.failures = 0
            hook.banned_until = now + BAN_SECONDS
