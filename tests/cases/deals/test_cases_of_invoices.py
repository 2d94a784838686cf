"""Setting 8: one deal an invoice that is not recurring and of no subscription."""

import pytest
from deal_sheet import Outcome, Row
from deal_story import at

pytestmark = pytest.mark.django_db
CHOSEN = {
    "invoices": {
        "pipeline": "Renewals",
        "title": "Invoice {id} for {name}",
        "status": {
            "posted": {"status": "none"},
            "not_paid": {"stage": "Agreed", "status": "lost"},
            "pending": {"stage": "Offered", "status": "open"},
        },
    }
}
OFF = {"invoices": {"enabled": False}}
DUE = {"due_date": at("2026-11-16"), "paid_at": None, "amount_paid": 0, "amount_due": 10_000}

ROWS = [
    *(
        Row(
            f"a {status} invoice is an open deal, expected to close when it is due",
            invoice={"status": status, **DUE},
            deal={
                "pipeline": "Sales",
                "stage": "Qualified",
                "status": "open",
                "expected_close": "2026-11-16",
                "value": "100 USD",
                "won": None,
                "lost": None,
            },
        )
        for status in ("posted", "payment_due", "not_paid")
    ),
    Row(
        "a paid invoice is a deal, won when it was paid",
        invoice={"status": "paid", "paid_at": at("2026-11-01 10:00")},
        deal={"status": "won", "won": "2026-11-01 10:00", "value": "100 USD"},
    ),
    Row(
        "a voided invoice is a deal, lost when it was voided, with the reason",
        invoice={
            **DUE,
            "status": "voided",
            "voided_at": at("2026-11-01 11:00"),
            "void_reason_code": "Sent twice",
        },
        deal={"status": "lost", "lost": "2026-11-01 11:00", "reason": "Sent twice", "won": None},
    ),
    Row("a pending invoice makes no deal", invoice={"status": "pending", **DUE}),
    Row("an invoice over nothing makes no deal", invoice={"total": 0, "amount_paid": 0}),
    Row("an invoice that says no total makes no deal", invoice={"total": None}),
    Row("a recurring invoice makes no deal", invoice={"recurring": True}),
    Row("an invoice that was deleted before makes no deal", invoice={"deleted": True}),
    Row(
        "a deal says which invoice it is, its status and what is due",
        invoice={**DUE, "id": "2026/INV-7", "status": "payment_due", "amount_due": 2_550},
        deal={
            "CB Invoice ID": "2026/INV-7",
            "CB Invoice Status": "Payment due",
            "CB Due": "25.5 USD",
            "value": "100 USD",
        },
    ),
    Row(
        "what is due of a paid invoice is nothing",
        invoice={"status": "paid"},
        deal={"CB Due": "0 USD", "CB Invoice Status": "Paid"},
    ),
    Row(
        "a deal of an invoice is named by company and invoice number",
        customer={"company": "Acme", "first_name": "Ada"},
        invoice={"id": "INV-8"},
        deal={"title": "Acme - INV-8"},
    ),
    Row(
        "an invoice keeps its own currency, one without decimals too",
        invoice={"currency_code": "JPY", "total": 5_000, "amount_paid": 5_000},
        deal={"value": "5000 JPY", "CB Due": "0 JPY"},
    ),
    Row(
        "an invoice in a currency that Pipedrive lacks is an error and no deal",
        invoice={"currency_code": "NOK"},
        error="currency_missing",
    ),
    Row(
        "invoices have a pipeline and a title of their own",
        settings=CHOSEN,
        customer={"first_name": "Ada", "last_name": "Byron"},
        invoice={"id": "INV-9"},
        deal={
            "pipeline": "Renewals",
            "stage": "Up for Renewal",
            "title": "Invoice INV-9 for Ada Byron",
        },
    ),
    Row(
        "a status of invoices that is set to none makes no deal",
        settings=CHOSEN,
        invoice={"status": "posted", **DUE},
    ),
    Row(
        "an unpaid invoice can be a lost deal",
        settings=CHOSEN,
        invoice={"status": "not_paid", **DUE},
        deal={"stage": "Agreed", "status": "lost", "reason": None},
    ),
    Row(
        "a pending invoice can have a deal",
        settings=CHOSEN,
        invoice={"status": "pending", **DUE},
        deal={"stage": "Offered", "status": "open"},
    ),
    Row("invoices make no deals where setting 8 is off", settings=OFF, invoice={}),
    Row(
        "an invoice that is paid wins the deal that it has",
        invoice={"status": "posted", **DUE},
        later={
            "status": "paid",
            "paid_at": at("2026-11-02 10:00"),
            "amount_due": 0,
            "amount_paid": 10_000,
        },
        deal={"status": "won", "won": "2026-11-02 10:00", "CB Due": "0 USD"},
    ),
    Row(
        "an invoice that falls due without payment stays open, and says so",
        invoice={"status": "posted", **DUE},
        later={"status": "not_paid"},
        deal={"status": "open", "CB Invoice Status": "Not paid", "CB Due": "100 USD"},
    ),
    Row(
        "an invoice that is voided loses the deal that it has",
        invoice={"status": "payment_due", **DUE},
        later={
            "status": "voided",
            "voided_at": at("2026-11-02 10:00"),
            "void_reason_code": "Wrong amount",
        },
        deal={"status": "lost", "lost": "2026-11-02 10:00", "reason": "Wrong amount"},
    ),
    Row(
        "a part that is paid shows in what is due, not in the value",
        invoice={"status": "posted", **DUE},
        later={"amount_paid": 4_000, "amount_due": 6_000},
        deal={"status": "open", "value": "100 USD", "CB Due": "60 USD"},
    ),
    Row(
        "an invoice that is deleted leaves its deal as it is, but for the word Deleted",
        invoice={"status": "posted", **DUE},
        later={"deleted": True},
        deal={"status": "open", "value": "100 USD", "CB Invoice Status": "Deleted"},
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_deal_of_an_invoice(row: Row, outcomes: dict[str, Outcome]):
    outcomes[row.says].check(row)
