"""A text in sections: which blocks stand under which heading, and the beats that each section becomes."""

from __future__ import annotations

from itertools import zip_longest

from quantumsketch.llm.offline.outline.blocks import Block, Heading, Listing, Prose, blocks
from quantumsketch.llm.offline.outline.drawing import Scene, compared, drawn
from quantumsketch.llm.offline.outline.functions import functions_in
from quantumsketch.llm.offline.outline.quantities import listed_quantities
from quantumsketch.llm.offline.outline.wording import fitted, sentences, shown
from quantumsketch.storyboard import Beat

_LONGEST_TITLE = 60
_LONGEST_LEAD_WORDS = 40
_LONGEST_LABEL = 40
_LONGEST_COLUMN = 5


def document(text: str) -> tuple[str, list[list[Beat]]]:
    """Read a text as its title and the beats of each of its sections, none of them empty."""
    title, found = _titled(blocks(text))
    sections = _under_headings(found, title)
    beats = [[_beat(heading, scene) for scene in _scenes(inside)] for heading, inside in sections]
    if filled := [section for section in beats if section]:
        return title, filled
    names = tuple(block.text for block in found if isinstance(block, Heading)) or (title,)
    return title, [[_beat(title, scene) for scene in drawn(Listing(names), lead="")]]


def _titled(found: list[Block]) -> tuple[str, list[Block]]:
    """Take the title off the front: a heading, or a short line without a full stop; else the first words."""
    first = found[0]
    if isinstance(first, Heading):
        return _heading(first.text), found[1:]
    if not isinstance(first, Prose):
        return "Your text", found
    sentence = sentences(first.text)[0]
    stands_alone = len(found) > 1 and len(first.text) <= _LONGEST_TITLE and first.text[-1] not in ".!?:;,"
    return _heading(sentence), found[1:] if stands_alone else found


def _heading(text: str) -> str:
    return fitted(shown(text).strip(" :"), _LONGEST_TITLE) or "Your text"


def _under_headings(found: list[Block], title: str) -> list[tuple[str, list[Block]]]:
    sections: list[tuple[str, list[Block]]] = [(title, [])]
    for block in found:
        if isinstance(block, Heading):
            sections.append((_heading(block.text), []))
        else:
            sections[-1][1].append(block)
    return sections


def _scenes(inside: list[Block]) -> list[Scene]:
    if scene := _comparison(inside):
        return [scene]
    scenes: list[Scene] = []
    lead = ""
    for block, following in zip_longest(inside, inside[1:]):
        if isinstance(block, Prose) and _introduces(block.text, following):
            lead = block.text
            continue
        scenes += drawn(block, lead)
        lead = ""
    return scenes


def _introduces(text: str, following: Block | None) -> bool:
    """Tell whether `text` can be said while the list, table, code or formula after it is shown."""
    if following is None or isinstance(following, Prose) or len(text.split()) > _LONGEST_LEAD_WORDS:
        return False
    return not functions_in(text) and not any(map(listed_quantities, sentences(text)))


def _comparison(inside: list[Block]) -> Scene | None:
    """Two short lists, each below a label of its own ("Pros:", "Cons:"), are one comparison."""
    match inside:
        case [Prose(left), Listing(pros), Prose(right), Listing(cons)]:
            labels = left[-1:] == right[-1:] == ":" and max(len(left), len(right)) <= _LONGEST_LABEL
            if labels and max(len(pros), len(cons)) <= _LONGEST_COLUMN:
                return compared((left[:-1], pros), (right[:-1], cons), lead="")
    return None


def _beat(title: str, scene: Scene) -> Beat:
    return Beat(title=title, narration=scene.narration, visual=scene.visual)
