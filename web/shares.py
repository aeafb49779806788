"""How much of the server each who asks may hold at once, so that nobody keeps the others out.

A request holds its place from before its body is read until its answer is handed over, which the client may
not have read yet: `web.connection` bounds that. Knows neither keys nor routes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from http import HTTPStatus

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

MOST_OF_ALL = 500
MOST_OF_VISITORS = 200
"""Of all together who need no key: forms, films that are loaded, pages that follow a video."""
_HEALTH = "/healthz"
"""Answered however many there are: it reads nothing, and its answer is short."""


class Shares:
    """Requests under way, counted by who asks: `most` of each."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._under_way: Counter[str] = Counter()

    @contextmanager
    def held(self, who: str) -> Iterator[bool]:
        """Hold a place of `who` as long as the context lasts; yield whether there was one."""
        is_free = self._under_way[who] < self.most
        self._under_way[who] += is_free
        try:
            yield is_free
        finally:
            self._under_way[who] -= is_free
            if not self._under_way[who]:
                del self._under_way[who]


def crowded(status: HTTPStatus, whose: str, most: int) -> JSONResponse:
    """Refuse a request for which there is no place."""
    told = {
        "error": f"{most} requests {whose} are under way, more are not taken at once",
        "mend": "Wait until some of them are answered",
    }
    return JSONResponse(told, status_code=status, headers={"Retry-After": "1"})


class Places:
    """ASGI middleware: refuses what is too much at once, of all together and of those without a key.

    `with_key` tells by its path what comes with a key, and is counted elsewhere by that.
    """

    def __init__(
        self, app: ASGIApp, with_key: Callable[[str], bool] = lambda _: False, most: int = MOST_OF_ALL
    ) -> None:
        self.app = app
        self.with_key = with_key
        self._all, self._visitors = Shares(most), Shares(MOST_OF_VISITORS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] == _HEALTH:
            await self.app(scope, receive, send)
            return
        is_visitor = not self.with_key(scope["path"])
        visitor = self._visitors.held("visitor") if is_visitor else nullcontext(True)
        with self._all.held("all") as of_all, visitor as of_visitors:
            if of_all and of_visitors:
                await self.app(scope, receive, send)
                return
            whose, most = ("without a key", MOST_OF_VISITORS) if of_all else ("of everybody", self._all.most)
            await crowded(HTTPStatus.SERVICE_UNAVAILABLE, whose, most)(scope, receive, send)
