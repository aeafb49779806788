"""Does a prompt ask for what a worked example explains? Knows meaning only through the injected `embed`.

The prompt is compared with the questions of the shelf and with their near misses ("biography of Pythagoras").
It matches when the nearest of all is a question that an example answers, and is near enough. A text of the
user's own, long or with structure, never matches: its author wants to see that text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from operator import mul
from typing import NamedTuple, TypeAlias

from quantumsketch.llm.offline.shelf import WorkedExample, worked_examples

Embed: TypeAlias = Callable[[list[str]], list[list[float]]]
"""Gives a vector of length one for every text."""

NEAR_ENOUGH = 0.65
"""Cosine from which on a prompt counts as a known question; tuned on tests/unit/offline_questions.jsonl."""
LONGEST_QUESTION_WORDS = 40
_STRUCTURE = re.compile(r"^\s*(#{1,6}\s|[-*+•]\s|\d+[.)]\s|\||```|\$\$|\\\[)", re.MULTILINE)


_FRAME = re.compile(
    r"^.{0,60}?\b(?:video|film|animation|lesson)\b.{0,40}?"
    r"\b(?:about|on|of|show(?:s|ing)?|explain(?:s|ing)?(?: to [\w ]{0,40}?(?= (?:what|how|why)\b))?"
    r"|(?=(?:how|why|what)\b))\s*",
    re.IGNORECASE | re.DOTALL,
)
"""What people write around their question: "Please make a short video that explains to my class …"."""
_DRAWING = re.compile(r"\b(?:plot|draw|graph|sketch)\b.*=", re.IGNORECASE | re.DOTALL)


class _Question(NamedTuple):
    example: WorkedExample
    answered: bool
    vector: list[float]


def matching_example(prompt: str, embed: Embed) -> WorkedExample | None:
    """Find the worked example that answers `prompt`, None for anything else."""
    if not is_question(prompt):
        return None
    vectors = embed(list(dict.fromkeys([prompt, _FRAME.sub("", prompt)])))
    closeness, question = max(
        (
            (_cosine(vector, question.vector), question)
            for vector in vectors
            for question in _questions(embed)
        ),
        key=lambda pair: pair[0],
    )
    return question.example if question.answered and closeness >= NEAR_ENOUGH else None


def is_question(prompt: str) -> bool:
    """Tell whether `prompt` is a request rather than material: short, without headings, lists or the like."""
    material = _STRUCTURE.search(prompt) or _DRAWING.search(prompt)
    return len(prompt.split()) <= LONGEST_QUESTION_WORDS and not material


@lru_cache(maxsize=1)
def _questions(embed: Embed) -> tuple[_Question, ...]:
    listed = [
        (example, text in example.asks, text)
        for example in worked_examples()
        for text in example.asks + example.elsewhere
    ]
    vectors = embed([text for _, _, text in listed])
    return tuple(
        _Question(example, answered, vector)
        for (example, answered, _), vector in zip(listed, vectors, strict=True)
    )


def _cosine(one: list[float], other: list[float]) -> float:
    products: Iterable[float] = map(mul, one, other)
    return sum(products)
