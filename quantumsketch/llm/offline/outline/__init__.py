"""An outline of the prompt's own text: its headings, lists, formulas, tables and numbers as beats.

Honest by construction: shows and says only words of the text. When something had to be left out, or when
there is nothing to show but a question, it says so. Does not know what the text is about.
"""

from __future__ import annotations

from quantumsketch.llm.offline.outline.cleaning import clean
from quantumsketch.llm.offline.outline.drawing import LONGEST_NARRATION
from quantumsketch.llm.offline.outline.sections import Opening, document
from quantumsketch.llm.offline.outline.unanswered import is_bare_request, unanswered
from quantumsketch.llm.offline.outline.wording import fitted, said, shown
from quantumsketch.outlines import OUTLINE
from quantumsketch.storyboard import Beat, Storyboard
from quantumsketch.visuals import TitleCard


def outline(prompt: str, max_beats: int) -> tuple[Storyboard, str]:
    """Turn the text of `prompt` into a storyboard of at most `max_beats` beats, and say what was left out."""
    text = clean(prompt)
    if is_bare_request(text):
        return unanswered(text, max_beats), OUTLINE
    opening, sections = document(text, sentence_is_said=max_beats > 1)
    room = max_beats - 1 if max_beats > 1 else 1
    kept = _fairly(sections, room)
    total = sum(map(len, sections))
    beats = [beat for section in kept for beat in section]
    summary = fitted(" ".join(beat.narration for beat in beats), 400)
    if max_beats > 1:
        beats.insert(0, _title_card(opening))
    left_out = total - sum(map(len, kept))
    by = f"{OUTLINE} ({total - left_out} of {total} parts)" if left_out else OUTLINE
    return Storyboard(title=opening.title, summary=summary, beats=beats), by


def _title_card(opening: Opening) -> Beat:
    heading = fitted(shown(opening.sentence).strip(" :.。"), 80) or opening.title
    narration = fitted(said(opening.sentence), LONGEST_NARRATION) or opening.title
    return Beat(title=opening.title, narration=narration, visual=TitleCard(heading=heading))


def _fairly(sections: list[list[Beat]], room: int) -> list[list[Beat]]:
    """Keep `room` beats: first the first beat of each section in order, then their second ones, and so on."""
    ranked = sorted((depth, at) for at, section in enumerate(sections) for depth in range(len(section)))
    depths = [0] * len(sections)
    for _, at in ranked[:room]:
        depths[at] += 1
    return [section[:depth] for section, depth in zip(sections, depths, strict=True) if depth]
