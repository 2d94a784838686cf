"""Endpoints of single users, of API v1."""

from ..messages import Answer, Refused, Request, Row
from .crm import Crm
from .permissions import of_others
from .record_calls import done


class UserCalls:
    """GET /v1/users/{id} and /v1/users/{id}/permissions."""

    def __init__(self, crm: Crm) -> None:
        self._crm = crm

    def one(self, request: Request) -> Answer:
        """GET /v1/users/{id}: without what only /users/me tells."""
        user = self._user(request)
        return done({key: user[key] for key in self._crm.users[-1]})

    def permissions(self, request: Request) -> Answer:
        """GET /v1/users/{id}/permissions."""
        mine = self._user(request)["id"] == self._crm.me["id"]
        return done(self._crm.permissions.told() if mine else of_others())

    def _user(self, request: Request) -> Row:
        text = request.parts["id"]
        for user in self._crm.users:
            if str(user["id"]) == text:
                return user
        body = {"success": False, "error": "User not found or not accessible."}
        raise Refused(Answer(404, body))
