"""Forms of signing in."""

from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.contrib.auth.forms import AuthenticationForm

from chargepipe.store.models import User

_NEW = {"autocomplete": "new-password"}


class SignIn(AuthenticationForm):
    """Email and password."""

    username = forms.EmailField(
        label="Email", widget=forms.EmailInput({"autocomplete": "username", "autofocus": True})
    )
    error_messages = {
        "invalid_login": "No person here has this email with this password. "
        "After ten wrong ones you would have to wait a quarter of an hour.",
        "inactive": "This account was switched off. Ask an admin.",
    }

    def clean(self) -> dict[str, Any]:
        """Emails are kept in small letters."""
        email = self.cleaned_data.get("username")
        if email:
            self.cleaned_data["username"] = email.lower()
        return super().clean()


class NewPassword(forms.Form):
    """A password, twice."""

    password = forms.CharField(
        label="Password",
        strip=False,
        widget=forms.PasswordInput(_NEW),
        help_text="At least ten characters. A few words that only you would put together do best.",
    )
    again = forms.CharField(
        label="The same once more", strip=False, widget=forms.PasswordInput(_NEW)
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean(self) -> dict[str, Any]:
        """Both are the same, and hard enough to guess."""
        password, again = self.cleaned_data.get("password"), self.cleaned_data.get("again")
        if password and again and password != again:
            self.add_error("again", "The two are not the same.")
        elif password:
            try:
                password_validation.validate_password(password, self.user)
            except forms.ValidationError as error:
                self.add_error("password", error)
        return self.cleaned_data


class FirstAdmin(NewPassword):
    """The first person gives an email, too."""

    email = forms.EmailField(
        label="Your email",
        widget=forms.EmailInput({"autocomplete": "username"}),
        help_text="You sign in with it.",
    )
    field_order = ("email", "password", "again")

    def clean_email(self) -> str:
        """In small letters."""
        self.user.email = self.cleaned_data["email"].lower()
        return self.user.email
