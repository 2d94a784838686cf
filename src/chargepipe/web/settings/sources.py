"""Sources of additional fields as people type them: the record is added where only one is meant."""

from chargepipe.actions.offers import Offers


def meant(typed: str, offers: Offers | None) -> list[str]:
    """The attributes of the site that a name without its record can mean: cf_tier of a customer."""
    name = typed.casefold()
    known = [each.value for each in offers.attributes] if offers else []
    return [each for each in known if each.partition(".")[2].casefold() == name]


def completed(typed: str | None, offers: Offers | None) -> str | None:
    """The one attribute that is meant, else what was typed."""
    found = meant(typed or "", offers)
    return found[0] if len(found) == 1 else typed


def several(typed: str | None, offers: Offers | None) -> str:
    """Of a name that several records have: what to write instead; "" for any other."""
    found = meant(typed or "", offers)
    choices = " or ".join(f'"{each}"' for each in found)
    return f"is an attribute of several records: write {choices}" if found[1:] else ""
