"""Finds the handler of a call and runs it; what a handler raises becomes an answer."""

from dataclasses import replace

from ..messages import Answer, Refused, Request, Route, Router
from .errors import Invalid, failure, unauthorized


class Dispatch:
    """Routers by the beginning of the path."""

    def __init__(self, routers: dict[str, Router]) -> None:
        self._routers = routers

    @property
    def routes(self) -> list[Route]:
        """Each call once, with its whole path; /v1 is another name of /api/v1."""
        whole = {id(router): (prefix, router) for prefix, router in reversed(self._routers.items())}
        return [
            replace(route, template=prefix + route.template)
            for prefix, router in whole.values()
            for route in router.routes
        ]

    def find(self, request: Request) -> tuple[Route, Request]:
        """The route and the request with its path parts. Raises Refused.

        An unknown path answers as a bad token does (fact sheet 9); a known one with a strange
        method 405.
        """
        for prefix, router in self._routers.items():
            if request.path.startswith(prefix + "/"):
                path = request.path.removeprefix(prefix)
                found = router.find(request, path)
                if found is None and router.knows(path):
                    raise Refused(failure(405, "Method not allowed"))
                if found is not None:
                    return found
        raise Refused(unauthorized())


def run(route: Route, request: Request) -> Answer:
    """The handler's answer, be it an error."""
    try:
        return route.handler(request)
    except Refused as refused:
        return refused.answer
    except Invalid as invalid:
        return failure(invalid.status, str(invalid), invalid.code)
