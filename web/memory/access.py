"""Who may use the API: nothing below /v1 is reached without a valid key and within its tenant's quota.

Not even a body is read. The middleware finds out who asks; each route says what a key must allow. Whatever is
wrong with a key, the answer is the same: it tells nobody whether that was ever one.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from http import HTTPStatus
from typing import Annotated
from weakref import WeakValueDictionary

from fastapi import Depends, Request
from fastapi.security import HTTPBearer
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from quantumsketch.errors import NotAllowed, QuantumSketchError
from quantumsketch.memory import keys
from quantumsketch.memory.keys import Doorkeeper, Identity
from quantumsketch.memory.statements import Provenance
from web.refusals import refusal_of
from workflows.memory import Memory

PREFIX = "/v1"
LARGE_BODY = 256 * 2**10
"""Bytes that take more than a moment to read."""
BEARER = HTTPBearer(
    auto_error=False,
    scheme_name="API key",
    description="'qs key create' makes one; what writes or deletes needs the scope write, all else read",
)
"""For the OpenAPI document: the middleware has looked at the key before any route is found."""


class Access:
    """ASGI middleware: lets requests below PREFIX pass that come with a key, and knows whose they are."""

    def __init__(self, app: ASGIApp, doorkeeper: Doorkeeper) -> None:
        self.app = app
        self.doorkeeper = doorkeeper
        self._reading: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not is_below(scope["path"]):
            await self.app(scope, receive, send)
            return
        try:
            refusal = await self._refusal(scope)
        except QuantumSketchError as error:
            refusal = refusal_of(error)
        if refusal:
            await refusal(scope, receive, send)
            return
        async with self._turn(scope):
            await self.app(scope, receive, send)

    def _turn(self, scope: Scope) -> AbstractAsyncContextManager[object]:
        """Of one tenant's large bodies one is read at a time: reading one holds everybody up for a moment."""
        if int(Headers(scope=scope).get("content-length", "0")) < LARGE_BODY:
            return nullcontext()
        tenant = scope["state"]["identity"].tenant
        return self._reading.setdefault(tenant, asyncio.Lock())

    async def _refusal(self, scope: Scope) -> JSONResponse | None:
        identity = await self.doorkeeper.verify(_key(Headers(scope=scope)))
        if identity is None:
            error, mend = "no valid API key", "Send 'Authorization: Bearer KEY'; 'qs key create' makes keys"
            return _refused(HTTPStatus.UNAUTHORIZED, error, mend, {"WWW-Authenticate": "Bearer"})
        wait_s = await self.doorkeeper.take(identity)
        if wait_s:
            error, mend = "the tenant's requests of this minute are used up", f"Wait {wait_s:.1f} s"
            after = {"Retry-After": str(math.ceil(wait_s))}
            return _refused(HTTPStatus.TOO_MANY_REQUESTS, error, mend, after)
        scope.setdefault("state", {})["identity"] = identity
        return None


def is_below(path: str) -> bool:
    """Whether a path belongs to the API."""
    return path == PREFIX or path.startswith(f"{PREFIX}/")


def _key(headers: Headers) -> str:
    scheme, _, key = headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.casefold() == "bearer" else ""


def _refused(status: HTTPStatus, error: str, mend: str, headers: dict[str, str]) -> JSONResponse:
    return JSONResponse({"error": error, "mend": mend}, status_code=status, headers=headers)


def _with(scope: keys.Scope) -> Callable[[Request], Identity]:
    def identity(request: Request) -> Identity:
        found: Identity = request.state.identity
        if not found.may(scope):
            raise NotAllowed(
                f"the key {found.key_id} may not {scope.value}",
                mend=f"Use one that may: qs key create --tenant {found.tenant} --scope {scope.value}",
            )
        return found

    return identity


Reader = Annotated[Identity, Depends(_with(keys.Scope.READ))]
Writer = Annotated[Identity, Depends(_with(keys.Scope.WRITE))]


def _memory(request: Request) -> Memory:
    memory: Memory = request.app.state.memory
    return memory


TheMemory = Annotated[Memory, Depends(_memory)]


def _provenance(request: Request) -> Provenance:
    """What is kept beside each change: by which endpoint, and by which key; not the key."""
    identity: Identity = request.state.identity
    return Provenance("api", f"{request.method} {request.url.path}", f"user:{identity.key_id}")


TheProvenance = Annotated[Provenance, Depends(_provenance)]
