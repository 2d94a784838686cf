"""The mirror: what Chargebee said last. It is also the work list."""

from django.db import models

from chargepipe.store.models.accounts import Connection

KINDS = [("customer", "customer"), ("subscription", "subscription"), ("invoice", "invoice")]


class Record(models.Model):
    """One Chargebee record, cut to the attributes that the settings need.

    `version` is Chargebee's resource_version (ms). `revision` goes up whenever something
    that the record's targets depend on has changed: its own attributes, or one of its
    subscriptions; of a subscription or invoice its own, or its customer's once it has a deal.
    A record is dirty while `revision` is not `settled`.
    """

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="records")
    kind = models.CharField(max_length=20, choices=KINDS)
    source_id = models.CharField(max_length=100)
    # The customer that it belongs to; a customer's own id for a customer.
    customer_id = models.CharField(max_length=100)
    attributes = models.JSONField()
    version = models.BigIntegerField(default=0)
    created_at = models.BigIntegerField(default=0)  # seconds, as Chargebee says
    updated_at = models.BigIntegerField(default=0)
    deleted = models.BooleanField(default=False)
    company_key = models.CharField(max_length=300, blank=True)
    # By this those find each other that may have one key (domain.keys.common_key).
    match_key = models.CharField(max_length=300, blank=True)
    # In what people look for a customer: id, name, email, company (domain.searching).
    search = models.CharField(max_length=500, blank=True)
    walk = models.IntegerField(default=0)  # the complete walk that saw it last

    revision = models.IntegerField(default=1)
    settled = models.IntegerField(default=0)
    dirty = models.GeneratedField(
        expression=~models.Q(revision=models.F("settled")),  # pyright: ignore[reportArgumentType]
        output_field=models.BooleanField(),
        db_persist=True,
    )
    # An undone record is held while its version is this one (rule 12).
    held_version = models.BigIntegerField(null=True)
    # What a person decided where several match: "new" makes one (rule 2), a deal as well.
    decision = models.CharField(max_length=10, blank=True)
    # The company (key) for which a person decided that a new organization is made (setting 3).
    own_organization = models.CharField(max_length=300, blank=True)
    # A full sync or a backfill has come by: it gets its deal, however old it is.
    due = models.BooleanField(default=False)
    # What the last run made of it: created, updated, unchanged, skipped, failed.
    outcome = models.CharField(max_length=20, blank=True)
    outcome_run = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "kind", "source_id"], name="record_identity"
            )
        ]
        indexes = [
            models.Index(fields=["connection", "kind", "customer_id"], name="record_customer"),
            # These are whole, with the kind in them: SQLite takes no index with a condition for a
            # value that comes as a parameter, and of several the one with the most equal columns.
            models.Index(fields=["connection", "kind", "company_key"], name="record_of_company"),
            models.Index(fields=["connection", "kind", "match_key"], name="record_of_key"),
            models.Index(
                fields=["connection", "kind", "outcome_run", "outcome"], name="record_of_run"
            ),
            # A search is answered from this index alone.
            models.Index(
                fields=["connection", "kind", "source_id", "search"], name="record_search"
            ),
            models.Index(
                fields=["connection", "kind", "-updated_at", "source_id"], name="record_newest"
            ),
            models.Index(
                fields=["connection", "updated_at", "source_id"],
                name="record_dirty",
                condition=models.Q(dirty=True, kind="customer"),
            ),
            models.Index(
                fields=["connection", "updated_at", "source_id"],
                name="record_deals_dirty",
                condition=models.Q(dirty=True, kind__in=["subscription", "invoice"]),
            ),
        ]

    @property
    def held(self) -> bool:
        """Whether it was undone and waits until Chargebee says something new of it (rule 12)."""
        return self.held_version is not None and self.held_version == self.version

    def __str__(self) -> str:
        """Kind and id, no personal data."""
        return f"{self.kind} {self.source_id}"


class PullState(models.Model):
    """How far the mirror of one kind has come.

    A complete walk (unfiltered) has `walk_started`; `offset` is Chargebee's cursor inside
    the present walk. `watermark` (seconds) is the newest `updated_at` that is safely in.
    """

    connection_id: int
    connection = models.ForeignKey(Connection, models.CASCADE)
    kind = models.CharField(max_length=20, choices=KINDS)
    # The attributes and the match key that the mirror was filled for; others ask for a new walk.
    asked = models.JSONField(default=list)
    watermark = models.BigIntegerField(null=True)
    offset = models.TextField(blank=True)
    walk = models.IntegerField(default=0)
    complete = models.BooleanField(default=True)  # is the present walk a complete one
    walking = models.BooleanField(default=False)
    newest = models.BigIntegerField(default=0)  # newest updated_at that this walk saw
    walk_started = models.DateTimeField(null=True)  # by Chargebee's clock
    loaded_at = models.DateTimeField(null=True)  # end of the last complete walk

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "kind"], name="pull_identity")]

    def __str__(self) -> str:
        """Connection and kind."""
        return f"pull of {self.kind} for connection {self.connection_id}"
