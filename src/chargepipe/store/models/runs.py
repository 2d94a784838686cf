"""Runs: one execution each, with what it was asked and what came of it."""

from typing import TYPE_CHECKING

from django.db import models

from chargepipe.store.models.accounts import Connection

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from chargepipe.store.models.changes import Change


class Run(models.Model):
    """One execution. `attempt` counts the workflows that have carried it.

    States: queued, running, waiting (for a yes), paused, done, failed, cancelled.
    Phase: "" while nothing stands yet, then planned. `settings` is a fingerprint of the settings
    that a preview or validation looked under: another one makes what it shows stale.
    """

    connection_id: int
    about_id: int | None
    changes: "RelatedManager[Change]"
    runs_about: "RelatedManager[Run]"

    UNFINISHED = ("queued", "running", "waiting", "paused")
    GOING = ("queued", "running")

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="runs")
    kind = models.CharField(max_length=20)
    state = models.CharField(max_length=20, default="queued")
    phase = models.CharField(max_length=20, blank=True)
    attempt = models.IntegerField(default=0)
    # preview: the kind of run that is previewed; undo: "change 17" where it takes back only that.
    of = models.CharField(max_length=20, blank=True)
    # undo: the run that it takes back; apply: the preview whose plan it writes.
    about = models.ForeignKey("self", models.SET_NULL, null=True, related_name="runs_about")
    # reconcile: whether drift is repaired, or only shown.
    repair = models.BooleanField(default=False)
    settings = models.CharField(max_length=64, blank=True)
    # backfill: the statuses, dates and plans that are asked for (domain.backfill).
    window = models.JSONField(default=dict)
    # Chargebee's clock (seconds) when this run first read there.
    source_time = models.BigIntegerField(null=True)
    # Chargebee ids to look at; empty means what the kind says. clear: business entities.
    only = models.JSONField(default=list)
    automatic = models.BooleanField(default=False)
    approved = models.BooleanField(default=False)
    asked = models.CharField(max_length=20, blank=True)  # cancel or pause, by a person
    message = models.TextField(blank=True)
    questions = models.JSONField(default=list)  # why it waits for a yes
    # How much of what its questions were about; a yes covers no more. None: a yes to all.
    numbers = models.JSONField(null=True)
    # Linked people that were missing and that it has made again or left gone (rule 11).
    missing = models.IntegerField(default=0, db_default=0)
    total = models.IntegerField(null=True)  # changes to apply, for the progress bar
    done = models.IntegerField(default=0)
    counts = models.JSONField(default=dict)  # the --json object, when finished
    requests_chargebee = models.BigIntegerField(default=0)
    requests_pipedrive = models.BigIntegerField(default=0)
    tokens = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)  # a paused run goes on then
    # Its journal is old, and holds only what is still asked for (sync.retention).
    shortened_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["state"],
                name="run_unfinished",
                condition=models.Q(state__in=["queued", "running", "waiting", "paused"]),
            )
        ]

    def __str__(self) -> str:
        """Number and kind."""
        return f"run {self.pk} ({self.kind})"
