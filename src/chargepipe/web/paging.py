"""Pages of long tables: cut in the database, by an index, so that the last page is quick, too."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

SIZE = 50


class _Pages(Paginator):
    """Finds first which rows stand on a page, by numbers alone; then reads only these."""

    ids: Sequence[int] | None = None
    """The numbers of all rows, where they are known already."""
    more = False
    """Whether there are more rows than are shown."""
    lead: Sequence[int] = ()
    """The numbers of some rows that stand before all others."""

    def page(self, number: int | str) -> Page:
        """One page; raises what Django's own does for one that is not there."""
        number = self.validate_number(number)
        first = (number - 1) * self.per_page
        found: Any = self.object_list
        others = found.exclude(pk__in=self.lead) if self.lead else found
        ids = others.values_list("pk", flat=True) if self.ids is None else self.ids
        lead = self.lead[first : first + self.per_page]
        first = max(0, first - len(self.lead))
        some = [*lead, *ids[first : first + self.per_page - len(lead)]]
        rows = found.in_bulk(some)
        return Page([rows[id] for id in some if id in rows], number, self)


def page_of(
    request: HttpRequest,
    found: QuerySet[Any],
    *,
    size: int = SIZE,
    count: int | None = None,
    most: int | None = None,
    lead: Sequence[int] = (),
) -> Page:
    """The page that is asked for, the first or last one where that is none.

    `count` is how many rows there are, where that is known already. `most` ends a search after so
    many finds: to count them all, every row would have to be looked at. `lead` are the numbers of
    a few rows of it that stand first.
    """
    pages = _Pages(found, size)
    pages.lead = lead
    if most is not None:
        ids = list(found.values_list("pk", flat=True)[: most + 1])
        pages.ids, pages.more = ids[:most], len(ids) > most
        count = len(pages.ids)
    if count is not None:
        pages.__dict__["count"] = count  # a cached property of Django's
    return pages.get_page(request.GET.get("page"))
