"""People of the installation: invited by a link that works once, changed and shut out by admins."""

from contextlib import suppress
from datetime import timedelta

from django.contrib.auth.hashers import make_password
from django.db import Error, transaction
from django.db.models import QuerySet
from django.utils import timezone

from chargepipe.actions.refusal import Refused
from chargepipe.store.models import Invitation, Session, User

ROLES = ("viewer", "operator", "admin")
WELCOME = timedelta(days=3)
"""How long a link works."""


def everyone() -> QuerySet[User]:
    """All people, by email address."""
    return User.objects.order_by("email")


def invite(email: str, role: str) -> str:
    """A token by which this person comes in, or sets a new password. Raises Refused for a role."""
    _check_role(role)
    email = email.strip().lower()
    with transaction.atomic():
        known = User.objects.filter(email=email, role="admin").first()
        if known is not None and role != "admin":
            _keep_an_admin(known)
        Invitation.objects.filter(email=email).delete()
        return Invitation.make(email, role, timezone.now() + WELCOME)


def invite_first() -> str | None:
    """A token for the first admin, None where an admin can sign in already."""
    if _admins().exists():
        return None
    Invitation.objects.filter(email="").delete()
    return Invitation.make("", "admin", timezone.now() + WELCOME)


def invitation(token: str) -> Invitation | None:
    """The invitation of a link, None where it works no more."""
    return Invitation.find(token, timezone.now())


def come_in(found: Invitation, email: str, password: str) -> User:
    """Make the person of an invitation, or give a known one the password; the link is used up.

    All other sessions of a known person end. Raises Refused where the link was used meanwhile.
    """
    with transaction.atomic():
        if not Invitation.objects.filter(pk=found.pk).delete()[0]:
            raise Refused("This link was used meanwhile. Ask for a new one.")
        user, _ = User.objects.update_or_create(
            email=(found.email or email).lower(),
            defaults={
                "role": found.role,
                "password": make_password(password),
                "is_active": True,
            },
        )
        user.sessions.all().delete()
    return user


def change(user_id: int, *, role: str | None = None, active: bool | None = None) -> User:
    """Give a person another role, or switch the account off or on; off ends all sessions.

    Raises Refused for an unknown role or person, and where no admin would be left.
    """
    with transaction.atomic():
        user = User.objects.select_for_update().filter(pk=user_id).first()
        if user is None:
            raise Refused("This person is not there any more.")
        if role is not None:
            _check_role(role)
        if (role not in (None, "admin") or active is False) and user.role == "admin":
            _keep_an_admin(user)
        user.role = user.role if role is None else role
        user.is_active = user.is_active if active is None else active
        user.save(update_fields=["role", "is_active"])
        if not user.is_active:
            user.sessions.all().delete()
            Invitation.objects.filter(email=user.email).delete()
    return user


def change_password(user: User, password: str, keep_session: str | None) -> None:
    """Set a new password; every session but the one kept ends."""
    with transaction.atomic():
        user.password = make_password(password)
        user.save(update_fields=["password"])
        user.sessions.exclude(session_key=keep_session).delete()


def sessions(user: User) -> QuerySet[Session]:
    """Where a person is signed in, the newest first."""
    return user.sessions.filter(expire_date__gt=timezone.now()).order_by("-changed_at")


def seen(session_key: str) -> None:
    """Note that this session is in use now; how long it lasts stays as it was.

    What cannot be noted, as on a full disk, is no reason to show no page.
    """
    with suppress(Error):
        Session.objects.filter(pk=session_key).update(changed_at=timezone.now())


def end_sessions(user: User, keep: str | None) -> int:
    """End every session of a person but the one kept; returns how many."""
    return user.sessions.exclude(session_key=keep).delete()[0]


def demo_admin() -> User:
    """The admin of the demo, who has no password."""
    user, _ = User.objects.get_or_create(
        email="demo@example.com", defaults={"role": "admin", "password": make_password(None)}
    )
    return user


def _check_role(role: str) -> None:
    if role not in ROLES:
        raise Refused(f'"{role}" is no role; the roles are {", ".join(ROLES)}.')


def _admins() -> QuerySet[User]:
    return User.objects.filter(role="admin", is_active=True)


def _keep_an_admin(user: User) -> None:
    if not _admins().exclude(pk=user.pk).exists():
        raise Refused("This is the only admin. Make another person admin first.")
