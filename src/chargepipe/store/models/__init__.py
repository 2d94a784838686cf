"""The tables. One module an idea; everything is imported from here."""

from chargepipe.store.models.accounts import Account, Connection, Grant, Secrets
from chargepipe.store.models.changes import Change
from chargepipe.store.models.errors import SyncError
from chargepipe.store.models.index import IndexKey, IndexRecord, IndexState
from chargepipe.store.models.links import Link
from chargepipe.store.models.mirror import PullState, Record
from chargepipe.store.models.runs import Run
from chargepipe.store.models.users import Invitation, Session, User
from chargepipe.store.models.workers import Worker

__all__ = [
    "Account",
    "Change",
    "Connection",
    "Grant",
    "IndexKey",
    "IndexRecord",
    "IndexState",
    "Invitation",
    "Link",
    "PullState",
    "Record",
    "Run",
    "Secrets",
    "Session",
    "SyncError",
    "User",
    "Worker",
]
