"""The product's nouns before anything is rendered: what was asked for, and the plan of the film. No I/O."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from quantumsketch.avoided_words import as_compared, joins_letters
from quantumsketch.incidents import Incident
from quantumsketch.usage import ModelCall
from quantumsketch.visuals import Visual

PROMPT_LIMIT = 20_000
"""Characters that a prompt may have."""
MOST_BEATS = 24

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
Summary = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]
TenantName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]


def _printable(text: str) -> str:
    """One line: a person's words end up in prompts, on pages and in terminals."""
    line = " ".join(text.split())
    seen = "".join(char for at, char in enumerate(line) if not joins_letters(line, at))
    if not seen.isprintable() or not any(char.isalnum() for char in line):
        raise ValueError("no words that can be read")
    return line


def _as_compared(text: object) -> object:
    """Before it is measured: small letters can be more than the capital ones were."""
    return as_compared(text) if isinstance(text, str) else text


LONGEST_PHRASE = 60
Phrase = Annotated[
    str,
    StringConstraints(min_length=1, max_length=LONGEST_PHRASE),
    BeforeValidator(_as_compared),
    AfterValidator(_printable),
]
"""A word or a few, on one line, as they are compared."""
ShortText = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_printable)]
"""A few words, on one line."""
MOST_AVOIDED = 40
Avoided = Annotated[tuple[Phrase, ...], Field(max_length=MOST_AVOIDED)]


class Beat(BaseModel):
    """One thought: what is said, and what is seen while it is said."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Title
    narration: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=900)]
    visual: Visual


class Storyboard(BaseModel):
    """The plan of a video: one to 24 beats in order."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Title
    summary: Summary
    beats: Annotated[list[Beat], Field(min_length=1, max_length=MOST_BEATS)]


class Quality(StrEnum):
    """How fine the picture is: the shorter side in pixels of 16:9, and frames a second."""

    DRAFT = "draft"
    STANDARD = "standard"
    HIGH = "high"


class Aspect(StrEnum):
    WIDE = "16:9"
    TALL = "9:16"
    SQUARE = "1:1"


class Theme(StrEnum):
    """Light on dark, or dark on light."""

    NIGHT = "night"
    PAPER = "paper"


_SIZES = {Quality.DRAFT: (854, 480, 15), Quality.STANDARD: (1280, 720, 30), Quality.HIGH: (1920, 1080, 60)}


class Look(BaseModel):
    """Everything that the picture depends on beside its content."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    quality: Quality = Quality.STANDARD
    aspect: Aspect = Aspect.WIDE
    theme: Theme = Theme.NIGHT

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        long, short, _ = _SIZES[self.quality]
        return {Aspect.WIDE: (long, short), Aspect.TALL: (short, long), Aspect.SQUARE: (short, short)}[
            self.aspect
        ]

    @property
    def fps(self) -> int:
        """Frames a second."""
        return _SIZES[self.quality][2]


class Wording(BaseModel):
    """For whom a video is said, and without which words."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    audience: ShortText | None = Field(default=None, description="None: whoever the prompt is for")
    avoid: Avoided = ()
    because: dict[str, str] = Field(
        default={}, description="by audience or word: what is said of it if it was not asked for just now"
    )

    def reasons(self, *, broken: Collection[str]) -> list[str]:
        """Return why what was kept to was kept to; `broken` are the words that are left."""
        kept = (self.audience, *(word for word in self.avoid if word not in broken))
        return [self.because[each] for each in kept if each in self.because]


USUAL_WORDING = Wording()
"""For whoever the prompt is for, in any words."""


class CheckedMathematics(BaseModel):
    """What was found out about the statements on screen; a line names place and reason."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    right: Annotated[int, Field(ge=0)] = Field(description="statements that were checked and hold")
    wrong: list[str] = []
    unchecked: list[str] = []

    @property
    def statements(self) -> int:
        """How many there are."""
        return self.right + len(self.wrong) + len(self.unchecked)


class WrittenScene(BaseModel):
    """How the scene of a beat was written, whose code the check has passed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    by: str
    repaired: bool = Field(description="a model had to be asked again")
    mended: list[str] = []
    complaint: str | None = None
    incidents: list[Incident] = Field(default=[], description="the faults that it had on the way")
    reused: str | None = Field(default=None, description="the id of the video that it was written for")


class Planned(BaseModel):
    """A storyboard before anything of it is rendered, and where it comes from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    storyboard: Storyboard
    storyboard_by: str
    cost_usd: float | None = Field(description="None: not known")
    notes: list[str] = []
    because: list[str] = Field(default=[], description="what a person's preferences made of it, and why")
    calls: list[ModelCall] = Field(default=[], description="what the models were asked on the way")
    mathematics: CheckedMathematics | None = Field(default=None, description="None: nothing was checked")
    written: dict[str, WrittenScene] = Field(
        default={}, description="by the beats' ids: scenes that need not be written again"
    )


class VideoRequest(BaseModel):
    """What a person asks for. Holds no secret and no path: it becomes a workflow's input."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    prompt: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=PROMPT_LIMIT)]
    look: Look = Look()
    wording: Wording = USUAL_WORDING
    because: list[str] = Field(default=[], description="what of the look is as preferred, and why")
    notes: list[str] = Field(default=[], description="what could not be found out before the run began")
    max_beats: Annotated[int, Field(ge=1, le=MOST_BEATS)] = MOST_BEATS
    tenant: TenantName = "default"
    storyboard: Storyboard | None = Field(default=None, description="an edited plan: rendered as it is")
    planned: Planned | None = Field(
        default=None, description="the plan of the run that this one goes on with: it is not written again"
    )
    max_cost_usd: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = Field(
        default=None, description="USD that models may cost for this video; None: no limit of its own"
    )
