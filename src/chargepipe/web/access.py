"""Who may see what. A view says which role it needs; one that says nothing is for admins."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from chargepipe.store.models import User

View = TypeVar("View", bound=Callable[..., Any])


class Role(StrEnum):
    """What a person may do; each role may all that the one before may."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"

    def may(self, needed: "Role") -> bool:
        """Whether this role is enough for what needs the other."""
        order = list(Role)
        return order.index(self) >= order.index(needed)


MAY: dict[Role, str] = {
    Role.VIEWER: "sees everything, changes nothing",
    Role.OPERATOR: "also starts, approves and takes back runs, and decides errors",
    Role.ADMIN: "also changes settings, accounts and people",
}
"""What each role may do, in words."""


def needs(role: Role) -> Callable[[View], View]:
    """Mark a view with the role that it needs."""

    def marked(view: View) -> View:
        cast(Any, view).role = role
        return view

    return marked


def needed(view: Any) -> Role:
    """The role that a view needs: admin where it does not say."""
    return getattr(view, "role", Role.ADMIN)


def person(request: HttpRequest) -> User:
    """Who is signed in; for views behind the sign-in."""
    assert isinstance(request.user, User)
    return request.user


def role_of(user: Any) -> Role:
    """The role of a user; one that nobody knows any more may only look."""
    return Role(user.role) if user.role in list(Role) else Role.VIEWER


def require(request: HttpRequest, role: Role) -> None:
    """For what a view does only with more than its own role. Raises PermissionDenied."""
    if not role_of(request.user).may(role):
        raise PermissionDenied(role)


class RoleMiddleware:
    """Refuse, with a page that says why, what the person's role does not allow."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on; the work is done once the view is known."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, _args: Any, _kwargs: Any) -> None:
        """Raise PermissionDenied where the view needs more than the person's role."""
        if not getattr(view, "login_required", True):
            return
        if not request.user.is_authenticated:
            raise PermissionDenied(needed(view))
        require(request, needed(view))
