"""Workers: processes that carry runs, and when each was last heard of."""

from django.db import models


class Worker(models.Model):
    """One process. By `host` and `pid` a neighbour on the machine sees at once that it died."""

    executor = models.CharField(max_length=80, unique=True)
    host = models.CharField(max_length=255)
    pid = models.IntegerField()
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        """The executor's id."""
        return self.executor
