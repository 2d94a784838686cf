"""Accounts (Pipedrive companies) and the connections that write to them."""

from typing import TYPE_CHECKING

from django.db import models

from chargepipe.domain.sites import is_live
from chargepipe.store.encrypted import EncryptedTextField

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from chargepipe.store.models.errors import SyncError
    from chargepipe.store.models.mirror import Record
    from chargepipe.store.models.runs import Run


class Account(models.Model):
    """One Pipedrive company. Holds the lease (who may write now), the fence and the ledger.

    The fence goes up with each claim; a transaction of a run that finds another fence than
    its own is rolled back, so a worker that was taken over can no longer change anything.
    """

    company_id = models.BigIntegerField(unique=True)
    name = models.CharField(max_length=255)
    domain = models.CharField(max_length=255, blank=True)
    default_currency = models.CharField(max_length=10, blank=True)

    lease_owner = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True)
    fence = models.BigIntegerField(default=0)

    # What discovery found last: custom fields by entity, and currency codes.
    fields = models.JSONField(default=dict)
    fields_at = models.DateTimeField(null=True)
    currencies = models.JSONField(default=list)
    # Calls in 2 seconds, as the headers say: they tell the plan, and it the quota of fields.
    burst = models.IntegerField(null=True)
    # Its pipelines and stages (domain.pipelines), read again after a day.
    pipelines = models.JSONField(default=dict)
    pipelines_at = models.DateTimeField(null=True)
    # How many people it had when it was connected; None: more than were counted.
    people = models.IntegerField(null=True)
    # Emails of its active users, for the picker of owners (actions.offers).
    users = models.JSONField(default=list)
    # When all people were last walked to see whether the linked ones are there.
    presence_at = models.DateTimeField(null=True)

    # When it last refused to have a date or link of a deal emptied (assumption 78).
    nothing_emptied_at = models.DateTimeField(null=True)

    # The ledger of the day (tokens). limit and left are what the headers said last.
    tokens_day = models.DateField(null=True)
    tokens_used = models.BigIntegerField(default=0)
    tokens_limit = models.BigIntegerField(null=True)
    tokens_left = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        """For people: the name of the company."""
        return self.name


class Grant(models.Model):
    """What one admin of a Pipedrive company has granted our app by OAuth (accounts.grants).

    Known by company and user, as Pipedrive knows it; all connections of that user share it.
    `tokens` is JSON, encrypted. `version` goes up with each new one; who refreshes them has claimed
    the grant until `claimed_until`.
    """

    connections: "RelatedManager[Connection]"

    company_id = models.BigIntegerField()
    user_id = models.BigIntegerField()
    tokens = EncryptedTextField()
    version = models.IntegerField(default=0)
    claimed_until = models.DateTimeField(null=True)
    granted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company_id", "user_id"], name="grant_identity")
        ]

    def __str__(self) -> str:
        """Who granted it, by number."""
        return f"grant of user {self.user_id} of company {self.company_id}"


class Connection(models.Model):
    """One Chargebee site paired with one Pipedrive account, with its settings.

    `file` is the connection file as JSON (domain.settings.ConnectionFile), secrets as
    references only; the secrets themselves stand encrypted in `Secrets`.
    """

    account_id: int | None
    grant_id: int | None
    secrets: "Secrets"
    errors: "RelatedManager[SyncError]"
    records: "RelatedManager[Record]"
    runs: "RelatedManager[Run]"

    name = models.CharField(max_length=100, unique=True)
    account = models.ForeignKey(Account, models.PROTECT, related_name="connections", null=True)
    # What opens Pipedrive where that is by OAuth, and in words why it does not any more.
    grant = models.ForeignKey(Grant, models.SET_NULL, related_name="connections", null=True)
    disconnected = models.TextField(blank=True)
    # Why a service lets nothing through, in words with what to do; "" while it does (sync.barred).
    # The database has the default, too: in a rolling upgrade older processes do not know it.
    barred = models.TextField(blank=True, default="", db_default="")
    barred_since = models.DateTimeField(null=True)
    file = models.JSONField()
    site = models.CharField(max_length=100)
    # The Pipedrive company that the links lead to; it outlives an unlink.
    company_id = models.BigIntegerField(null=True)
    # "" for the first connection of an account, " (site)" for each further one.
    field_suffix = models.CharField(max_length=110, blank=True)
    # Codes of our custom fields by "entity/name": a field renamed in Pipedrive stays ours.
    field_codes = models.JSONField(default=dict)
    # Attributes that records of the site have, with a type each, for the field mapper
    # (actions.offers): {"customer.cf_tier": "text"}.
    attributes = models.JSONField(default=dict)

    # When a person saved its settings last; a step of the set-up is done by that.
    configured_at = models.DateTimeField(null=True)
    full_started_at = models.DateTimeField(null=True)
    full_done_at = models.DateTimeField(null=True)
    full_with_organizations = models.BooleanField(default=False)
    # From when on a record that is created or changed gets its deal by itself (seconds by
    # Chargebee's clock): the start of the first full sync; for invoices not before their deals
    # were switched on.
    deals_since = models.BigIntegerField(null=True)
    invoices_since = models.BigIntegerField(null=True)
    next_sync_at = models.DateTimeField(null=True, db_index=True)
    created_at = models.DateTimeField(auto_now_add=True)

    @property
    def live(self) -> bool:
        """Whether it reads a live Chargebee site, and not a test site."""
        return is_live(self.site)

    def __str__(self) -> str:
        """For people: the name of the connection."""
        return self.name


class Secrets(models.Model):
    """The keys of a connection, encrypted. A table of its own: a lost key stops nothing else."""

    connection = models.OneToOneField(Connection, models.CASCADE, related_name="secrets")
    chargebee_key = EncryptedTextField(blank=True)
    pipedrive_token = EncryptedTextField(blank=True)

    def __str__(self) -> str:
        """Whose they are."""
        return f"secrets of {self.connection}"
