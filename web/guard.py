"""Keeps other web sites and endless bodies out: Host, Origin, Content-Length, and what a page may load.

A page on the internet can make a browser talk to this machine. Three gates stand against that: an address by
name must be one of ours (else a foreign name could be pointed at this machine: DNS rebinding), what changes
something must come from our own page, and nobody may frame or embed us. Knows nothing of videos.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
BODY_LIMIT = 300_000
"""Bytes of a request's body: a prompt of the greatest length, each character in its longest spelling."""
LARGER_BODIES = {
    "/v1/bulk": 16 * 2**20,
    "/v1/nodes": 16 * 2**20,  # a body of the greatest length, each character in its longest spelling
    "/v1": 2 * 2**20,
}
"""What more may be sent at an address or below; the first that fits counts."""
BODY_PATIENCE_S = 60.0
"""Within so many seconds a body must have come: a greatest one at 2 Mbit/s."""
_HARMLESS = {"GET", "HEAD", "OPTIONS"}


class Guard:
    """ASGI middleware: refuses foreign names and origins, and adds the protecting headers to every answer."""

    def __init__(
        self, app: ASGIApp, names: Iterable[str] = (), body_patience_s: float = BODY_PATIENCE_S
    ) -> None:
        self.app = app
        self.body_patience_s = body_patience_s
        self.names = {"localhost", *(name.casefold() for name in names)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        headers = Headers(scope=scope)
        refusal = (
            self._foreign_host(headers)
            or _foreign_origin(scope["method"], headers)
            or _oversize(headers, _body_limit(scope["path"]))
        )
        if refusal:
            await refusal(scope, receive, send_protected)
        else:
            await self.app(scope, _in_time(receive, self.body_patience_s), send_protected)

    def _foreign_host(self, headers: Headers) -> JSONResponse | None:
        host = _hostname(headers.get("host", ""))
        if host in self.names or _is_address(host):
            return None
        mend = "Use http://localhost, or allow the name: qs serve --allow-host NAME"
        return JSONResponse({"error": f"the host name {host!r} is not ours", "mend": mend}, status_code=403)


def _in_time(receive: Receive, patience_s: float) -> Receive:
    """Receive a body as long as there is patience, and what comes after it whenever that is."""
    ends: float | None = None
    complete = False

    async def receiving() -> Message:
        nonlocal complete, ends
        if complete:
            return await receive()
        ends = ends or asyncio.get_running_loop().time() + patience_s  # from when somebody wants it
        try:
            async with asyncio.timeout_at(ends):
                message = await receive()
        except TimeoutError:
            raise HTTPException(408, f"the body did not come within {patience_s:g} s") from None
        complete = not message.get("more_body", False)
        return message

    return receiving


def _foreign_origin(method: str, headers: Headers) -> JSONResponse | None:
    """Browsers name the origin of whatever changes something; programs that are no browsers name none."""
    if method in _HARMLESS:
        return None
    origin = headers.get("origin")
    site = headers.get("sec-fetch-site", "none")
    same = origin is None or urlsplit(origin).netloc == headers.get("host")
    if same and site in ("same-origin", "none"):
        return None
    error = f"the request comes from another site, {origin or site!r}"
    return JSONResponse({"error": error, "mend": "Send it from this page itself"}, status_code=403)


def _body_limit(path: str) -> int:
    fitting = (most for place, most in LARGER_BODIES.items() if path == place or path.startswith(f"{place}/"))
    return next(fitting, BODY_LIMIT)


def _oversize(headers: Headers, limit: int) -> JSONResponse | None:
    """The server itself holds a body to the length that it announced."""
    if "transfer-encoding" in headers:
        error, mend = "the body has no announced length", "Send Content-Length"
        return JSONResponse({"error": error, "mend": mend}, status_code=411)
    length = headers.get("content-length", "0")
    if length.isdecimal() and int(length) <= limit:
        return None
    error, mend = f"the body has {length} bytes, the limit is {limit}", "Send less at a time"
    return JSONResponse({"error": error, "mend": mend}, status_code=413)


def _hostname(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _is_address(host: str) -> bool:
    """Nobody can point a bare address elsewhere: only names can be rebound."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
