"""People who sign in, their sessions, and the links by which they come in first."""

import hashlib
import secrets
from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


class User(AbstractBaseUser):
    """A person of this installation, known by the email address.

    Roles: viewer (looks), operator (also runs, decides, takes back), admin (also settings,
    accounts and people).
    """

    sessions: "RelatedManager[Session]"

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=150, blank=True)
    role = models.CharField(max_length=20, default="viewer")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: BaseUserManager["User"] = BaseUserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    def __str__(self) -> str:
        """The number, not the address: this may stand in a log."""
        return f"user {self.pk}"


class Session(AbstractBaseSession):
    """A sign-in that lasts. It knows its user, so that a person can end the others."""

    user = models.ForeignKey(User, models.CASCADE, related_name="sessions", null=True)
    agent = models.CharField(max_length=120, blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    @classmethod
    def get_session_store_class(cls) -> type:
        """The engine of SESSION_ENGINE."""
        from chargepipe.store.sessions import SessionStore

        return SessionStore


class Invitation(models.Model):
    """A link that works once: who follows it chooses a password. Only its hash is kept.

    Without an email it makes the first admin, who then gives one.
    """

    token_hash = models.CharField(max_length=64, unique=True)
    email = models.EmailField(blank=True)
    role = models.CharField(max_length=20)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    @classmethod
    def make(cls, email: str, role: str, expires_at: datetime) -> str:
        """Store a new invitation; returns its token, which is shown once and never kept."""
        token = secrets.token_urlsafe(32)
        cls.objects.create(token_hash=_hash(token), email=email, role=role, expires_at=expires_at)
        return token

    @classmethod
    def find(cls, token: str, now: datetime) -> Self | None:
        """The invitation of this token, None where it was used, is over, or never was."""
        return cls.objects.filter(token_hash=_hash(token), expires_at__gt=now).first()

    def __str__(self) -> str:
        """The role only: the address may not stand in a log."""
        return f"invitation of one {self.role}"


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
