"""What the account holds, to read."""

from collections.abc import Collection, Iterator

from ..clock import Clock
from ..data.deals import Deals
from ..data.people import People
from ..messages import Row
from ..options import Options
from . import account
from .attributes import KINDS, Kind
from .company import Company
from .cursors import Cursors
from .fields import Fields
from .happenings import News
from .permissions import Permissions
from .pipelines import Pipelines
from .products import Products
from .records import Records
from .rows import UNSHOWN

OWNER_ALONE = (1, 5)
"""Values of `visible_to` that hide a record from other users (5: the owner's group, which the
token's user is not in)."""


class Holdings:
    """Users, currencies, pipelines, fields, permissions, records, and cursors of their lists.

    Kept rows are inside, API v2's rows (`wire`) go out. `me`, `users`, `currencies`, `pipelines`
    and `stages` may be edited in place. `listeners` are told of every change.
    """

    def __init__(
        self,
        seed: int,
        people: People,
        company: Company,
        clock: Clock,
        lags: tuple[float, float],
        options: Options,
    ) -> None:
        self._options = options
        self._company = company
        self.me = account.me()
        self.users = [self.me, account.colleague()]
        self.currencies = account.currencies()
        self.funnel = Pipelines()
        self.pipelines, self.stages = self.funnel.pipelines, self.funnel.stages
        self.news = News(self.me)
        self.listeners = self.news.listeners
        self.permissions = Permissions()
        self.field_set = Fields(seed, company, self.news)
        self._clock = clock
        self.cursors = Cursors(clock, options.cursor_seconds)
        sample = Deals(seed, people)
        self.products = Products(sample, lambda: company.plan != "lite")
        self._owners: dict[tuple[Kind, int], int] = {}
        self.open_deals: int = sum(sample.is_open(number) for number in range(1, sample.size + 1))
        times = (people.added, people.updated)
        self.records: dict[Kind, Records] = {
            "person": Records(people.persons, people.person, times, clock, lags),
            "organization": Records(people.organizations, people.organization, times, clock, lags),
            "deal": Records(sample.size, sample.deal, (sample.added, sample.updated), clock, lags),
        }

    def kept(self, kind: Kind, id: int) -> Row:
        """The kept row of a record, deleted or not. Raises KeyError; ValueError for the kind."""
        if kind not in KINDS:
            raise ValueError(f"there are no records of kind {kind!r}; there are {', '.join(KINDS)}")
        self._clock.catch_up()
        row = self.records[kind].table.get(id)
        if row is None:
            raise KeyError(f"the sandbox has no {kind} with the id {id}")
        return row

    def living(self, kind: Kind, id: int) -> Row:
        """The kept row of a record that is not deleted. Raises as `kept` does."""
        row = self.kept(kind, id)
        if row["is_deleted"]:
            raise KeyError(f"the {kind} with the id {id} is deleted")
        return row

    def all_living(self, kind: Kind) -> Iterator[Row]:
        """The kept rows of every record of a kind that is not deleted, by id."""
        self._clock.catch_up()
        rows = self.records[kind].table.rows()
        return (row for _, row in rows if not row["is_deleted"])

    def wire(self, kind: Kind, row: Row, codes: Collection[str] | None = None) -> Row:
        """A kept row as answered: all custom fields of the account, or those of `codes`."""
        held = row["custom_fields"]
        known = self.field_set.custom(kind)
        custom = {code: held.get(code) for code in known if codes is None or code in codes}
        if kind == "deal":
            figures = self.products.figures(row)
            row = {key: row[key] for key in row if key not in UNSHOWN} | figures
        return row | {"custom_fields": custom}

    def sees(self, row: Row) -> bool:
        """Whether the token's user may see a record: not what another user keeps private."""
        if self._options.admins_see_all and any(each["admin"] for each in self.me["access"]):
            return True
        return row["visible_to"] not in OWNER_ALONE or row["owner_id"] == self.me["id"]

    def reaches(self, kind: Kind, id: int) -> bool:
        """Whether a record can be linked to: living, and not hidden from the token's user.

        The page may link to hidden records, as their owner could.
        """
        row = self.records[kind].table.get(id)
        if row is None or row["is_deleted"]:
            return False
        return self.news.source == "app" or self.sees(row)
