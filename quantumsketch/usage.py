"""What the models were asked for a video, and what that took: one record a call, and their sums. No I/O."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Count = Annotated[int, Field(ge=0)]
ANSWERED = "answered"
"""How a call ended that did not fail."""


class ModelCall(BaseModel):
    """One call to one model that was made, answered or not."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str = Field(description="the entry's public id")
    purpose: str = Field(description="storyboard | scene | repair")
    beat_id: str | None = Field(default=None, description="b01, b02, …; None: for the video as a whole")
    ended: str = Field(description="'answered', or which failure it was")
    input_tokens: Count = 0
    output_tokens: Count = 0
    cost_usd: float | None = Field(description="None: not known")


class Usage(BaseModel):
    """The sum of some calls."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    calls: Count
    input_tokens: Count
    output_tokens: Count
    cost_usd: float | None = Field(description="None once the cost of any call is not known")
    known_usd: float = Field(description="of the calls whose cost is known")


def total(calls: Iterable[ModelCall]) -> Usage:
    """Add up calls; one unknown cost makes the whole unknown, never less."""
    made = list(calls)
    costs = [call.cost_usd for call in made]
    return Usage(
        calls=len(made),
        input_tokens=sum(call.input_tokens for call in made),
        output_tokens=sum(call.output_tokens for call in made),
        cost_usd=None if None in costs else sum(cost or 0.0 for cost in costs),
        known_usd=sum(cost or 0.0 for cost in costs),
    )
