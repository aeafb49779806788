"""Fills the page templates. Everything in them is escaped; nothing here knows where the values come from."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path

from fastapi import Request
from fastapi.templating import Jinja2Templates
from starlette.responses import Response

from quantumsketch import report

_TEMPLATES = Jinja2Templates(directory=Path(__file__).parent / "templates")
for _words in (report.cost, report.cost_of, report.spent, report.mathematics):
    _TEMPLATES.env.filters[_words.__name__] = _words
_TEMPLATES.env.filters["clock"] = lambda seconds: "{}:{:02d}".format(*divmod(round(seconds), 60))


def page(request: Request, template: str, *, status: int = HTTPStatus.OK, **values: object) -> Response:
    """Answer with a template of `templates/`, filled with `values`."""
    return _TEMPLATES.TemplateResponse(request, template, values, status_code=status)
