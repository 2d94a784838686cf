"""What refuses a connection, told at the field where it is put right."""

from collections.abc import Iterator

from chargepipe.accounts.connect import NoAdmin, Refusals
from chargepipe.http import BadAnswer, ServiceError, Transient, UnknownSite
from chargepipe.web.setup.forms import Connect

REFUSING = (Refusals, ServiceError, NoAdmin)
_OF_THE_ADDRESS = (Transient, BadAnswer, UnknownSite)


def tell(form: Connect, error: Exception) -> None:
    """Put the words of each refusal at its field; of both where both refuse."""
    for each in error.both if isinstance(error, Refusals) else (error,):
        form.add_error(next(_fields(form, each), None), str(each))


def _fields(form: Connect, error: Exception) -> Iterator[str]:
    """Where to look first: at the address that was typed, else at the site or the key."""
    chargebee = isinstance(error, ServiceError) and error.service == "Chargebee"
    if isinstance(error, _OF_THE_ADDRESS):
        url = "chargebee_url" if chargebee else "pipedrive_url"
        if form.cleaned_data.get(url):
            yield url
        if chargebee:
            yield "site"
    else:
        yield "api_key" if chargebee else "api_token"
