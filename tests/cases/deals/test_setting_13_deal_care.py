"""Setting 13: never move or reopen a deal that a person has moved, won, lost or archived.

And what goes on all the same: what billing knows, the value, the title, the custom fields.
"""

from typing import Any

import pytest
from deal_sheet import Outcome, Row
from deal_story import (
    DealStory,
    archives,
    at,
    attaches,
    deletes,
    item,
    loses,
    moves_to,
    names_it,
    reopens,
    takes_off_products,
    wins,
)

pytestmark = pytest.mark.django_db
TRIAL = {"status": "in_trial", "trial_end": at("2026-11-16")}
CONVERTS = {"status": "active", "activated_at": at("2026-11-02 11:00")}
LAPSES = {
    "status": "cancelled",
    "cancelled_at": at("2026-11-02 11:00"),
    "cancel_reason_code": "Too expensive",
}
UPGRADES = {"subscription_items": [item(19_900, name="business-USD-monthly")]}
STAGES: Any = {
    "subscriptions": {
        "status": {
            "in_trial": {"stage": "Contact Made", "status": "open"},
            "active": {"stage": "Negotiations Started", "status": "won"},
            "paused": {"stage": "Proposal Made", "status": "open"},
            "cancelled": {"stage": "Qualified", "status": "lost"},
        }
    }
}
PARTED: Any = {
    "subscriptions": {
        "status": {
            **STAGES["subscriptions"]["status"],
            "cancelled": {"status": "none"},
        }
    }
}
CARELESS: Any = {**STAGES, "deal_care": False}

FOLLOWS = [
    Row(
        "a trial that converts wins its deal, with a new stage",
        settings=STAGES,
        subscription=TRIAL,
        later=CONVERTS,
        deal={"status": "won", "stage": "Negotiations Started", "won": "2026-11-02 11:00"},
    ),
    Row(
        "a trial that lapses loses its deal, with the reason",
        settings=STAGES,
        subscription=TRIAL,
        later=LAPSES,
        deal={
            "status": "lost",
            "stage": "Qualified",
            "lost": "2026-11-02 11:00",
            "reason": "Too expensive",
        },
    ),
    Row(
        "a subscription that ends loses the deal that was won",
        settings=STAGES,
        subscription={"status": "active"},
        later=LAPSES,
        deal={"status": "lost", "won": None, "lost": "2026-11-02 11:00"},
    ),
    Row(
        "a subscription that comes back wins the deal that was lost, at its new beginning",
        settings=STAGES,
        subscription=LAPSES,
        later={"status": "active", "activated_at": at("2026-11-02 12:00"), "cancelled_at": None},
        deal={"status": "won", "won": "2026-11-02 12:00", "lost": None, "reason": None},
    ),
    Row(
        "a won deal opens again where the status says so and nobody touched it",
        settings=STAGES,
        subscription={"status": "active"},
        later={"status": "paused"},
        deal={"status": "open", "stage": "Proposal Made", "won": None},
    ),
    Row(
        "a change of plan changes value, plan and title",
        settings=STAGES,
        customer={"company": "Acme"},
        subscription={"status": "active"},
        later=UPGRADES,
        deal={
            "value": "199 USD",
            "CB Plan": "business-USD-monthly",
            "title": "Acme - business-USD-monthly",
            "status": "won",
        },
    ),
    Row(
        "a company that is renamed in Chargebee renames its deals",
        settings=STAGES,
        customer={"company": "Acme"},
        subscription={"status": "active"},
        customer_later={"company": "Umbrella"},
        deal={"title": "Umbrella - team-USD-monthly"},
    ),
    Row(
        "a subscription that is deleted leaves its deal as it is, but for the word Deleted",
        settings=STAGES,
        subscription={"status": "active"},
        later={"deleted": True},
        deal={"status": "won", "value": "49 USD", "CB Subscription Status": "Deleted"},
    ),
    Row(
        "a linked deal whose status is set to none is left alone",
        settings=PARTED,
        subscription={"status": "active"},
        later={**LAPSES, **UPGRADES},
        deal={
            "status": "won",
            "value": "49 USD",
            "CB Subscription Status": "Active",
            "CB Plan": "team-USD-monthly",
        },
    ),
    Row(
        "a subscription that ended and came back between two syncs is won at its new beginning",
        settings=STAGES,
        subscription={"status": "active", "activated_at": at("2026-10-20 08:00")},
        later={"activated_at": at("2026-11-02 12:00")},
        deal={"status": "won", "won": "2026-11-02 12:00"},
    ),
    Row(
        "a trial that moves further away is expected to close then",
        settings=STAGES,
        subscription=TRIAL,
        later={"trial_end": at("2026-12-24")},
        deal={"expected_close": "2026-12-24", "status": "open"},
    ),
]

CARE = [
    Row(
        "a deal that a person moved is not moved: its stage stays, its value follows",
        settings=STAGES,
        subscription=TRIAL,
        by_hand=(moves_to("Demo Scheduled"),),
        later=UPGRADES,
        deal={"stage": "Demo Scheduled", "status": "open", "value": "199 USD"},
    ),
    Row(
        "a deal that a person moved is won when its trial converts, in the stage where it stands",
        settings=STAGES,
        subscription=TRIAL,
        by_hand=(moves_to("Demo Scheduled"),),
        later=CONVERTS,
        deal={"stage": "Demo Scheduled", "status": "won", "won": "2026-11-02 11:00"},
    ),
    Row(
        "a deal that a person lost is neither won nor moved when its trial converts",
        settings=STAGES,
        subscription=TRIAL,
        by_hand=(loses,),
        later=CONVERTS,
        deal={"stage": "Contact Made", "status": "lost"},
    ),
    Row(
        "a deal that a person moved to another pipeline stays in it",
        settings=STAGES,
        subscription=TRIAL,
        by_hand=(moves_to("Agreed"),),
        later=CONVERTS,
        deal={"pipeline": "Renewals", "stage": "Agreed", "status": "won"},
    ),
    Row(
        "a deal that a person moved is won at its subscription's new beginning",
        settings=STAGES,
        subscription={"status": "active", "activated_at": at("2026-10-20 08:00")},
        by_hand=(moves_to("Proposal Made"),),
        later={"activated_at": at("2026-11-02 12:00")},
        deal={"stage": "Proposal Made", "status": "won", "won": "2026-11-02 12:00"},
    ),
    Row(
        "a deal that a person lost is not won by its subscription",
        settings=STAGES,
        subscription=TRIAL,
        by_hand=(loses,),
        later=CONVERTS,
        deal={"status": "lost", "reason": "By hand", "CB Subscription Status": "Active"},
    ),
    Row(
        "a deal that a person lost is not reopened",
        settings=STAGES,
        subscription={"status": "active"},
        by_hand=(loses,),
        later={"status": "paused"},
        deal={"status": "lost", "reason": "By hand", "CB Subscription Status": "Paused"},
    ),
    Row(
        "a deal that a person won is not lost by its subscription",
        settings=STAGES,
        subscription=TRIAL,
        by_hand=(wins,),
        later=LAPSES,
        deal={"status": "won", "reason": None, "lost": None, "CB Subscription Status": "Cancelled"},
    ),
    Row(
        "a deal that a person won is not reopened",
        settings=STAGES,
        subscription=TRIAL,
        by_hand=(wins,),
        later=UPGRADES,
        deal={"status": "won", "value": "199 USD"},
    ),
    Row(
        "a deal that a person reopened stays open",
        settings=STAGES,
        subscription=LAPSES,
        by_hand=(reopens,),
        later={"cancel_reason_code": "Went to a rival"},
        deal={"status": "open", "reason": None, "lost": None},
    ),
    Row(
        "an archived deal is neither moved nor reopened, and stays in the archive",
        settings=STAGES,
        subscription={"status": "active"},
        by_hand=(archives,),
        later={"status": "paused"},
        deal={
            "archived": True,
            "status": "won",
            "stage": "Negotiations Started",
            "CB Subscription Status": "Paused",
        },
    ),
    Row(
        "an archived deal is still told what it is worth",
        settings=STAGES,
        subscription=TRIAL,
        by_hand=(archives,),
        later=UPGRADES,
        deal={"archived": True, "value": "199 USD"},
    ),
    Row(
        "a deal that a person deleted is not made again",
        settings=STAGES,
        subscription=TRIAL,
        by_hand=(deletes,),
        later=CONVERTS,
    ),
    Row(
        "a title that a person gave is written over when the record changes",
        settings=STAGES,
        customer={"company": "Acme"},
        subscription=TRIAL,
        by_hand=(names_it("My deal"),),
        later=UPGRADES,
        deal={"title": "Acme - business-USD-monthly"},
    ),
    Row(
        "a title that a person gave stays while the record does not change",
        settings=STAGES,
        subscription=TRIAL,
        by_hand=(names_it("My deal"),),
        deal={"title": "My deal"},
    ),
    Row(
        "products lock the value: it is theirs, and the rest follows",
        settings=STAGES,
        subscription=TRIAL,
        by_hand=(attaches(300, 50),),
        later={**CONVERTS, **UPGRADES},
        deal={"value": "350 USD", "status": "won", "CB Plan": "business-USD-monthly"},
    ),
    Row(
        "a deal without products again is worth what billing says at the next change",
        settings=STAGES,
        subscription=TRIAL,
        by_hand=(attaches(300, 50), takes_off_products),
        later=UPGRADES,
        deal={"value": "199 USD"},
    ),
    Row(
        "a deal moved by a person is not moved back while nothing changes",
        settings=STAGES,
        subscription=TRIAL,
        by_hand=(moves_to("Demo Scheduled"),),
        deal={"stage": "Demo Scheduled"},
    ),
]

CARELESSLY = [
    Row(
        "without deal care a deal that a person moved is moved with the next change",
        settings=CARELESS,
        subscription=TRIAL,
        by_hand=(moves_to("Demo Scheduled"),),
        later=UPGRADES,
        deal={"stage": "Contact Made", "value": "199 USD"},
    ),
    Row(
        "without deal care a deal that a person lost is won by its subscription",
        settings=CARELESS,
        subscription=TRIAL,
        by_hand=(loses,),
        later=CONVERTS,
        deal={"status": "won", "won": "2026-11-02 11:00", "reason": None},
    ),
    Row(
        "without deal care a deal that a person won is reopened by its trial",
        settings=CARELESS,
        subscription=TRIAL,
        by_hand=(wins,),
        later=UPGRADES,
        deal={"status": "open", "won": None},
    ),
    Row(
        "without deal care a deleted deal is not made again either",
        settings=CARELESS,
        subscription=TRIAL,
        by_hand=(deletes,),
        later=CONVERTS,
    ),
]
ROWS = [*FOLLOWS, *CARE, *CARELESSLY]


@pytest.mark.parametrize("row", FOLLOWS, ids=str)
def test_a_deal_follows_its_record(row: Row, outcomes: dict[str, Outcome]):
    outcomes[row.says].check(row)


@pytest.mark.parametrize("row", CARE, ids=str)
def test_what_a_person_did_with_a_deal(row: Row, outcomes: dict[str, Outcome]):
    outcomes[row.says].check(row)


@pytest.mark.parametrize("row", CARELESSLY, ids=str)
def test_deal_care_switched_off(row: Row, outcomes: dict[str, Outcome]):
    outcomes[row.says].check(row)


def test_the_time_at_which_a_person_won_a_deal_stays_where_billing_says_won_later(
    story: DealStory,
):
    story.customer("ada")
    story.full()
    id = story.subscription("ada", **TRIAL)
    story.hourly()
    story.crm.win_deal(story.deal(id)["id"])
    by_hand = story.deal(id)["won"]
    for minutes in (90, 95):
        story.clock.advance(minutes * 60)
        moment = int(story.clock.timestamp())
        story.billing.edit_subscription(id, status="active", activated_at=moment)
        story.hourly()
        story.deal_shows(id, status="won", won=by_hand)
