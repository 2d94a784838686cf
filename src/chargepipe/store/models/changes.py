"""Changes: the plan, the intents and the journal in one table (architecture.md)."""

from django.db import models

from chargepipe.domain.change import UNFINISHED
from chargepipe.store.models.accounts import Account, Connection
from chargepipe.store.models.runs import Run


class Change(models.Model):
    """One planned write and what became of it; domain.change holds its states.

    `before` and `after` map our field names to values; `target` is what the link remembers
    as last written once the change is true. `follows`: another customer's change that makes
    or writes the same person first (customers that share a key). `reverts`: the change that this
    one takes back; `kept` names the fields that it leaves, for a person changed them since.
    `working` tells how MRR and CMRR came about (domain.revenue), as of this change.
    """

    UNFINISHED = tuple(map(str, UNFINISHED))

    run_id: int
    connection_id: int
    follows_id: int | None
    reverts_id: int | None

    # Its index is a part of the longer ones below.
    run = models.ForeignKey(Run, models.CASCADE, related_name="changes", db_index=False)
    connection = models.ForeignKey(Connection, models.CASCADE)
    account = models.ForeignKey(Account, models.CASCADE)
    action = models.CharField(max_length=10)
    kind = models.CharField(max_length=20)
    source_key = models.CharField(max_length=300)
    pipedrive_id = models.BigIntegerField(null=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    target = models.JSONField(default=dict)
    reason = models.CharField(max_length=20, blank=True)
    revision = models.IntegerField(default=0)  # of the record it was planned from
    follows = models.ForeignKey("self", models.SET_NULL, null=True)
    reverts = models.ForeignKey("self", models.SET_NULL, null=True, related_name="reverted_by")
    kept = models.JSONField(default=list)
    working = models.JSONField(default=dict)
    state = models.CharField(max_length=12, default="planned")
    tries = models.IntegerField(default=0)  # how often it was intended
    fence = models.BigIntegerField(null=True)
    read_at = models.DateTimeField(null=True)  # when `before` was read
    intended_at = models.DateTimeField(null=True)  # by Pipedrive's clock
    uncertain_at = models.DateTimeField(null=True)  # by ours: it could last have been sent then
    written_at = models.DateTimeField(null=True)
    adopted = models.BooleanField(default=False)  # found by its mark, nothing was sent
    words = models.TextField(blank=True)  # why it failed or was skipped

    class Meta:
        indexes = [
            models.Index(
                fields=["account", "state"],
                name="change_unfinished",
                condition=models.Q(state__in=["intended", "unknown"]),
            ),
            models.Index(fields=["run", "kind", "state"], name="change_run"),
            models.Index(fields=["run", "id", "state", "kind"], name="change_page"),
            models.Index(fields=["connection", "kind", "source_key"], name="change_record"),
            models.Index(fields=["connection", "kind", "pipedrive_id"], name="change_pipedrive"),
        ]

    def __str__(self) -> str:
        """Action, kind and key; no values."""
        return f"{self.action} {self.kind} {self.source_key}"
