"""Where links to the two services' pages lead."""

import pytest

from chargepipe.actions.links import customer_url, deal_source_url, pipedrive_url
from chargepipe.store.models import Account, Connection

ACCOUNT = Account(name="Acme", domain="acme-crm", company_id=7)


def connection(chargebee: str | None, pipedrive: str | None) -> Connection:
    file = {"chargebee": {"url": chargebee}, "pipedrive": {"url": pipedrive}}
    return Connection(name="acme", site="acme", account=ACCOUNT, file=file)


@pytest.mark.parametrize("url", [None, "https://proxy.example.com/api/v2"])
def test_they_lead_to_the_services_whatever_way_the_api_is_reached(url: str | None) -> None:
    found = connection(url, url)
    assert customer_url(found, "a/b") == "https://acme.chargebee.com/d/customers/a%2Fb"
    place = deal_source_url(found, "invoice:7")
    assert place == "https://acme.chargebee.com/d/invoices/7"
    assert pipedrive_url(found, "deal", 5) == "https://acme-crm.pipedrive.com/deal/5"


def test_of_services_on_this_machine_they_stay_on_it() -> None:
    found = connection("http://127.0.0.1:8801/api/v2", "http://[::1]:8802")
    assert customer_url(found, "a/b") == "http://127.0.0.1:8801/d/customers/a%2Fb"
    assert pipedrive_url(found, "person", 5) == "http://[::1]:8802/person/5"


def test_an_unlinked_connection_has_no_page_in_pipedrive() -> None:
    found = connection(None, "http://127.0.0.1:8802")
    found.account = None
    assert pipedrive_url(found, "person", 5) == ""
