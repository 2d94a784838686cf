"""Errors: records that did not sync, and why."""

from django.db import models

from chargepipe.store.models.accounts import Connection


class SyncError(models.Model):
    """One reason why one record did not sync; one row a record and code, opened again if needed.

    States: open, ignored (until the record's own version moves), resolved; and warning,
    a finding of validation that stops nobody and is never counted.
    """

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="errors")
    run = models.BigIntegerField(null=True)  # the run that saw it last
    kind = models.CharField(max_length=20)
    source_key = models.CharField(max_length=300)
    code = models.CharField(max_length=40)
    words = models.TextField()
    candidates = models.JSONField(default=list)  # [{"id": 5, "name": "..."}]
    state = models.CharField(max_length=10, default="open")
    reason = models.TextField(blank=True)  # why a person ignored it
    version_ignored = models.BigIntegerField(null=True)
    opened_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)  # when it left the list: ignored or resolved

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "kind", "source_key", "code"], name="error_identity"
            )
        ]
        indexes = [
            models.Index(fields=["connection", "state", "opened_at", "id"], name="error_oldest")
        ]

    def __str__(self) -> str:
        """Record and code."""
        return f"{self.code} of {self.kind} {self.source_key}"
