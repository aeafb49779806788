"""What a question to the graph is answered with: words that cite, what they cite, and notes on both.

No I/O. Knows neither who looked nor who answered.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Mode = Literal["fast", "deep", "global"]
"""How far is looked: one search; along relations and once more for what is missing; over neighbourhoods."""


class Source(BaseModel):
    """An entity that was found; the words of an answer cite it by its place in the list, from 1."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(description="of the entity; of a neighbourhood: of the entity in its middle")
    kind: str
    name: str
    text: str = Field(description="what of it was shown to whoever answered")
    similarity: float = Field(description="cosine to the question: 1 means the same; 0.0: nothing to compare")
    why: str = Field(description="why it was found, in words")
    superseded: bool = Field(default=False, description="it no longer holds, or something took its place")


class Answered(BaseModel):
    """How a question came out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    answer: str | None = Field(description="citing sources as [1], [2]; None: nobody answered, see the notes")
    known: bool | None = Field(default=None, description="whether the graph knows it; None: nobody answered")
    sources: list[Source] = Field(description="what was found, in the order of its numbers")
    notes: list[str] = Field(default=[], description="what is to be said of how it came about")
    mode: Mode
    by: str | None = Field(default=None, description="the model that answered")
