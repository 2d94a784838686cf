"""Setting 7: one deal a subscription; what its status, its dates and its reasons make of it."""

import pytest
from deal_sheet import Outcome, Row
from deal_story import at

pytestmark = pytest.mark.django_db
STAGES = {
    "subscriptions": {
        "status": {
            "future": {"status": "none"},
            "in_trial": {"stage": "Proposal Made", "status": "open"},
            "active": {"stage": "Negotiations Started", "status": "won"},
            "non_renewing": {"stage": 3, "status": "open"},
            "paused": {"stage": "Contact Made", "status": "lost"},
            "cancelled": {"status": "none"},
            "transferred": {"stage": "Contact Made", "status": "lost"},
        }
    }
}
RENEWALS = {"subscriptions": {"pipeline": "Renewals"}}
BY_NUMBER = {"subscriptions": {"pipeline": 2}}
OFF = {"subscriptions": {"enabled": False}}

FIRST = {"pipeline": "Sales", "stage": "Qualified"}
ROWS = [
    Row(
        "a future subscription is an open deal, expected to close on its start date",
        subscription={"status": "future", "start_date": at("2026-12-01")},
        deal={**FIRST, "status": "open", "expected_close": "2026-12-01", "won": None},
    ),
    Row(
        "a subscription in trial is an open deal, expected to close when the trial ends",
        subscription={"status": "in_trial", "trial_end": at("2026-11-16 09:00")},
        deal={**FIRST, "status": "open", "expected_close": "2026-11-16", "won": None},
    ),
    Row(
        "a trial that is going to lapse is an open deal all the same",
        subscription={
            "status": "in_trial",
            "trial_end": at("2026-11-16 09:00"),
            "cancelled_at": at("2026-11-16 09:00"),
        },
        deal={"status": "open", "expected_close": "2026-11-16", "lost": None, "reason": None},
    ),
    Row(
        "an active subscription is a deal, won when it was activated",
        subscription={
            "activated_at": at("2026-10-20 08:00"),
            "started_at": at("2026-10-06 08:00"),
            "created_at": at("2026-10-01 08:00"),
        },
        deal={**FIRST, "status": "won", "won": "2026-10-20 08:00", "expected_close": None},
    ),
    Row(
        "without an activation it was won when it started",
        subscription={
            "activated_at": None,
            "started_at": at("2026-10-06 08:00"),
            "created_at": at("2026-10-01 08:00"),
        },
        deal={"status": "won", "won": "2026-10-06 08:00"},
    ),
    Row(
        "without an activation and a start it was won when it was created",
        subscription={
            "activated_at": None,
            "started_at": None,
            "created_at": at("2026-10-01 08:00"),
        },
        deal={"status": "won", "won": "2026-10-01 08:00"},
    ),
    Row(
        "a non-renewing subscription is won: it is paid for yet",
        subscription={"status": "non_renewing", "cancelled_at": at("2026-11-30")},
        deal={**FIRST, "status": "won", "lost": None, "reason": None},
    ),
    Row(
        "a paused subscription is won",
        subscription={"status": "paused", "activated_at": at("2026-10-20 08:00")},
        deal={**FIRST, "status": "won", "won": "2026-10-20 08:00"},
    ),
    Row(
        "a cancelled subscription is a deal, lost when it was cancelled, with the reason's code",
        subscription={
            "status": "cancelled",
            "cancelled_at": at("2026-10-31 12:00"),
            "cancel_reason": "not_paid",
            "cancel_reason_code": "Too expensive",
        },
        deal={
            **FIRST,
            "status": "lost",
            "lost": "2026-10-31 12:00",
            "reason": "Too expensive",
            "won": None,
        },
    ),
    Row(
        "without a code the reason is Chargebee's own",
        subscription={
            "status": "cancelled",
            "cancelled_at": at("2026-10-31 12:00"),
            "cancel_reason": "not_paid",
        },
        deal={"status": "lost", "reason": "not_paid"},
    ),
    Row(
        "a cancelled subscription without a reason is lost without one",
        subscription={"status": "cancelled", "cancelled_at": at("2026-10-31 12:00")},
        deal={"status": "lost", "reason": None},
    ),
    Row(
        "a cancelled subscription that does not say when is lost all the same",
        subscription={"status": "cancelled"},
        deal={"status": "lost"},
    ),
    Row("a transferred subscription makes no deal", subscription={"status": "transferred"}),
    Row(
        "a subscription that was deleted before makes no deal",
        subscription={"status": "active", "deleted": True},
    ),
    Row(
        "a deal says which subscription it is, its status, its plan and its next billing",
        subscription={"id": "sub_7", "next_billing_at": at("2026-12-02 09:00")},
        deal={
            "CB Subscription ID": "sub_7",
            "CB Subscription Status": "Active",
            "CB Plan": "team-USD-monthly",
            "CB Next Billing": "2026-12-02",
        },
    ),
    Row(
        "a status of two words is written as people write it",
        subscription={"status": "in_trial", "trial_end": at("2026-11-16 09:00")},
        deal={"CB Subscription Status": "In trial", "CB Next Billing": None},
    ),
    Row(
        "dates are taken in the site's time zone, times are moments",
        settings={"time_zone": "Asia/Tokyo"},
        subscription={
            "status": "in_trial",
            "trial_end": at("2026-11-16 20:00"),
            "next_billing_at": at("2026-11-16 20:00"),
        },
        deal={"expected_close": "2026-11-17", "CB Next Billing": "2026-11-17"},
    ),
    Row(
        "won times do not depend on the site's time zone",
        settings={"time_zone": "Asia/Tokyo"},
        subscription={"activated_at": at("2026-10-20 20:00")},
        deal={"won": "2026-10-20 20:00"},
    ),
    Row(
        "a status can have a stage of its own",
        settings=STAGES,
        subscription={"status": "in_trial", "trial_end": at("2026-11-16 09:00")},
        deal={"stage": "Proposal Made", "status": "open", "expected_close": "2026-11-16"},
    ),
    Row(
        "a won deal can have a stage of its own",
        settings=STAGES,
        subscription={"status": "active"},
        deal={"stage": "Negotiations Started", "status": "won"},
    ),
    Row(
        "a stage can be named by its number, a status be open that is won by default",
        settings=STAGES,
        subscription={"status": "non_renewing", "cancelled_at": at("2026-11-30")},
        deal={"stage": "Demo Scheduled", "status": "open", "expected_close": None, "lost": None},
    ),
    Row(
        "a status can be lost that is won by default",
        settings=STAGES,
        subscription={"status": "paused"},
        deal={"stage": "Contact Made", "status": "lost", "won": None},
    ),
    Row(
        "a status that is set to none makes no deal",
        settings=STAGES,
        subscription={"status": "future", "start_date": at("2026-12-01")},
    ),
    Row(
        "a status that is none by default can have a deal",
        settings=STAGES,
        subscription={"status": "transferred"},
        deal={"stage": "Contact Made", "status": "lost"},
    ),
    Row(
        "a chosen pipeline begins with the stage that people see first",
        settings=RENEWALS,
        subscription={"status": "active"},
        deal={"pipeline": "Renewals", "stage": "Up for Renewal", "status": "won"},
    ),
    Row(
        "a pipeline can be named by its number",
        settings=BY_NUMBER,
        subscription={"status": "active"},
        deal={"pipeline": "Renewals", "stage": "Up for Renewal"},
    ),
    Row(
        "subscriptions make no deals where setting 7 is off",
        settings=OFF,
        subscription={"status": "active"},
    ),
    Row(
        "invoices make deals where setting 7 is off and 8 is on",
        settings=OFF,
        invoice={"status": "paid"},
        deal={"status": "won"},
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_deal_of_a_subscription(row: Row, outcomes: dict[str, Outcome]):
    outcomes[row.says].check(row)
