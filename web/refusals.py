"""Every failure as an answer: {"error", "mend"} for programs, a page with the same words for people."""

from __future__ import annotations

import logging
import traceback
from http import HTTPStatus
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from quantumsketch.errors import (
    AlreadyThere,
    BadInput,
    NotAllowed,
    NotFound,
    QuantumSketchError,
    ServiceUnavailable,
    TookTooLong,
)
from quantumsketch.intake import field_path
from web.rendering import page

_LOG = logging.getLogger(__name__)
_STATUSES: dict[type[QuantumSketchError], HTTPStatus] = {
    AlreadyThere: HTTPStatus.CONFLICT,
    NotAllowed: HTTPStatus.FORBIDDEN,
    BadInput: HTTPStatus.BAD_REQUEST,
    NotFound: HTTPStatus.NOT_FOUND,
    ServiceUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}
_MENDS = {
    HTTPStatus.NOT_FOUND: "Go back to the first page; programs find all addresses in /api/openapi.json",
    HTTPStatus.METHOD_NOT_ALLOWED: "Use a method that this address knows: the header Allow names them",
}
_FOR_PROGRAMS_OF_OTHERS = "/v1/"
_FOR_PROGRAMS = ("/api/", _FOR_PROGRAMS_OF_OTHERS)
_LONGEST_WHERE = 200
_FRAMES = 3
"""Of where something failed, so many are told to the log."""


def status_of(error: QuantumSketchError) -> HTTPStatus:
    """Which HTTP status says what this error says."""
    return next(
        (status for kind, status in _STATUSES.items() if isinstance(error, kind)),
        HTTPStatus.INTERNAL_SERVER_ERROR,
    )


def refusal_of(error: QuantumSketchError) -> JSONResponse:
    """Answer a program of others: what is wrong with our servers is told to the log, and not to them."""
    status = status_of(error)
    headers = {"Retry-After": "5"} if error.retryable else None
    ours = status >= HTTPStatus.INTERNAL_SERVER_ERROR and not isinstance(error, TookTooLong)
    if not ours:
        return JSONResponse({"error": error.what, "mend": error.mend}, status_code=status, headers=headers)
    _LOG.error("a request to the memory's API failed: %s", error)
    told = {"error": "the memory cannot answer this now", "mend": "Ask again in a moment"}
    return JSONResponse(told, status_code=status, headers=headers)


class Unexpected:
    """ASGI middleware: answers what nobody foresaw as any other failure.

    The log hears of what type it was, and where: what an error says may be somebody's data.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def noting(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, noting)
        except Exception as error:
            _LOG.error("a request failed: %s at %s", type(error).__name__, _place(error))
            if scope["type"] == "http" and not begun:
                request = Request(scope, receive)
                told = (
                    "this failed, and nobody foresaw it",
                    "Look into the log, or ask who runs this",
                )
                await _refusal(request, *told, HTTPStatus.INTERNAL_SERVER_ERROR)(scope, receive, send)


def _place(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    return ", ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))


def add_refusals(app: FastAPI) -> None:
    """Let `app` answer every failure in one form."""
    app.exception_handler(QuantumSketchError)(_own)
    app.exception_handler(RequestValidationError)(_invalid)
    app.exception_handler(HTTPException)(_http)


async def _own(request: Request, error: QuantumSketchError) -> Response:
    if request.url.path.startswith(_FOR_PROGRAMS_OF_OTHERS):
        return refusal_of(error)
    return _refusal(request, error.what, error.mend, status_of(error))


async def _invalid(request: Request, error: RequestValidationError) -> Response:
    first = error.errors()[0]
    place, words = first["loc"][1:], first["msg"].removeprefix("Value error, ")
    if first["type"] == "json_invalid":
        what = f"the body is not JSON: {first['ctx']['error']}, at its character {place[0]}"
        return _refusal(request, what, "Mend it there", HTTPStatus.BAD_REQUEST)
    if first["loc"] == ("body",) and isinstance(error.body, bytes):  # it was not even read
        content = request.headers.get("content-type", "missing")[:_LONGEST_WHERE]
        what = f"the body's Content-Type is {content}, not application/json"
        mend = "Send JSON with the header 'Content-Type: application/json'"
        return _refusal(request, what, mend, HTTPStatus.BAD_REQUEST)
    if first["loc"] == ("body",) and first["type"] == "missing":
        what, mend = "the request has no body", "Send JSON: /api/openapi.json says what it may be"
        return _refusal(request, what, mend, HTTPStatus.BAD_REQUEST)
    # the names of fields are the sender's: they may be endless, or no text at all
    where = field_path(place)[:_LONGEST_WHERE].encode(errors="backslashreplace").decode()
    mend = "Mend that field" if where else "Mend the request: /api/openapi.json says what it may be"
    return _refusal(request, f"{where or 'the request'}: {words}", mend, HTTPStatus.BAD_REQUEST)


async def _http(request: Request, error: HTTPException) -> Response:
    status = HTTPStatus(error.status_code)
    told, mend = str(error.detail), _MENDS.get(status, "")
    if status == HTTPStatus.BAD_REQUEST and error.__cause__:
        told, mend = _unreadable(error.__cause__)
    refusal = _refusal(request, told, mend, status)
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        refusal.headers["Allow"] = ", ".join(_methods_known(request))
    return refusal


def _unreadable(cause: BaseException) -> tuple[str, str]:
    """What kept the framework from reading a body, and what to do."""
    match cause:
        case UnicodeDecodeError():
            return f"the body is not UTF-8: its byte {cause.start} is another's", "Send it as UTF-8"
        case RecursionError():
            return "the body is nested too deep to be read", "Nest objects and lists less deep"
        case ValueError():  # Python reads no number of thousands of digits
            return "the body holds a number that is too long to be read", "Send it as text"
        case _:
            return "the body could not be read", "Send JSON, as UTF-8"


def _methods_known(request: Request) -> list[str]:
    """By which methods something answers at this address."""
    if (
        "app_root_path" in request.scope
    ):  # within the folder of files, which changed what routes are matched against
        return ["GET", "HEAD"]
    known = [
        method
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
        if any(
            route.matches({**request.scope, "method": method})[0] is Match.FULL
            for route in request.app.routes
        )
    ]
    return [*known, "HEAD"] if "GET" in known else known


def _refusal(request: Request, error: str, mend: str, status: HTTPStatus) -> Response:
    if f"{request.url.path}/".startswith(_FOR_PROGRAMS):
        return JSONResponse({"error": error, "mend": mend}, status_code=status)
    return page(request, "refusal.html", status=status, error=error, mend=mend)
