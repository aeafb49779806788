"""What nodes say, whole or the part of it that is nearest to a question. Writes nothing.

Description and body are one text here. A description that the body begins with says nothing of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from quantumsketch.excerpts import Excerpt, Piece, part_around
from quantumsketch.memory.database import Connection
from quantumsketch.memory.finding.rankings import Asked
from quantumsketch.memory.queries import query
from quantumsketch.memory.records import Record

_LONGEST_INTRODUCTION = 1_000
"""A description of up to so many characters before a body introduces it: something of both is shown."""
_SHARE_OF_INTRODUCTION = 3
"""What part of the room it takes at most: the third."""


class ToldText(Record):
    """What a node says, as far as it is read."""

    id: UUID
    length: int
    """Characters of all of it."""
    introduction: str
    around: str
    """What stands around the piece that is nearest to the question."""
    around_at: int
    near_at: int
    near_end: int

    def excerpt(self, room: int) -> Excerpt:
        """Return all of it if there is room for so many characters, else the nearest piece and around it."""
        around, near = Piece(self.around_at, self.around), (self.near_at, self.near_end)
        if self.length <= room:
            return Excerpt.of(self.length, [part_around(around, (0, 0), self.length, room)])
        most = room // _SHARE_OF_INTRODUCTION
        first = part_around(Piece(0, self.introduction), (0, 0), len(self.introduction), most)
        rest = part_around(around, near, self.length, room - len(first.text))
        return Excerpt.of(self.length, [first, rest])


async def told_texts(
    connection: Connection, asked: Asked, nodes: Sequence[UUID], longest: int, *, nearest: bool = False
) -> dict[UUID, ToldText]:
    """Return what `nodes` say, or said as of the question's time: `longest` characters from the beginning.

    With `nearest`, what is around the nearest piece, so many each way; without a vector the piece that holds
    most of the question's words counts as that.
    """
    parameters = {
        **asked.compared,
        "nodes": list(nodes),
        "as_of": asked.as_of,
        "question": asked.question.searchable,
        "nearest": nearest,
        "longest": longest,
        "introduction": _LONGEST_INTRODUCTION,
    }
    rows = await connection.execute(query("told_texts"), parameters, prepare=False)
    return {row["id"]: ToldText.model_validate(row) for row in await rows.fetchall()}
