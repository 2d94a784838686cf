"""The form of a backfill: which older records shall get their deals."""

from typing import Any

from django import forms

from chargepipe.domain.backfill import STATUSES, Window
from chargepipe.domain.deals import DealRecord
from chargepipe.domain.names import status_label

_DAY = {"type": "date"}


class Backfill(forms.Form):
    """What is left empty does not narrow it."""

    statuses = forms.MultipleChoiceField(
        label="Status in Chargebee",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None chosen: all of them.",
    )
    start = forms.DateField(
        label="Created, or invoiced, from", required=False, widget=forms.DateInput(_DAY)
    )
    end = forms.DateField(label="To", required=False, widget=forms.DateInput(_DAY))
    plans = forms.CharField(
        label="Plans",
        required=False,
        help_text="Ids of item prices with commas between. They leave invoices out.",
    )
    most = forms.IntegerField(
        label="At most so many deals", required=False, min_value=1, help_text="The oldest first."
    )

    def __init__(self, *args: Any, kinds: tuple[DealRecord, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = dict.fromkeys(status for kind in kinds for status in STATUSES[kind])
        self.fields["statuses"].choices = [(each, status_label(each)) for each in offered]  # pyright: ignore[reportAttributeAccessIssue]

    def window(self) -> Window:
        """What the form asks for; only of a valid one."""
        sent = self.cleaned_data
        plans = (each.strip() for each in sent["plans"].split(","))
        return Window(
            statuses=tuple(sent["statuses"]),
            start=sent["start"].isoformat() if sent["start"] else "",
            end=sent["end"].isoformat() if sent["end"] else "",
            plans=tuple(dict.fromkeys(each for each in plans if each)),
            most=sent["most"],
        )
