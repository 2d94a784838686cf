"""What a year brings in Chargebee: sign-ups, changes of mind, bills."""

import random
from collections import Counter
from collections.abc import Callable, Sequence

from deal_terms import Json
from world import World

PLANS = ("basic", "team", "business", "enterprise")
CURRENCIES = ("USD", "USD", "EUR", "GBP", "JPY")
HEADS = ("Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Ginkgo", "Hazel", "Juniper", "Larch")
TAILS = ("Works", "Labs", "Foods", "Freight", "Optics", "Press", "Yards", "Mills")
NAMES = ("Ada", "Bo", "Cleo", "Dan", "Eve", "Finn", "Gus", "Hana", "Ida", "Jon", "Kim", "Lea")
REASONS = ("Too expensive", "Went to a rival", "Not used", None)
RUNNING = ("active", "non_renewing", "in_trial", "future", "paused")
OPEN = ("posted", "payment_due", "not_paid")


class BillingYear:
    """Does what the merchant and its customers do, one thing at a time, drawn by `chance`.

    customers: how many there are to be in the end; half of them come in the course of the year.
    done, refused: how often each thing was done, and refused by Chargebee.
    """

    def __init__(self, world: World, chance: random.Random, customers: int) -> None:
        self._world = world
        self._chance = chance
        self._most = customers
        self._named = 0
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.deeds: dict[str, tuple[int, Callable[[], object]]] = {
            "signs up": (10, self.sign_up),
            "starts another": (5, self.start),
            "changes the plan": (8, self.change),
            "changes the plan at term end": (5, self.change_later),
            "forgets a scheduled change": (1, self.forget_change),
            "cancels": (5, self.cancel),
            "cancels at term end": (6, self.cancel_later),
            "stays after all": (2, self.keep),
            "pauses": (4, self.pause),
            "resumes": (3, self.resume),
            "comes back": (4, self.reactivate),
            "gets a subscription of somebody else": (2, self.move),
            "is merged into another": (1, self.merge),
            "goes to another entity": (1, self.transfer),
            "buys once": (14, self.bill),
            "is charged on a subscription": (2, self.charge),
            "gets a bill over nothing": (1, self.bill_nothing),
            "gets a bill that waits": (1, self.bill_pending),
            "is sent the bill that waited": (1, self.send),
            "pays": (12, self.pay),
            "pays a part": (3, self.pay_part),
            "has a bill voided": (4, self.void),
            "has a bill credited": (3, self.credit),
            "has a bill written off": (1, self.write_off),
            "has money back": (2, self.refund),
            "loses a bill": (1, self.delete_bill),
            "loses a subscription": (1, self.delete_subscription),
            "is deleted": (1, self.delete),
            "has a new company": (3, self.rename_company),
            "has a new name": (2, self.rename),
            "has a new address": (1, self.new_email),
        }

    def something(self) -> None:
        """One thing, at random; Chargebee may refuse it."""
        words = list(self.deeds)
        deed = self._chance.choices(words, [self.deeds[word][0] for word in words])[0]
        try:
            self.deeds[deed][1]()
        except (ValueError, KeyError, IndexError):
            self.refused[deed] += 1
        else:
            self.done[deed] += 1

    def sign_up(self) -> None:
        """A new customer with, mostly, a subscription: in trial, at once, or later."""
        if self._named * 2 >= self._most:
            raise ValueError("all are there")
        self._named += 1
        words = f"{self._chance.choice(NAMES)} {self._chance.choice(HEADS)}{self._named}"
        first, last = words.split()
        company = f"{self._chance.choice(HEADS)} {self._chance.choice(TAILS)}"
        customer = self._world.billing.add_customer(
            id=f"year_{self._named:04}",
            first_name=first,
            last_name=last,
            email=f"{first}.{last}@year.example".lower(),
            company=self._chance.choice((company, company, None)),
            preferred_currency_code=self._chance.choice(CURRENCIES),
        )
        if self._chance.random() < 0.9:
            self.start(customer)

    def start(self, customer: Json | None = None) -> None:
        customer = customer or self._customer()
        how = self._chance.choice(
            (
                {"trial_days": 14},
                {"trial_days": 30},
                {},
                {"start_in_days": 20},
                {"start_in_days": 10, "trial_days": 14},
            )
        )
        self._world.sandbox.subscriptions.start(
            customer["id"],
            plan=self._chance.choice(PLANS),
            currency=customer.get("preferred_currency_code", "USD"),
            unit=self._chance.choice(("month", "month", "year")),
            quantity=self._chance.randrange(1, 6),
            **how,
        )

    def change(self) -> None:
        self._verbs.change(self._subscription(*RUNNING[:4]), **self._other_plan())

    def change_later(self) -> None:
        id = self._subscription("active", "in_trial")
        self._verbs.change(id, **self._other_plan(), at_term_end=True)

    def forget_change(self) -> None:
        self._verbs.remove_scheduled_changes(self._subscription("active", "in_trial"))

    def cancel(self) -> None:
        self._verbs.cancel(self._subscription(*RUNNING), reason=self._chance.choice(REASONS))

    def cancel_later(self) -> None:
        id = self._subscription("active", "in_trial")
        self._verbs.cancel(id, at_term_end=True, reason=self._chance.choice(REASONS))

    def keep(self) -> None:
        self._verbs.keep(self._subscription("non_renewing"))

    def pause(self) -> None:
        id = self._subscription("active", "non_renewing")
        self._verbs.pause(id, self._chance.choice((None, 20, 60)))

    def resume(self) -> None:
        self._verbs.resume(self._subscription("paused"))

    def reactivate(self) -> None:
        self._verbs.reactivate(self._subscription("cancelled"))

    def move(self) -> None:
        self._world.billing.edit_subscription(
            self._subscription(*RUNNING), customer_id=self._customer()["id"]
        )

    def merge(self) -> None:
        self._world.sandbox.customers.merge(self._customer()["id"], self._customer()["id"])

    def transfer(self) -> None:
        self._world.sandbox.customers.transfer(self._customer()["id"], "be_emea")

    def bill(self) -> None:
        amount = self._chance.randrange(1_000, 900_000)
        days = self._chance.choice((0, 14, 14, 30))
        self._world.sandbox.invoices.raise_for(self._customer()["id"], amount, (), days)

    def charge(self) -> None:
        id = self._subscription("active")
        owner = self._world.billing.subscription(id)["customer_id"]
        self._world.sandbox.invoices.raise_for(owner, 4_900, [id])

    def bill_nothing(self) -> None:
        self._world.billing.add_invoice(self._customer()["id"], total=0, amount_paid=0)

    def bill_pending(self) -> None:
        self._world.billing.add_invoice(self._customer()["id"], status="pending", paid_at=None)

    def send(self) -> None:
        attrs = {"status": "payment_due", "amount_paid": 0, "amount_due": 10_000}
        self._world.billing.edit_invoice(self._invoice("pending"), **attrs)

    def pay(self) -> None:
        self._world.sandbox.invoices.pay(self._invoice(*OPEN))

    def pay_part(self) -> None:
        self._world.sandbox.invoices.pay(self._invoice(*OPEN), 700)

    def void(self) -> None:
        reason = self._chance.choice(("Wrong amount", "Sent twice", None))
        self._world.sandbox.invoices.void(self._invoice(*OPEN), reason)

    def credit(self) -> None:
        self._world.sandbox.invoices.credit(self._invoice(*OPEN, "paid"), 900)

    def write_off(self) -> None:
        self._world.sandbox.invoices.write_off(self._invoice(*OPEN))

    def refund(self) -> None:
        self._world.sandbox.invoices.refund(self._invoice("paid"), 500)

    def delete_bill(self) -> None:
        self._world.sandbox.invoices.delete(self._invoice(*OPEN, "paid"))

    def delete_subscription(self) -> None:
        self._world.billing.delete_subscription(self._subscription(*RUNNING, "cancelled"))

    def delete(self) -> None:
        self._world.sandbox.customers.delete(self._customer()["id"])

    def rename_company(self) -> None:
        company = f"{self._chance.choice(HEADS)} {self._chance.choice(TAILS)}"
        self._world.billing.edit_customer(self._customer()["id"], company=company)

    def rename(self) -> None:
        name = self._chance.choice(NAMES)
        self._world.billing.edit_customer(self._customer()["id"], first_name=name)

    def new_email(self) -> None:
        customer = self._customer()
        email = f"moved.{self._chance.randrange(10**6)}@year.example"
        self._world.billing.edit_customer(customer["id"], email=email)

    @property
    def _verbs(self):
        return self._world.sandbox.subscriptions

    def _other_plan(self) -> Json:
        return {"plan": self._chance.choice(PLANS), "quantity": self._chance.randrange(1, 6)}

    def _customer(self) -> Json:
        """One that lives, and was not left behind by a move to another entity."""
        rows = self._world.billing.customers()
        living = [c for c in rows if not c.get("deleted")]
        return self._chance.choice([c for c in living if c.get("active_id", c["id"]) == c["id"]])

    def _subscription(self, *statuses: str) -> str:
        return self._one_of(list(self._world.billing.subscriptions()), statuses)

    def _invoice(self, *statuses: str) -> str:
        rows = (i for i in self._world.billing.invoices() if i["recurring"] is False)
        return self._one_of(list(rows), statuses)

    def _one_of(self, rows: Sequence[Json], statuses: Sequence[str]) -> str:
        fit = [row["id"] for row in rows if row["status"] in statuses and not row.get("deleted")]
        return self._chance.choice(fit)
