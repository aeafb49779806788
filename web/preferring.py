"""What the person prefers: a page with a form, and the same as JSON. Only where preferences are kept."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from pydantic import BaseModel, ConfigDict
from starlette.responses import RedirectResponse, Response

from quantumsketch.errors import BadInput
from quantumsketch.intake import preferring_of
from quantumsketch.preferences import About, Preference, PreferencesReport, Preferring, of, report_of
from quantumsketch.storyboard import Aspect, Quality, Theme
from quantumsketch.studio import Preferences
from web.rendering import page

router = APIRouter()


def _preferences(request: Request) -> Preferences:
    preferences: Preferences = request.app.state.preferences
    return preferences


ThePreferences = Annotated[Preferences, Depends(_preferences)]


class Filled(BaseModel):
    """The form; a field left empty is nothing preferred."""

    model_config = ConfigDict(extra="forbid")

    quality: str = ""
    aspect: str = ""
    theme: str = ""
    audience: str = ""
    voice: str = ""
    avoid: str = ""

    def said(self) -> Preferring:
        """Turn it into what is preferred; raise BadInput."""
        words = [line.strip() for line in self.avoid.splitlines()]
        values = {name: value.strip() or None for name, value in self if name != About.AVOID}
        return preferring_of({**values, About.AVOID: [word for word in words if word]})


@router.get("/api/preferences")
async def known(preferences: ThePreferences) -> PreferencesReport:
    """Tell what is preferred."""
    return report_of(await preferences.known())


@router.put("/api/preferences")
async def change(said: Preferring, preferences: ThePreferences) -> PreferencesReport:
    """Change what is preferred: fields that are not sent stay as they are, null takes one away."""
    return report_of(await preferences.change(said))


@router.get("/preferences", include_in_schema=False)
async def form(request: Request, preferences: ThePreferences) -> Response:
    """The form."""
    return _page(request, await preferences.known())


@router.post("/preferences", include_in_schema=False)
async def fill(request: Request, filled: Annotated[Filled, Form()], preferences: ThePreferences) -> Response:
    """Keep what the form says; what cannot be used stays in it."""
    try:
        await preferences.change(filled.said())
    except BadInput as refused:
        return _page(request, await preferences.known(), filled, refused)
    return RedirectResponse("/preferences", HTTPStatus.SEE_OTHER)


def _page(
    request: Request,
    known: Sequence[Preference],
    filled: Filled | None = None,
    refused: BadInput | None = None,
) -> Response:
    return page(
        request,
        "preferences.html",
        status=HTTPStatus.BAD_REQUEST if refused else HTTPStatus.OK,
        filled=filled or _filled(known),
        refused=refused,
        why={one.key: one.why_in_full for one in known},
        avoided=[one for one in known if one.about is About.AVOID],
        qualities=list(Quality),
        aspects=list(Aspect),
        themes=list(Theme),
    )


def _filled(known: Sequence[Preference]) -> Filled:
    values = {name: "\n".join(of(known, About(name))) for name in Filled.model_fields}
    return Filled(**values)
