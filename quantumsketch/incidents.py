"""What went wrong while a beat was made, and what helped: what the memory learns from. No I/O."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

SLOW = "slow"
"""The rule of whatever takes more time to render than there is."""
LONGEST_ERROR = 400
"""Characters by which an error is known; more of them say nothing new."""
MOST_LINES = 12
"""Of code, on each side of a change: a longer one teaches nothing."""
LONGEST_SIDE = 800
"""Characters, likewise."""

Error = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_ERROR)]
Side = Annotated[str, StringConstraints(max_length=LONGEST_SIDE)]


class _Noun(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Complaint(_Noun):
    """One thing that is wrong, in words."""

    error: Error = Field(description="'rule: words', the same for all complaints of its kind")
    message: str = Field(description="as it was said of this beat")

    @property
    def rule(self) -> str:
        """The stable name of the kind of fault."""
        return self.error.partition(":")[0]


class Change(_Noun):
    """The smallest difference between what had a fault and what has it no more."""

    before: Side = Field(description="lines of code, or the kind of a visual")
    after: Side
    by: str = Field(description="who made it: a model's id")


class Incident(_Noun):
    """A fault that a beat had on the way, and what became of it."""

    complaint: Complaint
    visual: str | None = Field(
        default=None, description="the kind of visual that could not be rendered; None: it was in the code"
    )
    mended: bool = Field(default=False, description="what is shown passed every check without it")
    repair: Change | None = Field(
        default=None, description="what mended it; None also if that was too much to be told"
    )
    hints: list[str] = Field(default=[], description="the names of the repairs that a model was told")


class Hint(_Noun):
    """What the memory says to a complaint. Its words are data: models wrote them."""

    error: Error = Field(description="of the complaint that it belongs to")
    text: str
    repair: str | None = Field(default=None, description="the name of the repair that it tells of")
