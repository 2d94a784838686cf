"""The custom fields that an account may have, and a smaller choice where settings need more.

Pipedrive counts them for the whole company and tells no plan; its burst limit does
(pipedrive-api.md sections 2.3 and 2.5).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from chargepipe.domain.fields import FieldSpec, wanted
from chargepipe.domain.settings import InvoiceDeals, Settings, SubscriptionDeals

CAPPED = "feature_capping_custom_fields_limit"
"""The error code of Pipedrive's that says that no further custom field fits."""

_PLANS: Mapping[int, str] = {20: "Lite", 40: "Growth", 100: "Premium", 120: "Ultimate"}
_QUOTAS: Mapping[str, int] = {"Lite": 30, "Growth": 100, "Premium": 300, "Ultimate": 500}
_OAUTH_TIMES = 4


def plan_of(burst: int | None, *, oauth: bool) -> str | None:
    """The plan of an account by its calls in 2 seconds; None where that tells none."""
    times = _OAUTH_TIMES if oauth else 1
    return next((plan for limit, plan in _PLANS.items() if limit * times == burst), None)


@dataclass(frozen=True, slots=True)
class Room:
    """What settings need of the account's custom fields. All numbers are fields."""

    needed: int
    """By the chosen settings."""
    there: int
    """Of them, already made."""
    used: int
    """Custom fields of people, organizations and deals on the account, whoever made them."""
    plan: str | None
    """The account's plan; None: unknown."""

    @property
    def missing(self) -> int:
        """Still to be made."""
        return self.needed - self.there

    @property
    def quota(self) -> int | None:
        """What the plan allows; None: unknown."""
        return _QUOTAS.get(self.plan or "")

    @property
    def free(self) -> int | None:
        """What may still be made; None: unknown."""
        return None if self.quota is None else max(0, self.quota - self.used)

    @property
    def short(self) -> int:
        """How many fields do not fit; 0 where all do, or where the quota is not known."""
        return 0 if self.free is None else max(0, self.missing - self.free)

    def __str__(self) -> str:
        """One line for people."""
        there = (
            "all are there"
            if not self.missing
            else f"{self.there} {'is' if self.there == 1 else 'are'} there"
        )
        if self.quota is None:
            known = f"{self.used} are in use; Pipedrive does not tell how many it allows"
        else:
            known = f"{self.free} of {self.quota} are free on this account ({self.plan})"
        noun = "custom field" if self.needed == 1 else "custom fields"
        return f"These settings need {self.needed} {noun}, {there}; {known}."


@dataclass(frozen=True, slots=True)
class Choice:
    """A setting that could be switched off, and how many fields that saves."""

    setting: str
    fields: int

    def __str__(self) -> str:
        """For a list in a sentence."""
        return f"{self.setting} ({self.fields})"


def choices(settings: Settings, there: Callable[[FieldSpec], bool]) -> tuple[Choice, ...]:
    """What may be switched off to need fewer fields, the most fields first."""
    missing = _missing(settings, there)
    saved = ((name, missing - _missing(less, there)) for name, less in _smaller(settings))
    made = [Choice(name, fields) for name, fields in saved if fields]
    return tuple(sorted(made, key=lambda choice: (-choice.fields, choice.setting)))


def to_fit(offered: tuple[Choice, ...], short: int) -> tuple[Choice, ...]:
    """Those choices that save at least `short` fields and as few more as can be; () if none do."""
    best: dict[int, tuple[Choice, ...]] = {0: ()}
    for choice in offered:
        for total, chosen in list(best.items()):
            best.setdefault(total + choice.fields, (*chosen, choice))
    return best[min(total for total in best if total >= short)] if max(best) >= short else ()


def too_many(room: Room, offered: tuple[Choice, ...]) -> str:
    """Why nothing is made, and what to switch off, in words."""
    fitting = to_fit(offered, room.short)
    each = ", ".join(map(str, offered))
    if fitting:
        chosen = ", ".join(choice.setting for choice in fitting)
        advice = f"To fit, switch off: {chosen}. Each setting needs (fields): {each}."
    else:
        advice = "Switching off settings is not enough to fit."
        advice += f" Each setting needs (fields): {each}." if each else ""
    return (
        f"{room} {room.short} do not fit, so nothing is written. {advice} Or delete custom fields "
        "in Pipedrive, or ask an admin for a bigger plan."
    )


def _missing(settings: Settings, there: Callable[[FieldSpec], bool]) -> int:
    return sum(not there(spec) for spec in wanted(settings))


def _smaller(settings: Settings) -> Iterator[tuple[str, Settings]]:
    """Each setting that asks for fields and can be done without, and the settings without it.

    Not organizations and business entities: they decide who is synced, and how.
    """
    if settings.subscription_data != "off":
        less = settings.model_copy(update={"subscription_data": "off"})
        yield f'subscription_data = "{settings.subscription_data}"', less
    for table in ("subscription_deals", "invoice_deals"):
        deals: SubscriptionDeals | InvoiceDeals = getattr(settings, table)
        if deals.enabled:
            off = deals.model_copy(update={"enabled": False})
            yield table, settings.model_copy(update={table: off})
    for extra in settings.extras:
        rest = tuple(each for each in settings.extras if each != extra)
        yield f'"{extra}" of extras', settings.model_copy(update={"extras": rest})
    for field in settings.additional_fields:
        others = tuple(each for each in settings.additional_fields if each is not field)
        less = settings.model_copy(update={"additional_fields": others})
        yield f"additional field {field.target}", less
