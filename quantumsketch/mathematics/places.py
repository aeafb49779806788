"""Every text that a beat puts on screen, with its place. Knows nothing of what the texts claim."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import BaseModel

from quantumsketch.visuals import CodeWalk, Comparison, Derivation, ManimCode, Table, Visual

_BETWEEN_DOLLARS = re.compile(r"\$([^$]+)\$")
_NOT_ON_SCREEN = {
    "kind",
    "cue",
    "code",
    "language",
    "highlight",
    "expression",
    "id",
    "tex",
    "source",
    "target",
}
_ONE_OF = {
    "items": "item", "steps": "step", "curves": "curve", "points": "point", "segments": "segment",
    "polygons": "polygon", "circles": "circle", "angles": "angle", "bars": "bar", "marks": "mark",
    "intervals": "interval", "nodes": "node", "edges": "edge", "events": "event", "header": "heading",
}  # fmt: skip


def formulas_between_dollars(text: str) -> list[str]:
    """The inline formulas of a text; a sum of money is none."""
    found = _BETWEEN_DOLLARS.findall(text)
    return [formula for formula in found if not (formula[0].isspace() or formula[-1].isspace())]


@dataclass(frozen=True)
class Text:
    """A text on screen, its place inside the beat, and what stands over or beside it in its column or row."""

    place: str
    text: str
    above: str = ""


def texts(visual: Visual) -> Iterator[Text]:
    """Each text of a visual in order; the formulas of a derivation's steps are left out."""
    match visual:
        case ManimCode():
            return
        case CodeWalk(steps=walk):
            for at, step in enumerate(walk, 1):
                yield Text(f"note {at}", step.note or "")
        case Comparison(left=left, right=right):
            for side, column in (("left", left), ("right", right)):
                yield from _texts_of_fields(column, side, column.heading)
        case Table(header=header, rows=rows):
            yield from _texts(header, "header", "", "", " ".join(header))
            for at, row in enumerate(rows, 1):
                for across, cell in enumerate(row, 1):
                    yield Text(f"row {at}, column {across}", cell, " ".join([*header, *row]))
        case _:
            yield from _texts_of_fields(visual, "", "")


def _texts_of_fields(part: BaseModel, place: str, above: str) -> Iterator[Text]:
    for name, value in part:
        if name not in _NOT_ON_SCREEN:
            own = f"{place}, {name.replace('_', ' ')}".removeprefix(", ")
            yield from _texts(value, name, own, place, above)


def _texts(value: object, name: str, place: str, around: str, above: str) -> Iterator[Text]:
    match value:
        case str():
            of_its_part = around and name in ("text", "label", "name", "when")
            yield Text(around if of_its_part else place, value, above)
        case BaseModel():
            yield from _texts_of_fields(value, place, above)
        case list() | tuple():
            for at, part in enumerate(value, 1):
                one = _ONE_OF.get(name, name)
                here = f"{around}, {one} {at}".removeprefix(", ")
                yield from _texts(part, one, here, here, above)


def steps(visual: Visual) -> list[tuple[str, str, str]]:
    """Place, formula and note of each step, if the visual is a derivation."""
    if not isinstance(visual, Derivation):
        return []
    return [(f"step {at}", step.tex, step.note or "") for at, step in enumerate(visual.steps, 1)]
