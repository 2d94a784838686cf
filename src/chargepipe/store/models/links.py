"""Links: which Chargebee record is which Pipedrive record."""

from django.db import models

from chargepipe.store.models.accounts import Connection


class Link(models.Model):
    """A stored pair. `source_key` is a Chargebee id, for an organization its company key.

    `last` is the JSON of the targets that were last made true; equal new targets cost no request.
    `ours` are the email and phone that we added to the person; others were there before us.
    Of a deal they are its built-in fields as we last wrote or found them (domain.deal_diff).
    `state` says what is known of a person that is not to be seen (rule 4): "missing" at the
    presence check and not yet looked for, "hidden" from the connecting user, or gone and "left".
    A deal that is gone is always left. An organization is "missing" after a refused write that
    names it, until it was read.
    """

    connection_id: int

    connection = models.ForeignKey(Connection, models.CASCADE)
    kind = models.CharField(max_length=20)
    source_key = models.CharField(max_length=300)
    pipedrive_id = models.BigIntegerField()
    reason = models.CharField(max_length=20)  # mark, key, name, made, decided
    last = models.JSONField(default=dict)
    ours = models.JSONField(default=dict)
    state = models.CharField(max_length=10, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "kind", "source_key"], name="link_identity"
            )
        ]
        indexes = [
            models.Index(fields=["connection", "kind", "pipedrive_id"], name="link_pipedrive")
        ]

    def __str__(self) -> str:
        """Both ids."""
        return f"{self.kind} {self.source_key} = {self.pipedrive_id}"
