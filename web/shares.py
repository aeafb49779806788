"""How much of the server each who asks may hold at once, so that nobody keeps the others out.

A request holds its place from before its body is read until its answer is sent. Knows neither keys nor
routes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

MOST_OF_VISITORS = 200
"""Requests of all together who need no key: forms, films that are loaded, pages that follow a video."""
_HEALTH = "/healthz"
"""Nobody can hold it: it reads nothing, and its answer is short."""


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


class Visitors:
    """ASGI middleware: counts all requests but those that `others` sees to, and refuses too many at once."""

    def __init__(
        self, app: ASGIApp, others: Callable[[str], bool] = lambda _: False, most: int = MOST_OF_VISITORS
    ) -> None:
        self.app = app
        self.others = others
        self._shares = Shares(most)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] == _HEALTH or self.others(scope["path"]):
            await self.app(scope, receive, send)
            return
        with self._shares.held("visitors") as is_free:
            crowd = crowded(HTTPStatus.SERVICE_UNAVAILABLE, "without a key", self._shares.most)
            await (self.app if is_free else crowd)(scope, receive, send)
