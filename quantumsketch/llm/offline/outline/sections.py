"""A text in sections: which blocks stand under which heading, and the beats that each section becomes."""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import NamedTuple, TypeGuard

from quantumsketch.llm.offline.outline.blocks import Block, Heading, Listing, Prose, blocks
from quantumsketch.llm.offline.outline.drawing import (
    LONGEST_NARRATION,
    Scene,
    compared,
    continued,
    drawn,
    statements_in,
)
from quantumsketch.llm.offline.outline.functions import functions_in
from quantumsketch.llm.offline.outline.quantities import listed_quantities
from quantumsketch.llm.offline.outline.wording import fitted, sentences, shown
from quantumsketch.storyboard import Beat

_LONGEST_TITLE = 60
_LONGEST_LEAD_WORDS = 40
_LONGEST_ASIDE_WORDS = 20
_LONGEST_COMMENT_WORDS = 25
_LONGEST_LABEL = 40
_LONGEST_COLUMN = 5
_MADE = r"(?:make|create|generate|produce|render)"
_INSTRUCTION = re.compile(
    r"(?=.{0,200}$)(?:please |can you |could you )?"
    rf"(?:(?:{_MADE}|i (?:want|need|would like)(?: you)?(?: to {_MADE})?)(?: me| us)?(?: an?| the)?"
    r"(?: (?!(?:to|for|of|in|on|at|with|from|the|that)\b)[\w,-]+){0,6}"
    r"|(?:turn|make|convert) (?:this|these|it|the following|the (?:text|notes))(?: \w+){0,2} into"
    r"(?: [\w,-]+){0,4})"
    r" (?:video|film|animation)\b",
    re.IGNORECASE,
)
"""A line to us rather than to the audience: not shown, but for what the video is to be about."""
_TOPIC = re.compile(
    r"\b(?:about|on|explaining|that explains|showing)\s+(?:that\s+)?(.{3,}?)[\s.!]*$", re.IGNORECASE
)
_VERSUS = re.compile(r"\b(?:vs|versus|or|compared)\b", re.IGNORECASE)
_OPPOSITES = {
    ("pros", "cons"), ("advantages", "disadvantages"), ("benefits", "drawbacks"), ("benefits", "risks"),
    ("strengths", "weaknesses"), ("for", "against"), ("before", "after"), ("then", "now"),
    ("with", "without"),
    ("similarities", "differences"), ("old", "new"), ("today", "tomorrow"),
}  # fmt: skip


class Opening(NamedTuple):
    """How a text begins: its title, and what is said with that: the sentence it was made of, or itself."""

    title: str
    sentence: str


def document(text: str, *, sentence_is_said: bool) -> tuple[Opening, list[list[Beat]]]:
    """Read a text as its opening and the beats of each of its sections, none of them empty.

    A sentence that opens the text is left to the opening, if it is said there and needs no picture.
    """
    opening, found = _opened(blocks(text), sentence_is_said)
    title = opening.title
    sections = _under_headings(found, title)
    beats = [[_beat(heading, scene) for scene in _scenes(heading, inside)] for heading, inside in sections]
    if filled := [section for section in beats if section]:
        return opening, filled
    names = tuple(block.text for block in found if isinstance(block, Heading)) or (title,)
    return opening, [[_beat(title, scene) for scene in drawn(Listing(names), lead="")]]


def _opened(found: list[Block], sentence_is_said: bool) -> tuple[Opening, list[Block]]:
    """Take the title off the front: a heading, or a sentence by itself; else the first sentence is named."""
    topic, found = _instructed(found)
    first, *rest = found
    if isinstance(first, Heading):
        return Opening(_heading(first.text), first.text), rest
    if topic:
        return Opening(topic, topic), found
    if not isinstance(first, Prose):
        return Opening("Your text", "Your text"), found
    one, *more = sentences(first.text)
    remaining = [*([Prose(" ".join(more))] if more else []), *rest]
    is_label = not more and len(one) <= _LONGEST_TITLE and one[-1] not in ".!?:;,"
    is_only_said = sentence_is_said and not _has_a_picture(one) and (one[-1] in "?？" or not more)
    if remaining and (is_label or is_only_said):
        return Opening(_heading(one), one), remaining
    return Opening(_heading(one), _heading(one)), found


def _instructed(found: list[Block]) -> tuple[str | None, list[Block]]:
    """Take an instruction off the front if there is more: the topic that it names, and the rest."""
    if not isinstance(found[0], Prose):
        return None, found
    one, *more = sentences(found[0].text)
    remaining = [*([Prose(" ".join(more))] if more else []), *found[1:]]
    if not remaining or not _INSTRUCTION.match(one):
        return None, found
    topic = _TOPIC.search(one)
    return (_heading(topic[1][0].upper() + topic[1][1:]) if topic else None), remaining


def _heading(text: str) -> str:
    return fitted(shown(text).strip(" :.。"), _LONGEST_TITLE) or "Your text"


def _under_headings(found: list[Block], title: str) -> list[tuple[str, list[Block]]]:
    sections: list[tuple[str, list[Block]]] = [(title, [])]
    for block, following in zip_longest(found, found[1:]):
        if isinstance(block, Heading) or _is_label(block, following):
            sections.append((_heading(block.text), []))
        else:
            sections[-1][1].append(block)
    return sections


def _is_label(block: Block, following: Block | None) -> TypeGuard[Prose]:
    """Tell whether a short line without a full stop is the heading of the list, table or code below it."""
    if not isinstance(block, Prose) or following is None or isinstance(following, Prose | Heading):
        return False
    return len(block.text) <= _LONGEST_LABEL and block.text[-1].isalnum() and "=" not in block.text


def _scenes(heading: str, inside: list[Block]) -> list[Scene]:
    scenes: list[Scene] = []
    lead = ""
    at = 0
    while at < len(inside):
        block, following = inside[at], inside[at + 1] if at + 1 < len(inside) else None
        if pair := _comparison(heading, inside[at : at + 4], lead):
            scenes.append(pair)
            at, lead = at + 4, ""
        elif scenes and isinstance(block, Prose) and _comments_on(scenes[-1], block.text):
            scenes[-1] = continued(scenes[-1], block.text)
            at += 1
        elif isinstance(block, Prose) and _introduces(block.text, following):
            lead = block.text
            at += 1
        else:
            scenes += drawn(block, lead)
            at, lead = at + 1, ""
    return scenes


def _introduces(text: str, following: Block | None) -> bool:
    """Tell whether `text` can be said while the list, table, code or formula after it is shown."""
    most = _LONGEST_LEAD_WORDS if text.endswith(":") else _LONGEST_ASIDE_WORDS
    if following is None or isinstance(following, Prose) or len(text.split()) > most:
        return False
    return not _has_a_picture(text)  # then it is not only said


def _has_a_picture(text: str) -> bool:
    return bool(functions_in(text) or statements_in(text) or any(map(listed_quantities, sentences(text))))


def _comments_on(scene: Scene, text: str) -> bool:
    """Tell whether the short `text` after a curve, bars or a formula can be said while it stays on screen."""
    if scene.visual.kind not in ("plot", "derivation", "bars") or len(text.split()) > _LONGEST_COMMENT_WORDS:
        return False
    fits = len(scene.narration) + len(text) < LONGEST_NARRATION
    return fits and text[-1] != ":" and "$" not in text and not functions_in(text)


def _comparison(heading: str, four: list[Block], lead: str) -> Scene | None:
    """Two short lists, each below a label ("Pros:", "Cons:"), are one comparison if they are opposites."""
    match four:
        case [Prose(left), Listing(ones), Prose(right), Listing(others)] if left[-1:] == right[-1:] == ":":
            opposed = _VERSUS.search(heading) or (left[:-1].casefold(), right[:-1].casefold()) in _OPPOSITES
            short = max(len(left), len(right)) <= _LONGEST_LABEL
            if opposed and short and max(len(ones), len(others)) <= _LONGEST_COLUMN:
                return compared((left[:-1], ones), (right[:-1], others), lead)
    return None


def _beat(title: str, scene: Scene) -> Beat:
    return Beat(title=title, narration=scene.narration, visual=scene.visual)
