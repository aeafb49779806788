"""The notes and two sets of questions. Each set was written and graded before any of it was asked.

How the ways of searching are weighed was chosen by how the first set is answered. Nothing was chosen by the
second, and nothing may be: neither a weight, nor a question of it or a grade.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from quantumsketch.memory.statements import Entity, Fact, Key

QUESTIONS = "questions.jsonl"
HELD_OUT = "held_out.jsonl"
_FOLDER = Path(__file__).parent


class Note(BaseModel):
    """Something written down: an entity, and its facts about others."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: str
    kind: str
    name: str
    text: str
    facts: list[tuple[str, str]] = Field(default=[], description="relation, and id of the other")

    @property
    def key(self) -> Key:
        return self.kind, self.name


class Question(BaseModel):
    """What somebody wants to know, and which notes tell it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    kind: str = Field(
        alias="class", description="why, now, cross (several projects), abstain (nothing tells)"
    )
    question: str
    relevant: dict[str, int] = Field(description="by id: 3 answers, 2 helps, 1 is about it")
    outdated: list[str] = Field(default=[], description="ids of what said so once: below what holds now")


@cache
def notes() -> list[Note]:
    """Return all notes."""
    return [Note.model_validate_json(line) for line in _lines("notes.jsonl")]


@cache
def questions(of: str) -> list[Question]:
    """Return all questions of a set: QUESTIONS or HELD_OUT."""
    return [Question.model_validate_json(line) for line in _lines(of)]


def statements() -> tuple[list[Entity], list[Fact]]:
    """Return what the notes say, as the memory takes it."""
    keys = {note.id: note.key for note in notes()}
    facts = [Fact(note.key, relation, keys[other]) for note in notes() for relation, other in note.facts]
    return [Entity(note.kind, note.name, note.text) for note in notes()], facts


def _lines(name: str) -> list[str]:
    return (_FOLDER / name).read_text("utf-8").splitlines()
