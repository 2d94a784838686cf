"""Checks of what Pipedrive says of records that were deleted or merged."""

from typing import Literal

from chargepipe.actions.probe.finding import Check, Seen, differs, holds, judge
from chargepipe.actions.probe.hands import Hands, told
from chargepipe.http import Heard, as_dict
from chargepipe.pipedrive import Entity

KINDS: tuple[Entity, ...] = ("person", "organization", "deal")
STAYS = "Report it: a deleted record would stay linked."


def deleted_answers(hands: Hands) -> Seen:
    """GET a person, an organization and a deal right after DELETE; PATCH the first two.

    A PATCH of a deleted deal is known to answer ERR_DEAL_DELETED (fact sheet 3).
    """
    answers: list[str] = []
    for kind in KINDS:
        row = hands.make(kind)
        hands.delete(kind, row["id"])
        answers += _answers_of_gone(hands, kind, row["id"])
    return _as_gone(answers)


def merged_answers(hands: Hands) -> Seen:
    """GET and PATCH the loser of a merge of two persons."""
    loser, winner = hands.make("person"), hands.make("person")
    hands.merge("person", loser["id"], winner["id"])
    return _as_gone(_answers_of_gone(hands, "person", loser["id"]))


def _answers_of_gone(hands: Hands, kind: Entity, id: int) -> list[str]:
    answers = [f"GET {kind}: {_fate(hands.get(kind, id))}"]
    if kind != "deal":
        patched = hands.patch(kind, id, {"name": hands.name()})
        answers.append(f"PATCH {kind}: {_fate(patched)}")
    return answers


def _fate(heard: Heard) -> str:
    data = as_dict(heard.body.get("data")) or {}
    flagged = heard.ok and (data.get("is_deleted") or data.get("deleted"))
    return f"{heard.status} is_deleted" if flagged else told(heard)


def _as_gone(answers: list[str]) -> Seen:
    words = "; ".join(answers)
    fates = [answer.split(": ")[1] for answer in answers]
    if all(fate.startswith("404") for fate in fates):
        return holds(words)
    known = all(fate.startswith(("404", "410")) or fate.endswith("DELETED") for fate in fates)
    flagged = all(not fate.startswith("200") or fate.endswith("is_deleted") for fate in fates)
    nothing = "Nothing: 404, 410, ERR_..._DELETED and is_deleted all count as deleted."
    return differs(words, nothing if known or flagged else STAYS)


def restored(hands: Hands) -> Seen:
    """Try to bring a deleted deal back."""
    deal = hands.make("deal")
    hands.delete("deal", deal["id"])
    patched = hands.patch("deal", deal["id"], {"is_deleted": False})
    got = hands.get("deal", deal["id"])
    data = as_dict(got.body.get("data")) or {}
    lives = got.ok and not data.get("is_deleted")
    if lives:
        hands.delete("deal", deal["id"])
    words = f"PATCH answered {told(patched)}; the deal is {'back' if lives else 'still deleted'}."
    return judge(not lives, words, "Nothing: chargepipe never tries it.")


def joined_texts(hands: Hands) -> Seen:
    """Merge two organizations, and two persons, with different texts in one custom field."""
    joined = {"person": _joins(hands, "person"), "organization": _joins(hands, "organization")}
    words = "; ".join(
        f"{kind}: {'both texts were joined' if both else 'one text was kept'}"
        for kind, both in joined.items()
    )
    todo = "Nothing: what is merged is found by its link."
    return judge(joined == {"organization": True, "person": False}, f"{words}.", todo)


def _joins(hands: Hands, kind: Literal["person", "organization"]) -> bool:
    code = hands.make_field(kind, field_type="varchar")["field_code"]
    loser, winner = (hands.make(kind, custom_fields={code: text}) for text in ("one", "two"))
    hands.merge(kind, loser["id"], winner["id"])
    got = as_dict(hands.get(kind, winner["id"]).body.get("data")) or {}
    kept = str((as_dict(got.get("custom_fields")) or {}).get(code))
    return "one" in kept and "two" in kept


GONE_CHECKS = (
    Check(
        8,
        "A deleted record answers GET with 404; so does a PATCH of a person or organization.",
        deleted_answers,
    ),
    Check(9, "The loser of a merge answers like a deleted record.", merged_answers),
    Check(13, "A deleted deal cannot be brought back by `is_deleted: false`.", restored),
    Check(
        30,
        "A merge joins texts in custom fields of organizations, and of nothing else.",
        joined_texts,
    ),
)
