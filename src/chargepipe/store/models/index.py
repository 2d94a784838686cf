"""The index: Pipedrive's ids and keys, so that matching needs no search (0.02 tokens a record)."""

from django.db import models

from chargepipe.store.models.accounts import Account


class IndexState(models.Model):
    """How far the walk of one entity has come; `since` is Pipedrive's Date at its last start."""

    account_id: int
    account = models.ForeignKey(Account, models.CASCADE)
    entity = models.CharField(max_length=20)
    cursor = models.TextField(blank=True)
    walk_started = models.DateTimeField(null=True)
    since = models.DateTimeField(null=True)
    # The custom field codes whose values are in the index; another set asks for a new walk.
    codes = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "entity"], name="index_state_identity")
        ]

    def __str__(self) -> str:
        """Account and entity."""
        return f"index of {self.entity} in account {self.account_id}"


class IndexRecord(models.Model):
    """A living Pipedrive record; `name` is shown when a person must choose between candidates."""

    account = models.ForeignKey(Account, models.CASCADE)
    entity = models.CharField(max_length=20)
    pipedrive_id = models.BigIntegerField()
    name = models.CharField(max_length=255, blank=True)
    added_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "entity", "pipedrive_id"], name="index_record_identity"
            )
        ]

    def __str__(self) -> str:
        """Entity and id."""
        return f"{self.entity} {self.pipedrive_id}"


class IndexKey(models.Model):
    """One key of an indexed record: field "email", "phone", "name" or a custom field's code."""

    account = models.ForeignKey(Account, models.CASCADE)
    entity = models.CharField(max_length=20)
    pipedrive_id = models.BigIntegerField()
    field = models.CharField(max_length=60)
    value = models.CharField(max_length=300)

    class Meta:
        indexes = [
            models.Index(fields=["account", "entity", "field", "value"], name="index_key_value"),
            models.Index(fields=["account", "entity", "pipedrive_id"], name="index_key_record"),
        ]

    def __str__(self) -> str:
        """Entity, id and which field; never the value."""
        return f"{self.field} of {self.entity} {self.pipedrive_id}"
