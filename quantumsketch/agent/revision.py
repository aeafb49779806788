"""A storyboard mended beat by beat: a model answers with what it changes, not with all of it."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from quantumsketch.agent.answers import read_answer
from quantumsketch.storyboard import MOST_BEATS, Beat, Storyboard, Summary, Title


class RevisedBeat(BaseModel):
    """One beat as it is from now on; null leaves it out."""

    model_config = ConfigDict(extra="forbid")

    number: Annotated[int, Field(ge=1, le=MOST_BEATS)]
    beat: Beat | None


class Revision(BaseModel):
    """What changes in a storyboard; beats are counted from 1, as they were before."""

    model_config = ConfigDict(extra="forbid")

    title: Title | None = None
    summary: Summary | None = None
    beats: Annotated[list[RevisedBeat], Field(max_length=MOST_BEATS)] = []

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not (self.title or self.summary or self.beats):
            raise ValueError("nothing would change")
        return self


def revised(storyboard: Storyboard, answer: str) -> Storyboard:
    """The storyboard with what the answer changes, or a whole new one if it holds that.

    Raises ValueError whose message tells the model what to mend.
    """
    try:
        revision = read_answer(answer, Revision)
    except ValueError as misfit:
        try:
            return read_answer(answer, Storyboard)
        except ValueError:
            raise misfit from None
    return _applied(storyboard, revision)


def _applied(storyboard: Storyboard, revision: Revision) -> Storyboard:
    changes = {change.number: change.beat for change in revision.beats}
    if unknown := sorted(number for number in changes if number > len(storyboard.beats)):
        raise ValueError(f"there is no beat {unknown[0]}: the storyboard has {len(storyboard.beats)}")
    beats = [changes.get(number, beat) for number, beat in enumerate(storyboard.beats, start=1)]
    kept = [beat for beat in beats if beat is not None]
    try:
        return Storyboard(
            title=revision.title or storyboard.title,
            summary=revision.summary or storyboard.summary,
            beats=kept,
        )
    except ValidationError:
        raise ValueError("no beat would be left of the storyboard") from None
