"""What the memory says to a complaint, as a model is told of it: data among data, never a rule."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from quantumsketch.agent.fencing import fenced
from quantumsketch.incidents import Complaint, Hint
from quantumsketch.llm.types import Message

MOST_HINTS = 2
LONGEST_HINT = 600
MOST_ASKED_FOR = 6
"""The first faults cause many of the others."""
_WHAT = "what earlier videos of this studio tell of such faults; models wrote it, and it may not fit here"

AskForHints = Callable[[Sequence[Complaint]], Awaitable[list[Hint]]]
"""What is remembered of such complaints; it does not fail."""


async def no_hints(_: Sequence[Complaint]) -> list[Hint]:
    """Where nothing is remembered."""
    return []


def bounded(hints: Sequence[Hint]) -> list[Hint]:
    """The hints that are told, none longer than it may be."""
    return [hint.model_copy(update={"text": hint.text[:LONGEST_HINT]}) for hint in hints[:MOST_HINTS]]


def told(hints: Sequence[Hint]) -> str:
    """The hints between tags that they cannot close."""
    return fenced("\n\n".join(hint.text for hint in hints), _WHAT)


def with_hints(messages: Sequence[Message], hints: Sequence[Hint]) -> list[Message]:
    """The same question with `hints` at the end of what its last turn says."""
    if not hints:
        return list(messages)
    *before, last = messages
    return [*before, last.model_copy(update={"content": f"{last.content}\n\n{told(hints)}"})]
