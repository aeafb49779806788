"""Finding nodes by what they mean."""

from __future__ import annotations

from typing import Annotated, Self

from fastapi import APIRouter, Query
from pydantic import Field, model_validator

from quantumsketch.memory.finding.search import MOST_HITS
from web.memory.access import KeyedRoute, Reader, TheMemory
from web.memory.fields import Moment, Question, Type
from web.memory.shapes import Asked, Found, Told, found

router = APIRouter(tags=["search"], route_class=KeyedRoute)


class Semantic(Asked):
    """A question, under one of two names."""

    query: Question | None = None
    q: Question | None = Field(default=None, description="the same as `query`")
    limit: int = Field(default=10, ge=1, le=MOST_HITS)
    type: Annotated[list[Type] | None, Field(description="only nodes of these types")] = None
    as_of: Moment | None = Field(default=None, description="as was recorded then")

    @model_validator(mode="after")
    def _one_question(self) -> Self:
        if (self.query is None) == (self.q is None):
            raise ValueError("give one question, as `query` or as `q`")
        return self

    @property
    def question(self) -> str:
        return self.query or self.q or ""


class Hits(Told):
    """What was found, the best first."""

    data: list[Found]


@router.get("/semantic")
async def search_by_meaning(asked: Annotated[Semantic, Query()], memory: TheMemory, reader: Reader) -> Hits:
    """Find the nodes that mean most nearly what the question does, however far that may be.

    With `as_of`, texts are those of then and what was recorded later is left out; they are searched for and
    compared by what they say now.
    """
    hits = await memory.search.by_meaning(reader.tenant, asked.question, asked.limit, asked.type, asked.as_of)
    return Hits(data=[found(hit) for hit in hits])
