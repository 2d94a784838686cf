"""Which subscriptions and invoices belong to which customer, by arithmetic alone."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Children:
    """Numbers of children handed out to parents by a repeating pattern of counts.

    The pattern (4, 0, 1) gives the children 1-4 to parent 1, none to parent 2, 5 to parent 3, and
    so on. `parents` is how many parents there are.
    """

    pattern: tuple[int, ...]
    parents: int

    @property
    def size(self) -> int:
        """How many children there are."""
        return self._before(self.parents)

    def of(self, parent: int) -> range:
        """The numbers of a parent's children."""
        return range(self._before(parent - 1) + 1, self._before(parent) + 1)

    def parent(self, child: int) -> int:
        """The number of a child's parent."""
        block, rest = divmod(child - 1, sum(self.pattern))
        for place, count in enumerate(self.pattern, start=1):
            if rest < count:
                return block * len(self.pattern) + place
            rest -= count
        raise AssertionError("the rest is smaller than the sum of the pattern")

    def _before(self, parents: int) -> int:
        blocks, rest = divmod(parents, len(self.pattern))
        return blocks * sum(self.pattern) + sum(self.pattern[:rest])
