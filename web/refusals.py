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
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from quantumsketch.errors import (
    AlreadyThere,
    BadInput,
    NotAllowed,
    NotFound,
    QuantumSketchError,
    ServiceUnavailable,
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
    HTTPStatus.METHOD_NOT_ALLOWED: "Use the method that this address knows",
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
    if status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return JSONResponse({"error": error.what, "mend": error.mend}, status_code=status)
    _LOG.error("a request to the memory's API failed: %s", error)
    told = {"error": "the memory cannot answer this now", "mend": "Ask again in a moment"}
    return JSONResponse(told, status_code=status, headers={"Retry-After": "5"} if error.retryable else None)


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
    # the names of fields are the sender's: they may be endless, or no text at all
    where = field_path(first["loc"][1:])[:_LONGEST_WHERE].encode(errors="backslashreplace").decode()
    return _refusal(
        request, f"{where or 'the request'}: {first['msg']}", "Mend that field", HTTPStatus.BAD_REQUEST
    )


async def _http(request: Request, error: HTTPException) -> Response:
    status = HTTPStatus(error.status_code)
    return _refusal(request, str(error.detail), _MENDS.get(status, ""), status)


def _refusal(request: Request, error: str, mend: str, status: HTTPStatus) -> Response:
    if f"{request.url.path}/".startswith(_FOR_PROGRAMS):
        return JSONResponse({"error": error, "mend": mend}, status_code=status)
    return page(request, "refusal.html", status=status, error=error, mend=mend)
