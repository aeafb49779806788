"""What a video has to do with others, where a concept appears, what it takes to make a video again: nouns."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from quantumsketch.storyboard import Beat, Look, Storyboard
from quantumsketch.video import MadeWith, Noun, Outcome


class RelatedVideo(Noun):
    """Another video of the same tenant that has to do with one."""

    id: str
    title: str
    why: list[str] = Field(description="the reasons, in words, the weightiest first")
    similarity: float | None = Field(description="cosine of what both are about; None: far, or not known")


class Related(Noun):
    """A video, and those that have to do with it."""

    id: str
    related: list[RelatedVideo] = Field(description="the one that has most to do with it first")


class Appearance(Noun):
    """A video, or a beat of one, in which a concept appears."""

    video_id: str
    video_title: str
    beat_id: str | None = Field(description="None: the whole video is about it")
    beat_title: str | None
    at_s: float | None = Field(description="seconds into the film; None: not known")
    why: str


class Concept(Noun):
    """A concept, and where it appears."""

    name: str
    recorded: bool = Field(description="whether the memory knows it as a concept; else words were searched")
    appearances: list[Appearance] = Field(description="the newest video first, each from its beginning")
    truncated: bool = Field(description="whether there may be more")


class EarlierScene(Noun):
    """A beat of an earlier video, whose scene in Manim code came out without a fault."""

    video_id: str = Field(description="the one that the scene was written for")
    video_title: str = Field(description="of the video in which it was found")
    beat: Beat
    by: str = Field(description="who wrote the code")
    repaired: bool = Field(description="a model had to be asked again")
    mended: list[str]
    complaint: str | None = None


class BeatToRebuild(Noun):
    """What it would take to show one beat again."""

    id: str
    title: str
    kind: str
    outcome: Outcome = Field(description="how it came out")
    by: str = Field(description="who wrote what was shown")
    clip: Literal["there", "gone", "of other versions"] = Field(
        description="there: it would be found. Else it would be drawn anew: its bytes are gone, or it was "
        "made with other versions of the kit or of Manim"
    )
    needs_model: bool = Field(
        description="whether a model would be asked if it were to come out as planned; as it is, none is"
    )
    duration_s: float


class Rebuild(Noun):
    """What it would take to make a video again."""

    id: str
    title: str
    storyboard: Storyboard = Field(description="with every scene as it was shown: no model writes any of it")
    storyboard_by: str = Field(description="who wrote it; whoever hands it over again is told as its author")
    look: Look
    beats: list[BeatToRebuild]
    film_is_there: bool = Field(description="the MP4 itself: nothing has to be made at all")
    changed: list[str] = Field(description="of the versions that it was made with, those that are others now")
    made_with: MadeWith | None = Field(description="None: not known")
    estimated_s: float | None = Field(
        description="seconds for drawing and joining, by what they took then; None: not known"
    )

    @property
    def drawn_anew(self) -> list[BeatToRebuild]:
        """The beats whose clips would not be found."""
        return [beat for beat in self.beats if beat.clip != "there"]

    @property
    def authors(self) -> list[str]:
        """Who wrote the storyboard, and what was shown of it; each once."""
        return list(dict.fromkeys([self.storyboard_by, *(beat.by for beat in self.beats)]))
