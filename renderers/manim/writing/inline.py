"""Finds formulas: those between dollar signs, and all that a beat will ask TeX for. Knows no Manim."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import BaseModel

from quantumsketch.storyboard import Beat
from quantumsketch.visuals import CodeWalk, ManimCode, Step
from renderers.manim.writing.formulas import TexSource, prepare, refusal
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


@dataclass(frozen=True)
class PlacedFormula:
    """A formula, and where in its beat it stands."""

    place: str
    """Such as 'step 3' or 'item 1'; everything counts from 1."""
    source: TexSource


def placed_formulas(beat: Beat) -> list[PlacedFormula]:
    """Every formula that a beat shows, in order."""
    has_header = beat.visual.kind not in ("title", "manim")
    return [*_inside(beat.title if has_header else None, "title"), *_inside(beat.visual, "")]


def formulas_of(beat: Beat) -> list[TexSource]:
    """Every formula that drawing `beat` will need, for TeX to set in one run."""
    shown = [formula.source for formula in placed_formulas(beat)]
    # the width of what stands before the relation aligns the steps of a derivation
    before = [before_relation(source.tex) for source in shown if source.display]
    return [*shown, *(TexSource(tex, display=True) for tex in before if tex)]


def refused_formulas(beat: Beat) -> list[tuple[PlacedFormula, str]]:
    """The formulas of a beat that TeX does not take, each with its complaint."""
    placed = placed_formulas(beat)
    prepare(formula.source for formula in placed)
    return [(formula, why) for formula in placed if (why := refusal(formula.source))]


def _inside(value: object, place: str) -> Iterator[PlacedFormula]:
    match value:
        case Step():
            yield PlacedFormula(place, TexSource(value.tex, display=True, highlight=tuple(value.highlight)))
            yield from _inside(value.note, f"{place}, note")
        case CodeWalk():
            yield from _inside(value.steps, "step")
        case ManimCode():
            return
        case str():
            formulas = (part for part in split_formulas(value) if isinstance(part, TexSource))
            yield from (PlacedFormula(place, formula) for formula in formulas)
        case list() | tuple():
            for number, part in enumerate(value, 1):
                yield from _inside(
                    part, f"{place} {number}, cell" if isinstance(part, list) else f"{place} {number}"
                )
        case BaseModel():
            for name, part in value:
                one = name.removesuffix("s") if isinstance(part, list) else name
                yield from _inside(part, f"{place}, {one}".removeprefix(", "))
