"""The words for deals: what a deal shows, and what a salesperson does with it."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from story import Row, Story

ON: Row = {"subscription_deals": {"enabled": True}, "invoice_deals": {"enabled": True}}
MARKS = ("CB Subscription ID", "CB Invoice ID")


def at(moment: str) -> int:
    """Unix seconds of "2026-11-20" or "2026-11-20 10:30", UTC."""
    return int(datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp())


def item(amount: int, type: str = "plan", name: str = "team-USD-monthly") -> Row:
    """An item of a subscription; minor units a period."""
    return {"item_price_id": name, "item_type": type, "quantity": 1, "amount": amount}


class DealStory(Story):
    """A story whose deals are found by their marks: the id of a subscription or an invoice."""

    def given(self, **settings: Any) -> Any:
        """The settings from now on; deals are on unless said otherwise."""
        return super().given(**{**ON, **settings})

    def invoice(self, customer: str, **attrs: Any) -> str:
        """A one-time invoice of the customer: paid, 100.00 USD, unless attrs say else."""
        deleted = attrs.pop("deleted", False)
        made = self.billing.add_invoice(customer, **attrs)["id"]
        if deleted:
            self.billing.delete_invoice(made)
        self.clock.advance(60)
        return made

    def deals(self) -> list[Row]:
        """Every living deal in words, archived ones too."""
        return [self.in_words(deal) for deal in self.crm.deals()]

    def deals_of(self, id: str) -> list[Row]:
        """The deals that carry the id of a subscription or invoice."""
        return [deal for deal in self.deals() if id in (deal.get(mark) for mark in MARKS)]

    def deal(self, id: str) -> Row:
        """The one deal of a subscription or invoice; empty where it has none."""
        deals = self.deals_of(id)
        assert len(deals) <= 1, f"{id} has {len(deals)} deals"
        return deals[0] if deals else {}

    def deal_shows(self, id: str, **expected: Any) -> None:
        """The one deal of a record shows this; what is not named does not matter."""
        deal = self.deal(id)
        assert deal, f"{id} has no deal"
        assert {name: deal[name] for name in expected} == expected

    def has_deal(self, title: str, **body: Any) -> int:
        """A deal that Pipedrive has already."""
        return self.crm.add_deal(title=title, **body)["id"]

    def in_words(self, row: Row) -> Row:
        """A deal as people read it; times as "2026-11-20 10:30"."""
        pipelines = {each["id"]: each["name"] for each in self.crm.pipelines}
        stages = {each["id"]: each["name"] for each in self.crm.stages}
        people = {person["id"]: person["name"] for person in self.crm.persons()}
        organizations = {each["id"]: each["name"] for each in self.crm.organizations()}
        fields = self.held("deal", {**row, "name": row["title"]})
        return {
            **fields,
            "title": row["title"],
            "pipeline": pipelines[row["pipeline_id"]],
            "stage": stages[row["stage_id"]],
            "status": row["status"],
            "value": f"{Decimal(str(row['value'])).normalize():f} {row['currency']}",
            "expected_close": row["expected_close_date"],
            "won": _minute(row["won_time"]),
            "lost": _minute(row["lost_time"]),
            "reason": row["lost_reason"],
            "person": people.get(row["person_id"]),
            "organization": organizations.get(row["org_id"]),
            "archived": row["is_archived"],
        }

    def stage(self, name: str) -> int:
        """The id of a stage."""
        return next(each["id"] for each in self.crm.stages if each["name"] == name)


Deed = Callable[[DealStory, int], object]
"""Something that a salesperson does with the deal of an id."""


def moves_to(stage: str) -> Deed:
    return lambda story, id: story.crm.move_deal(id, story.stage(stage))


def wins(story: DealStory, id: int) -> object:
    return story.crm.win_deal(id)


def loses(story: DealStory, id: int) -> object:
    return story.crm.lose_deal(id, "By hand")


def reopens(story: DealStory, id: int) -> object:
    return story.crm.reopen_deal(id)


def archives(story: DealStory, id: int) -> object:
    return story.crm.archive_deal(id)


def deletes(story: DealStory, id: int) -> object:
    return story.crm.delete_deal(id)


def attaches(*amounts: int) -> Deed:
    return lambda story, id: story.crm.add_products(id, list(amounts))


def takes_off_products(story: DealStory, id: int) -> object:
    return story.crm.remove_products(id)


def names_it(title: str) -> Deed:
    return lambda story, id: story.crm.edit_deal(id, title=title)


def _minute(time: str | None) -> str | None:
    return time and time[:16].replace("T", " ")
