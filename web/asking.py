"""What both ways of asking have in common, the form and the JSON: the words, and who makes the video."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from quantumsketch.intake import look_of, prompt_of, request_of
from quantumsketch.storyboard import MOST_BEATS, Aspect, Look, Quality, ShortText, Theme, VideoRequest
from quantumsketch.studio import Videos


def _videos(request: Request) -> Videos:
    videos: Videos = request.app.state.videos
    return videos


TheVideos = Annotated[Videos, Depends(_videos)]
Dollars = Annotated[float, Field(ge=0, allow_inf_nan=False)]


def _none_if_empty(value: object) -> object:
    """A form sends what was left out as an empty text."""
    return None if value == "" else value


class Asked(BaseModel):
    """What a person may ask for; the prompt's own checks are `intake`'s."""

    model_config = ConfigDict(extra="forbid")

    prompt: str
    quality: Quality | None = Field(default=None, description="else as preferred")
    aspect: Aspect | None = Field(default=None, description="else as preferred")
    theme: Theme | None = Field(default=None, description="else as preferred")
    audience: ShortText | None = Field(default=None, description="whom it is for; else as preferred")
    max_beats: Annotated[int, Field(ge=1, le=MOST_BEATS)] = MOST_BEATS
    max_cost_usd: Annotated[Dollars | None, BeforeValidator(_none_if_empty)] = None

    def request(self, preselected: Look | None = None) -> VideoRequest:
        """Turn it into the request; raise BadInput. What was `preselected` and stays so is not asked for."""
        options = {"quality": self.quality, "aspect": self.aspect, "theme": self.theme}
        if preselected:
            options = {name: value for name, value in options.items() if value != getattr(preselected, name)}
        return request_of(
            prompt_of(self.prompt),
            look_of(**options),
            self.max_beats,
            audience=self.audience,
            max_cost_usd=self.max_cost_usd,
        )
