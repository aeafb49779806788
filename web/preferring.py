"""What the person prefers: a page with a form, and the same as JSON. Only where preferences are kept."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from pydantic import BaseModel, ConfigDict, ValidationError
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


class Fields(BaseModel):
    """What the form shows; a field that is empty is nothing preferred."""

    model_config = ConfigDict(extra="forbid")

    quality: str = ""
    aspect: str = ""
    theme: str = ""
    audience: str = ""
    voice: str = ""
    avoid: str = ""

    @property
    def words(self) -> list[str]:
        """The words to avoid, one a line."""
        return [word for line in self.avoid.splitlines() if (word := line.strip())]


class Filled(Fields):
    """The form as it was sent: `shown` is what it was filled with before, as JSON."""

    shown: str = "{}"

    def said(self) -> Preferring:
        """Turn what was changed into what is preferred; raise BadInput.

        What was left as it was shown may have been changed elsewhere since: nothing is said of it.
        """
        before = self.before()
        changed = {name for name in Fields.model_fields if getattr(self, name) != getattr(before, name)}
        values = {name: getattr(self, name).strip() or None for name in changed - {About.AVOID}}
        words, words_before = preferring_of({About.AVOID: self.words}).avoid, before.words
        also = [word for word in words if word not in words_before]
        no_more = [word for word in words_before if word not in words]
        return preferring_of({**values, "avoid_also": also, "avoid_no_more": no_more})

    def before(self) -> Fields:
        """Return what the form was filled with; raise BadInput."""
        try:
            return Fields.model_validate_json(self.shown)
        except ValidationError:
            raise BadInput("the form cannot be read", mend="Load the page again") from None


@router.get("/api/preferences")
async def known(preferences: ThePreferences) -> PreferencesReport:
    """Tell what is preferred."""
    return report_of(await preferences.known())


@router.put("/api/preferences")
async def change(said: Preferring, preferences: ThePreferences) -> PreferencesReport:
    """Change what is preferred: fields that are not sent stay as they are, null takes one away."""
    return report_of(await preferences.change(said))


@router.get("/preferences", include_in_schema=False)
async def form(request: Request, preferences: ThePreferences, kept: bool = False) -> Response:
    """The form; `kept` says that one was sent just now."""
    known = await preferences.known()
    fields = _fields(known)
    return _page(request, known, Filled(**dict(fields), shown=fields.model_dump_json()), kept=kept)


@router.post("/preferences", include_in_schema=False)
async def fill(request: Request, filled: Annotated[Filled, Form()], preferences: ThePreferences) -> Response:
    """Keep what was changed in the form; what cannot be used stays in it."""
    try:
        await preferences.change(filled.said())
    except BadInput as refused:
        return _page(request, await preferences.known(), filled, refused)
    return RedirectResponse("/preferences?kept=true", HTTPStatus.SEE_OTHER)


def _page(
    request: Request,
    known: Sequence[Preference],
    filled: Filled,
    refused: BadInput | None = None,
    *,
    kept: bool = False,
) -> Response:
    return page(
        request,
        "preferences.html",
        status=HTTPStatus.BAD_REQUEST if refused else HTTPStatus.OK,
        filled=filled,
        refused=refused,
        kept=kept,
        # what is typed and not kept has no reason
        why={one.about: one.why_in_full for one in known if one.value == getattr(filled, one.about)},
        avoided=[one for one in known if one.about is About.AVOID],
        qualities=list(Quality),
        aspects=list(Aspect),
        themes=list(Theme),
    )


def _fields(known: Sequence[Preference]) -> Fields:
    return Fields(**{name: "\n".join(of(known, About(name))) for name in Fields.model_fields})
