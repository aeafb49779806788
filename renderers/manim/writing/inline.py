"""Finds formulas: those between dollar signs, and all that a beat will ask TeX for. Knows no Manim."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pydantic import BaseModel

from quantumsketch.storyboard import Beat
from quantumsketch.visuals import CodeWalk, ManimCode, Step
from renderers.manim.writing.formulas import TexSource
from renderers.manim.writing.relation import before_relation

_BETWEEN_DOLLARS = re.compile(r"\$([^$]+)\$")


def split_formulas(text: str) -> Iterator[str | TexSource]:
    """Words and formulas of `text` in order. A dollar sign without a partner is a dollar sign."""
    at = 0
    while match := _BETWEEN_DOLLARS.search(text, at):
        is_money = match.group(1)[0].isspace() or match.group(1)[-1].isspace()  # 'from $5 to $10'
        if is_money:
            yield text[at : match.start() + 1]
            at = match.start() + 1
        else:
            yield text[at : match.start()]
            yield TexSource(match.group(1))
            at = match.end()
    yield text[at:]


def formulas_of(beat: Beat) -> list[TexSource]:
    """Every formula that drawing `beat` will need, for TeX to set in one run."""
    return [*_inside(beat.title), *_inside(beat.visual)]


def _inside(value: object) -> Iterator[TexSource]:
    match value:
        case Step():
            yield TexSource(value.tex, display=True, highlight=tuple(value.highlight))
            if before := before_relation(value.tex):
                yield TexSource(before, display=True)  # its width aligns the steps
            yield from _inside(value.note)
        case CodeWalk():
            yield from _inside(value.steps)
        case ManimCode():
            return
        case str():
            yield from (part for part in split_formulas(value) if isinstance(part, TexSource))
        case list() | tuple():
            for part in value:
                yield from _inside(part)
        case BaseModel():
            for _, part in value:
                yield from _inside(part)
