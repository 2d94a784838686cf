"""The webhooks of the account: which there are, and whom each happening is told."""

from dataclasses import dataclass, field
from functools import partial

from ..clock import Clock
from ..messages import Row
from ..outbox import Outbox
from .crm import Crm
from .happenings import Happening
from .hook_delivery import Delivery
from .hook_messages import Event, moment, viewers

MOST = 40
"""Webhooks of one user, and of one app and user (fact sheet 2.5)."""


@dataclass(slots=True)
class Hook:
    """One webhook. row: as answered, but for `is_active`. is_app: made by the OAuth app.

    failures: the ban counter. banned_until, failing_since: unix seconds; the latter None while the
    newest delivery went well.
    """

    row: Row = field(repr=False)
    is_app: bool
    failures: int = 0
    banned_until: float = 0.0
    failing_since: float | None = None

    @property
    def is_removed(self) -> bool:
        """Whether Pipedrive has deleted it; it stays listed with its reason."""
        return self.row["remove_time"] is not None

    def wants(self, happening: Happening) -> bool:
        """Whether its action and object fit."""
        action, entity = self.row["event_action"], self.row["event_object"]
        return action in ("*", happening.action) and entity in ("*", happening.entity)


class Hooks:
    """Listens to the account and has the messages delivered."""

    def __init__(self, crm: Crm, clock: Clock, outbox: Outbox) -> None:
        self._crm = crm
        self._clock = clock
        self._delivery = Delivery(clock, outbox)
        self._hooks: dict[int, Hook] = {}
        self._made = 0
        self._events = 0
        crm.listeners.append(self._tell)

    def all(self) -> list[Row]:
        """Every webhook as GET /v1/webhooks shows it, those of the app too, without passwords."""
        return [self.shown(hook) | {"http_auth_password": None} for hook in self._hooks.values()]

    def of(self, *, is_app: bool) -> list[Hook]:
        """The webhooks that the app made, or those that were made with the API token."""
        return [hook for hook in self._hooks.values() if hook.is_app == is_app]

    def get(self, id: int) -> Hook | None:
        """One webhook, None where there is none."""
        return self._hooks.get(id)

    def has_room(self, user_id: int, *, is_app: bool) -> bool:
        """Whether a user, or the app for a user, may have one more."""
        mine = (hook for hook in self.of(is_app=is_app) if hook.row["user_id"] == user_id)
        return sum(not hook.is_removed for hook in mine) < MOST

    def add(self, given: Row, owner_id: int, *, is_app: bool) -> Hook:
        """Keep a new webhook; `given` holds checked attributes."""
        self._made += 1
        row = {
            "id": self._made,
            "company_id": self._crm.me["company_id"],
            "owner_id": owner_id,
            "user_id": owner_id,
            **dict.fromkeys(_EMPTY),
            "type": "application" if is_app else "general",
            "admin_id": owner_id,
            "add_time": moment(self._clock.now()),
            **given,
        }
        self._hooks[self._made] = Hook(row, is_app)
        return self._hooks[self._made]

    def remove(self, id: int) -> None:
        """Take a webhook away."""
        del self._hooks[id]

    def forget_app(self) -> None:
        """Take the app's webhooks away: they vanish with it (fact sheet 8)."""
        for hook in self.of(is_app=True):
            self.remove(hook.row["id"])

    def shown(self, hook: Hook) -> Row:
        """A webhook as answered; while it is banned it is not active."""
        active = not hook.is_removed and self._clock.now() >= hook.banned_until
        return hook.row | {"is_active": int(active)}

    def _tell(self, happening: Happening) -> None:
        self._events += 1
        if not self._hooks:
            return
        permitted = viewers(happening, self._crm.users)
        types = self._types(happening)
        event = Event(happening, self._events, self._clock.now(), types, permitted)
        for hook in list(self._hooks.values()):
            if hook.wants(happening) and hook.row["user_id"] in permitted:
                self._delivery.send(hook, event.body(hook.row), partial(self._has, hook))

    def _types(self, happening: Happening) -> dict[str, str]:
        """The types of the custom fields of the entity that this is about, by code."""
        for kind in ("person", "organization", "deal"):
            if happening.entity == kind:
                fields = self._crm.field_set.custom(kind)
                return {code: row["field_type"] for code, row in fields.items()}
        return {}

    def _has(self, hook: Hook) -> bool:
        return self._hooks.get(hook.row["id"]) is hook


_EMPTY = (
    *("http_auth_user", "http_auth_password", "remove_time", "remove_reason"),
    *("last_delivery_time", "last_http_status"),
)
