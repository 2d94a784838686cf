"""The text in which customers are looked for, and whether a site is a live one."""

from typing import Any

import pytest

from chargepipe.domain.searching import MOST, folded, search_text
from chargepipe.domain.sites import is_live

ADA: dict[str, Any] = {
    "id": "C-1",
    "first_name": "Ada",
    "last_name": "Byron",
    "email": "Ada@X.co",
    "company": "Engines  Ltd",
    "billing_address": {"company": "Straße 7"},
}


def test_a_customer_is_found_by_id_name_email_and_companies():
    assert search_text(ADA) == "c-1 ada byron ada@x.co engines ltd strasse 7"
    assert search_text({"id": "C-1"}) == "c-1"


def test_what_stands_twice_is_kept_once():
    twice = {**ADA, "last_name": "Ada", "billing_address": {"company": "Engines  Ltd"}}
    assert search_text(twice) == "c-1 ada ada@x.co engines ltd"


def test_so_much_of_a_text_is_kept():
    assert folded("A \n b") == "a b"
    assert folded("x" * MOST + "y") == "x" * MOST


@pytest.mark.parametrize(
    ("site", "live"), [("acme", True), ("acme-test", False), ("-test-a", True)]
)
def test_a_test_site_is_told_by_its_ending(site: str, live: bool):
    assert is_live(site) is live
