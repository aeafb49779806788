"""Who may use the API: nothing below /v1 is reached without a valid key and within its tenant's quota.

Not even a body is read. The middleware finds out who asks; each route says what a key must allow. Whatever is
wrong with a key, the answer is the same: it tells nobody whether that was ever one.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager, nullcontext
from http import HTTPStatus
from typing import Annotated, Any
from weakref import WeakValueDictionary

from fastapi import Depends, Request
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from quantumsketch.errors import NotAllowed, QuantumSketchError
from quantumsketch.memory import keys
from quantumsketch.memory.keys import Doorkeeper, Identity
from quantumsketch.memory.statements import Provenance
from web.refusals import refusal_of
from web.shares import Shares, crowded
from workflows.memory import Memory

PREFIX = "/v1"
MOST_OF_A_KEY, MOST_OF_A_TENANT = 32, 48
"""Requests under way at once."""
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
        self._of_keys = Shares(MOST_OF_A_KEY)
        self._of_tenants = Shares(MOST_OF_A_TENANT)
        self._reading: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not is_below(scope["path"]):
            await self.app(scope, receive, send)
            return
        try:
            identity = await self.doorkeeper.verify(_key(Headers(scope=scope)))
        except QuantumSketchError as failure:
            await refusal_of(failure)(scope, receive, send)
            return
        if identity is None:
            await _unknown()(scope, receive, send)
            return
        scope.setdefault("state", {})["identity"] = identity
        with self._place(identity) as crowd:
            refusal = crowd or await self._beyond_quota(identity)
            if refusal:
                await refusal(scope, receive, send)
                return
            async with self._turn(identity, scope):
                await self.app(scope, receive, send)

    @contextmanager
    def _place(self, identity: Identity) -> Iterator[JSONResponse | None]:
        """Hold a place of the key and of its tenant; yield a refusal if there was none."""
        key, tenant = identity.key_id, identity.tenant
        with self._of_keys.held(key) as of_key, self._of_tenants.held(tenant) as of_tenant:
            if of_key and of_tenant:
                yield None
            else:
                whose, most = ("tenant", MOST_OF_A_TENANT) if of_key else ("key", MOST_OF_A_KEY)
                yield crowded(HTTPStatus.TOO_MANY_REQUESTS, f"of this {whose}", most)

    async def _beyond_quota(self, identity: Identity) -> JSONResponse | None:
        try:
            wait_s = await self.doorkeeper.take(identity)
        except QuantumSketchError as failure:
            return refusal_of(failure)
        if not wait_s:
            return None
        error, mend = "the tenant's requests of this minute are used up", f"Wait {wait_s:.1f} s"
        after = {"Retry-After": str(math.ceil(wait_s))}
        return _refused(HTTPStatus.TOO_MANY_REQUESTS, error, mend, after)

    def _turn(self, identity: Identity, scope: Scope) -> AbstractAsyncContextManager[object]:
        """Of one key's large requests one is answered at a time: reading one holds everybody up a moment."""
        if int(Headers(scope=scope).get("content-length", "0")) < LARGE_BODY:
            return nullcontext()
        return self._reading.setdefault(identity.key_id, asyncio.Lock())


def is_below(path: str) -> bool:
    """Whether a path belongs to the API."""
    return path == PREFIX or path.startswith(f"{PREFIX}/")


def _key(headers: Headers) -> str:
    scheme, _, key = headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.casefold() == "bearer" else ""


def _unknown() -> JSONResponse:
    error, mend = "no valid API key", "Send 'Authorization: Bearer KEY'; 'qs key create' makes keys"
    return _refused(HTTPStatus.UNAUTHORIZED, error, mend, {"WWW-Authenticate": "Bearer"})


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


_reads, _writes = _with(keys.Scope.READ), _with(keys.Scope.WRITE)
Reader = Annotated[Identity, Depends(_reads)]
Writer = Annotated[Identity, Depends(_writes)]


class KeyedRoute(APIRoute):
    """A route for a Reader or a Writer: whoever is none is told so before a body is waited for."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Make what answers."""
        answer = super().get_route_handler()
        checks = [each.call for each in self.dependant.dependencies if each.call in (_reads, _writes)]

        async def checked(request: Request) -> Response:
            for check in checks:
                check(request)
            return await answer(request)

        return checked


def _memory(request: Request) -> Memory:
    memory: Memory = request.app.state.memory
    return memory


TheMemory = Annotated[Memory, Depends(_memory)]


def _provenance(request: Request) -> Provenance:
    """What is kept beside each change: by which endpoint, and by which key; not the key."""
    identity: Identity = request.state.identity
    return Provenance("api", f"{request.method} {request.url.path}", f"user:{identity.key_id}")


TheProvenance = Annotated[Provenance, Depends(_provenance)]
