"""The form that connects a pair of accounts."""

import re
from typing import Any

from django import forms

from chargepipe.actions import connections
from chargepipe.domain.settings import STORED, ConnectionFile, SettingsError, check
from chargepipe.store.models import Connection

_SECRET = {"autocomplete": "off", "spellcheck": "false"}


class Connect(forms.Form):
    """A Chargebee site with a read-only key, and a Pipedrive account with an admin's way in."""

    name = forms.CharField(
        label="Name of the connection",
        max_length=50,
        help_text="For pages and files: letters, digits, dots and dashes.",
    )
    site = forms.CharField(
        label="Chargebee site",
        help_text="Its name alone: “acme-test” of https://acme-test.chargebee.com.",
    )
    api_key = forms.CharField(
        label="Chargebee API key",
        widget=forms.PasswordInput(_SECRET),
        help_text="In Chargebee under Settings, Configure Chargebee, API Keys: a new read-only "
        "key, “Read-only: All”. Nothing is ever written to Chargebee, so more is not needed.",
    )
    api_token = forms.CharField(
        label="Pipedrive API token",
        widget=forms.PasswordInput(_SECRET),
        help_text="In Pipedrive under Personal preferences, API, of a user who is an admin: others "
        "do not see every person, and duplicates would be made.",
    )
    chargebee_url = forms.CharField(
        label="Address of Chargebee", required=False, help_text="Empty: by the site’s name."
    )
    pipedrive_url = forms.CharField(
        label="Address of Pipedrive", required=False, help_text="Empty: the account’s own."
    )

    def __init__(self, *args: Any, connection: Connection | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.connection = connection
        if connection is not None:
            del self.fields["name"]
            self.keys_may_be_left_out("Empty: the one that is stored, if there is one.")

    def keys_may_be_left_out(self, words: str) -> None:
        """Ask for no key; `words` say what an empty one means, before where one is found."""
        for name in ("api_key", "api_token"):
            field = self.fields[name]
            field.required = False
            field.help_text = f"{words} {self.base_fields[name].help_text}"

    def clean_name(self) -> str:
        """A name that is free; a connection that stands is changed on its own page."""
        name = self.cleaned_data["name"].strip()
        if connections.everyone().filter(name=name).exists():
            raise forms.ValidationError("A connection of this name is there already.")
        return name

    def by_oauth(self) -> None:
        """Pipedrive was opened in the browser: a token is not asked for, but may be given."""
        token = self.fields["api_token"]
        token.required, token.label = False, "Pipedrive API token instead"
        token.help_text = "Leave it empty to go on as you connected in the browser."

    def file(self, held: ConnectionFile | None, *, oauth: bool = False) -> ConnectionFile | None:
        """The connection that the form describes; None, with errors, where it is none.

        `oauth`: Pipedrive was opened in the browser, and is so unless a token was typed.
        """
        data = held.model_dump(mode="json", by_alias=True) if held else {}
        sent = self.cleaned_data
        data["name"] = self.connection.name if self.connection else sent["name"]
        data["chargebee"] = {
            "site": _site(sent["site"]),
            "api_key": _reference(sent["api_key"], data.get("chargebee", {}).get("api_key")),
            "url": sent["chargebee_url"].strip() or None,
        }
        url = {"url": sent["pipedrive_url"].strip() or None}
        token = _reference(sent["api_token"], data.get("pipedrive", {}).get("api_token"))
        by_oauth = oauth and not sent["api_token"]
        data["pipedrive"] = url | ({"oauth": True} if by_oauth else {"api_token": token})
        try:
            return check(ConnectionFile, data)
        except SettingsError as error:
            for problem in error.problems:
                self.add_error(_PLACES.get(problem.path), problem.message.capitalize() + ".")
            return None


_PLACES = {
    "name": "name",
    "chargebee.site": "site",
    "chargebee.url": "chargebee_url",
    "pipedrive.url": "pipedrive_url",
}


def _site(text: str) -> str:
    """The site's name, also where a whole address was pasted."""
    found = re.fullmatch(r"(?:https?://)?([^/.\s]+)\.chargebee\.com(?:/.*)?", text.strip())
    return found[1] if found else text.strip()


def _reference(typed: str, held: str | None) -> str:
    return STORED if typed or not held else held
