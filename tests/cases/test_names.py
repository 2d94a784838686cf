"""Section 4, the person's name: first and last name, else company, else email, else id."""

import pytest
from sheet import Outcome, Row

BY_NUMBER = {"match_key": {"chargebee": "cf_number", "pipedrive": "phone"}}

ROWS = [
    Row(
        "a person is named by first and last name",
        customer={"first_name": "Ada", "last_name": "Lovelace", "company": "Engines"},
        shows={"name": "Ada Lovelace"},
    ),
    Row("a first name alone will do", customer={"first_name": "Ada"}, shows={"name": "Ada"}),
    Row("a last name alone will do", customer={"last_name": "Byron"}, shows={"name": "Byron"}),
    Row(
        "without a name it is named by the company",
        customer={"company": "Engines Ltd"},
        shows={"name": "Engines Ltd"},
    ),
    Row(
        "without name and company it is named by the email",
        customer={"email": "ada@engines.co"},
        shows={"name": "ada@engines.co"},
    ),
    Row(
        "without name, company and email it is named by the id",
        settings=BY_NUMBER,
        customer={"id": "cus_7", "email": None, "cf_number": "0123456"},
        shows={"name": "cus_7"},
    ),
    Row(
        "a name that changes in Chargebee changes in Pipedrive",
        customer={"first_name": "Ada"},
        later={"last_name": "Lovelace"},
        shows={"name": "Ada Lovelace"},
    ),
    Row(
        "a name that Pipedrive held before is replaced",
        before={"name": "Miss Byron"},
        customer={"first_name": "Ada", "last_name": "Lovelace"},
        shows={"name": "Ada Lovelace"},
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_the_name_of_a_person(row: Row, outcome: Outcome):
    outcome.check(row)
