"""Forms about people."""

from typing import Any

from django import forms

from chargepipe.actions.people import ROLES
from chargepipe.store.models import User
from chargepipe.web.access import MAY, Role
from chargepipe.web.signing.forms import NewPassword


class Invite(forms.Form):
    """Whom to invite, and as what."""

    email = forms.EmailField(label="Email")
    role = forms.ChoiceField(
        label="Role", choices=[(role, f"{role}: {MAY[Role(role)]}") for role in ROLES]
    )


class ChangePassword(NewPassword):
    """The present password, and a new one twice."""

    present = forms.CharField(
        label="Present password",
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
    )
    field_order = ("present", "password", "again")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.fields["password"].label = "New password"

    def clean_present(self) -> str:
        """It has to be right."""
        if not self.user.check_password(self.cleaned_data["present"]):
            raise forms.ValidationError("This is not your present password.")
        return self.cleaned_data["present"]
