"""What people search for is not in the server's log: a name may be in it."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from starlette.types import ASGIApp, Receive, Scope, Send

_PRIVATE = frozenset({"q", "manager"})


class PrivateSearches:
    """Takes searches out of the request once it is answered: Airflow writes its access log after that."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        finally:
            if scope.get("query_string"):
                scope["query_string"] = without_searches(scope["query_string"])


def without_searches(query: bytes) -> bytes:
    """*query* with a placeholder in the place of each search."""
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    return urlencode([(name, "***" if name in _PRIVATE else value) for name, value in pairs]).encode()
