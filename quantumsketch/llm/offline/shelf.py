"""The shelf: worked storyboards, one data file each. Knows nothing of how a prompt finds one of them."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from quantumsketch.storyboard import Storyboard


class WorkedExample(BaseModel):
    """A storyboard written by hand, and the questions that it answers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    asks: Annotated[list[str], Field(min_length=3)]
    """Questions that this storyboard answers, as people put them."""
    elsewhere: list[str]
    """Questions in similar words that it does not answer."""
    keep_first: list[int]
    """The beats (counted from 1), the most needed first: a shorter video keeps the front of this list."""
    storyboard: Storyboard

    @model_validator(mode="after")
    def _ranks_every_beat_once(self) -> Self:
        if sorted(self.keep_first) != list(range(1, len(self.storyboard.beats) + 1)):
            raise ValueError(f"keep_first of {self.name!r} must name every beat once, not {self.keep_first}")
        return self

    def shortened(self, max_beats: int) -> Storyboard:
        """Give the storyboard with at most `max_beats` beats, the most needed ones in their order."""
        kept = sorted(self.keep_first[:max_beats])
        beats = [self.storyboard.beats[number - 1] for number in kept]
        return self.storyboard.model_copy(update={"beats": beats})


@cache
def worked_examples() -> tuple[WorkedExample, ...]:
    """Read every worked example of the shelf; the name of its file is its name."""
    folder = files(__package__) / "shelf"
    stored = sorted((entry for entry in folder.iterdir()), key=lambda entry: entry.name)
    return tuple(
        WorkedExample(
            name=file.name.removesuffix(".json").replace("_", " "), **json.loads(file.read_text("utf-8"))
        )
        for file in stored
    )
