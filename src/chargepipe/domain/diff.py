"""What to write so that Pipedrive holds a target: the difference against what it holds now.

Values are by logical name ("name", "emails", "phones", "organization", or a custom field's name)
and JSON-able, ready for a Change.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

from chargepipe.domain.contacts import Wish, merged, ours_after
from chargepipe.domain.held import ContactValue, HeldOrganization, HeldPerson
from chargepipe.domain.keys import email_keys, phone_keys
from chargepipe.domain.settings import Overwrite
from chargepipe.domain.targets import OrganizationTarget, PersonTarget
from chargepipe.domain.text import squeeze
from chargepipe.domain.values import JSON, Value, from_json, to_json


@dataclass(frozen=True, slots=True)
class Difference:
    """Before and after of the fields that differ, both with the same names.

    For a record that is to be made, `before` is empty.
    """

    before: Mapping[str, JSON] = field(default_factory=dict[str, JSON], hash=False, repr=False)
    after: Mapping[str, JSON] = field(default_factory=dict[str, JSON], hash=False, repr=False)

    def __bool__(self) -> bool:
        """Whether there is anything to write."""
        return bool(self.after)

    def only(self, names: Collection[str]) -> "Difference":
        """What of it is in fields of these names."""
        return Difference(
            {name: value for name, value in self.before.items() if name in names},
            {name: value for name, value in self.after.items() if name in names},
        )


def person_difference(
    target: PersonTarget,
    held: HeldPerson | None,
    last: PersonTarget | None,
    overwrite: Overwrite,
    organization_id: int | None,
    policies: Mapping[str, Overwrite] | None = None,
) -> Difference:
    """What to write to a person; `held` None makes one.

    `last` is the target that we wrote before: by it we know which name, email and phone are ours.
    `overwrite` holds for name, emails, phones and organization; fields of ours are always
    written, additional ones under their own policy (`Settings.policies`). `organization_id` is
    None while the target's organization is not made.
    """
    if held is None:
        return _new_person(target, organization_id)
    pairs = {
        "name": _name(target, held, last, overwrite),
        "emails": _emails(target, held, last, overwrite),
        "phones": _phones(target, held, last, overwrite),
        "organization": _organization(target, held, overwrite, organization_id),
        **pairs_of_fields(target.fields, held.fields, policies or {}, _going(target, last)),
    }
    return differing(pairs)


def organization_difference(
    target: OrganizationTarget,
    held: HeldOrganization | None,
    policies: Mapping[str, Overwrite] | None = None,
    going: Mapping[str, Value] | None = None,
) -> Difference:
    """What to write to an organization; the name only when it is made (`held` None).

    `going` are values of ours that go by any policy.
    """
    if held is None:
        return Difference(after={"name": target.name, **given_fields(target.fields)})
    return differing(pairs_of_fields(target.fields, held.fields, policies or {}, going))


def after_difference(held: HeldPerson | None, difference: Difference) -> HeldPerson:
    """The person as it will be once the difference is written, to plan on top of it.

    Customers that share a key write one person in turn (rule 3). A person still to be made has
    the id 0; an organization still to be made has no id, only its company in `joins`.
    """
    held = held or HeldPerson(0, "", (), (), None, {})
    rest = dict(difference.after)
    name = rest.pop("name", held.name)
    emails = _contacts(rest.pop("emails", None), held.emails)
    phones = _contacts(rest.pop("phones", None), held.phones)
    organization = rest.pop("organization", {"key": held.joins, "id": held.org_id})
    place = cast(Mapping[str, Any], organization)
    return HeldPerson(
        id=held.id,
        name=cast(str, name),
        emails=emails,
        phones=phones,
        org_id=place["id"],
        fields={**held.fields, **{key: from_json(value) for key, value in rest.items()}},
        joins=place["key"] if place["id"] is None else None,
    )


def ours_of(
    target: PersonTarget, difference: Difference, previous: Mapping[str, str | None]
) -> dict[str, str | None]:
    """The email and phone of the person that are ours once the difference is written."""
    phones = partial(phone_keys, country=target.country)
    return {
        name: ours_after(value, _texts(difference, plural), previous.get(name), keys)
        for name, plural, value, keys in (
            ("email", "emails", target.email, email_keys),
            ("phone", "phones", target.phone, phones),
        )
    }


def _texts(difference: Difference, name: str) -> tuple[list[str], list[str]] | None:
    """The person's texts before and after a difference that touches them, else None."""
    if name not in difference.after:
        return None
    lists = (difference.before.get(name, ()), difference.after[name])
    before, after = (cast(Sequence[Mapping[str, str]], rows) for rows in lists)
    return [row["value"] for row in before], [row["value"] for row in after]


def _contacts(json: JSON, held: tuple[ContactValue, ...]) -> tuple[ContactValue, ...]:
    if json is None:
        return held
    rows = cast(Sequence[Mapping[str, Any]], json)
    return tuple(ContactValue(row["value"], row["label"], row["primary"]) for row in rows)


_Pair = tuple[JSON, JSON]
"""Before and after of one field; equal when there is nothing to write."""


def differing(pairs: Mapping[str, _Pair]) -> Difference:
    """The difference of these fields: those whose before and after are not equal."""
    differing = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
    return Difference(
        {name: before for name, (before, _) in differing.items()},
        {name: after for name, (_, after) in differing.items()},
    )


def _new_person(target: PersonTarget, organization_id: int | None) -> Difference:
    after: dict[str, JSON] = {"name": target.name}
    if target.email:
        after["emails"] = _listed((ContactValue(target.email, primary=True),))
    if target.phone:
        after["phones"] = _listed((ContactValue(target.phone, primary=True),))
    if target.organization is not None:
        after["organization"] = {"key": target.organization, "id": organization_id}
    return Difference(after={**after, **given_fields(target.fields)})


def given_fields(fields: Mapping[str, Value]) -> dict[str, JSON]:
    """The custom fields that a new record begins with: those that are not empty."""
    return {name: to_json(value) for name, value in fields.items() if value is not None}


def _listed(values: tuple[ContactValue, ...]) -> JSON:
    return [each.as_json() for each in values]


def _name(
    target: PersonTarget, held: HeldPerson, last: PersonTarget | None, policy: Overwrite
) -> _Pair:
    name = squeeze(held.name)
    same = name == squeeze(target.name)
    free = not name or _may_rename(target, name, last, policy)
    return held.name, target.name if free and not same else held.name


def _may_rename(
    target: PersonTarget, name: str, last: PersonTarget | None, policy: Overwrite
) -> bool:
    """Whether our name may replace one that the person has (product.md section 4).

    A stand-in (email or id) replaces only what we wrote ourselves. When personal data are cleared
    the name goes under "always"; else only where it is not known to be another's.
    """
    ours = last is not None and name == squeeze(last.name)
    if _clearing(target, last):
        return policy == "always" or last is None or ours
    return policy == "always" and (target.named or ours)


def _clearing(target: PersonTarget, last: PersonTarget | None) -> bool:
    """Whether personal data were cleared in Chargebee since we last wrote (rule 16)."""
    return target.cleared and not (last is not None and last.cleared)


def _going(target: PersonTarget, last: PersonTarget | None) -> Mapping[str, Value]:
    """The additional fields of ours that a clearing takes away, whatever their policy."""
    return last.fields if last is not None and _clearing(target, last) else {}


def _emails(
    target: PersonTarget, held: HeldPerson, last: PersonTarget | None, policy: Overwrite
) -> _Pair:
    before = last.email if last else None
    wish = Wish(target.email, email_keys(target.email), before, email_keys(before), target.cleared)
    return _listed(held.emails), _listed(merged(held.emails, wish, policy, email_keys))


def _phones(
    target: PersonTarget, held: HeldPerson, last: PersonTarget | None, policy: Overwrite
) -> _Pair:
    before = last.phone if last else None
    wish = Wish(
        target.phone,
        phone_keys(target.phone, target.country),
        before,
        phone_keys(before, last.country if last else None),
        target.cleared,
    )
    keys = partial(phone_keys, country=None)
    return _listed(held.phones), _listed(merged(held.phones, wish, policy, keys))


def _organization(
    target: PersonTarget, held: HeldPerson, policy: Overwrite, organization_id: int | None
) -> _Pair:
    nothing = held.org_id is None and held.joins is None
    before: JSON = None if nothing else {"key": held.joins, "id": held.org_id}
    known = organization_id if organization_id is not None else target.organization
    same = known is not None and known in (held.org_id, held.joins)
    kept = policy != "always" and (held.org_id is not None or held.joins is not None)
    if target.organization is None or same or kept:
        return before, before
    return before, {"key": target.organization, "id": organization_id}


def pairs_of_fields(
    target: Mapping[str, Value],
    held: Mapping[str, Value],
    policies: Mapping[str, Overwrite],
    going: Mapping[str, Value] | None = None,
) -> dict[str, _Pair]:
    """Before and after of custom fields; `going` are values of ours that go by any policy."""
    pairs: dict[str, _Pair] = {}
    for name, value in target.items():
        now = held.get(name)
        ours = now is not None and _text((going or {}).get(name)) == _text(now)
        kept = policies.get(name, "always") != "always" and now is not None and not ours
        same = kept or _text(now) == _text(value)
        pairs[name] = (to_json(now), to_json(now if same else value))
    return pairs


def _text(value: Value) -> Value:
    """Texts are equal without outer blanks: Pipedrive trims them; "" is an empty field."""
    return (value.strip() or None) if isinstance(value, str) else value
