"""What a person prefers, how that is known, and what it makes of a request. Pure; keeps nothing.

A preference is said by a person or taken from their edits, by rules only (`edits`). What a person asks for
just now wins over both.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from quantumsketch.errors import BadInput
from quantumsketch.storyboard import (
    MOST_AVOIDED,
    Aspect,
    Avoided,
    Look,
    Quality,
    ShortText,
    Theme,
    VideoRequest,
    Wording,
)


class About(StrEnum):
    """What there can be a preference for."""

    THEME = "theme"
    ASPECT = "aspect"
    QUALITY = "quality"
    VOICE = "voice"
    AUDIENCE = "audience"
    AVOID = "avoid"


LOOK_OPTIONS = (About.ASPECT, About.QUALITY, About.THEME)
MOST_EVIDENCE = 30
"""Videos or storyboards that are named for one preference."""


class KnownBy(StrEnum):
    """How a preference is known."""

    SAID = "said"
    EDITS = "edits"


class Preferring(BaseModel):
    """What a person sets: fields that are not given stay as they are, None and nothing take away."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    theme: Theme | None = None
    aspect: Aspect | None = None
    quality: Quality | None = None
    voice: ShortText | None = Field(default=None, description="kept until there is speech")
    audience: ShortText | None = Field(default=None, description="whom the videos are for")
    avoid: Avoided = Field(default=(), description="words that are not to be said, all of them")
    avoid_also: Avoided = Field(default=(), description="such words beside those there are")
    avoid_no_more: Avoided = Field(default=(), description="such words that are taken away")


class Preference(BaseModel):
    """One thing that is preferred; of words to avoid, one word."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    about: About
    value: str
    since: datetime
    known_by: KnownBy
    evidence: Annotated[list[ShortText], Field(max_length=MOST_EVIDENCE)] = Field(
        default=[], description="the videos or storyboards that it was taken from"
    )
    holds: bool = Field(default=True, description="False: a person took it away, and no edit brings it back")

    @model_validator(mode="after")
    def _can_be_preferred(self) -> Preference:
        value = [self.value] if self.about is About.AVOID else self.value
        Preferring.model_validate({self.about.value: value})
        return self

    @property
    def key(self) -> str:
        """What it is about, named: `aspect`, `avoid/utilize`."""
        return f"{self.about}/{self.value}" if self.about is About.AVOID else str(self.about)

    @property
    def why(self) -> str:
        """How it is known, to be said behind 'because'."""
        if self.known_by is KnownBy.SAID:
            return f"you set that on {self.since:%Y-%m-%d}"
        if self.about is About.AVOID:
            return "you took it out of two storyboards"
        return "you asked for it in your last three videos"

    @property
    def why_in_full(self) -> str:
        """The same with since when, and what it was taken from."""
        if self.known_by is KnownBy.SAID:
            return self.why
        return f"{self.why} ({'; '.join(self.evidence)}), since {self.since:%Y-%m-%d}"


class PreferenceReport(BaseModel):
    """One preference as a program is told of it."""

    about: About
    value: str
    since: datetime
    known_by: KnownBy
    evidence: list[str]
    why: str


class PreferencesReport(BaseModel):
    """What is preferred: of words to avoid, each word by itself."""

    preferences: list[PreferenceReport]


def report_of(known: Sequence[Preference]) -> PreferencesReport:
    """Report what is preferred."""
    told = [PreferenceReport(**one.model_dump(exclude={"holds"}), why=one.why) for one in held(known)]
    return PreferencesReport(preferences=told)


def held(known: Sequence[Preference]) -> list[Preference]:
    """Return what is preferred, in the order of About, without what was taken away."""
    order = list(About)
    return sorted((one for one in known if one.holds), key=lambda one: (order.index(one.about), one.value))


def of(known: Sequence[Preference], about: About) -> list[str]:
    """Return what is preferred about one thing: nothing, one value, or the words to avoid."""
    return [one.value for one in held(known) if one.about is about]


def changes(known: Sequence[Preference], said: Preferring, at: datetime) -> list[Preference]:
    """Return what is to be written down once a person has `said` it at `at`; what stays as it is is not.

    Raises BadInput if there would be more words to avoid than there may be.
    """
    wanted: dict[About, list[str]] = {About.AVOID: _words(of(known, About.AVOID), said)}
    for about in said.model_fields_set & {*About} - {About.AVOID}:
        value = getattr(said, about)
        wanted[About(about)] = [] if value is None else [str(value)]
    return [change for about, values in wanted.items() for change in _changes(known, about, values, at)]


def _words(before: Sequence[str], said: Preferring) -> list[str]:
    """The words to avoid: all anew, or as before with some more and some less."""
    kept = said.avoid if About.AVOID in said.model_fields_set else before
    words = [word for word in dict.fromkeys([*kept, *said.avoid_also]) if word not in said.avoid_no_more]
    if len(words) > max(MOST_AVOIDED, len(before)):
        raise BadInput(
            f"that makes {len(words)} words to avoid",
            mend=f"At most {MOST_AVOIDED} are possible: take others away first",
        )
    return words


def _changes(
    known: Sequence[Preference], about: About, wanted: Collection[str], at: datetime
) -> Iterator[Preference]:
    before = {one.value: one for one in held(known) if one.about is about}
    for value in wanted:
        if value not in before:
            yield Preference(about=about, value=value, since=at, known_by=KnownBy.SAID)
    if about is not About.AVOID and wanted:
        return  # what was preferred before is replaced
    for value in before:
        if value not in wanted:
            yield Preference(about=about, value=value, since=at, known_by=KnownBy.SAID, holds=False)


def applied(request: VideoRequest, known: Sequence[Preference]) -> VideoRequest:
    """Return the request with what it leaves open as it is preferred, each with its reason.

    The look's options that were given are those that were set (`model_fields_set`). A person's own storyboard
    has its words already: only the look applies.
    """
    preferred = held(known)
    look, because = _look(request.look, preferred)
    wording = request.wording if request.storyboard else _wording(request.wording, preferred)
    return request.model_copy(update={"look": look, "wording": wording, "because": because})


def _look(look: Look, preferred: Sequence[Preference]) -> tuple[Look, list[str]]:
    taken = [one for one in preferred if one.about in LOOK_OPTIONS and one.about not in look.model_fields_set]
    options: dict[str, Any] = {one.about: one.value for one in taken}
    given = look.model_dump(include=look.model_fields_set)
    return Look(**given, **options), [
        f"{_LOOKS[one.about].format(one.value)} because {one.why}" for one in taken
    ]


_LOOKS = {About.ASPECT: "{}", About.QUALITY: "{} quality", About.THEME: "the theme '{}'"}


def _wording(wording: Wording, preferred: Sequence[Preference]) -> Wording:
    because = dict(wording.because)
    audience = wording.audience
    avoid = list(wording.avoid)
    for one in preferred:
        if one.about is About.AUDIENCE and audience is None:
            audience = one.value
            because[audience] = f"said for '{audience}' because {one.why}"
        elif one.about is About.AVOID and one.value not in avoid and len(avoid) < MOST_AVOIDED:
            avoid.append(one.value)
            because[one.value] = f"without '{one.value}' because {one.why}"
    return Wording(audience=audience, avoid=tuple(avoid), because=because)
