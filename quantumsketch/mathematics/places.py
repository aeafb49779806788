"""Every text that a beat puts on screen, with its place. Knows nothing of what the texts claim."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pydantic import BaseModel

from quantumsketch.visuals import CodeWalk, Derivation, ManimCode, Visual

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
    "intervals": "interval", "nodes": "node", "edges": "edge", "events": "event", "rows": "row",
    "header": "heading",
}  # fmt: skip


def formulas_between_dollars(text: str) -> list[str]:
    """The inline formulas of a text; a sum of money is none."""
    found = _BETWEEN_DOLLARS.findall(text)
    return [formula for formula in found if not (formula[0].isspace() or formula[-1].isspace())]


def texts(visual: Visual) -> Iterator[tuple[str, str]]:
    """Each text of a visual with its place inside the beat; the steps of a derivation are left out."""
    if isinstance(visual, ManimCode):
        return
    if isinstance(visual, CodeWalk):
        for at, step in enumerate(visual.steps, 1):
            yield f"note {at}", step.note or ""
        return
    yield from _texts_of_fields(visual, "")


def _texts_of_fields(part: BaseModel, place: str) -> Iterator[tuple[str, str]]:
    for name, value in part:
        if name not in _NOT_ON_SCREEN:
            own = name.replace("_", " ")
            yield from _texts(value, name, f"{place}, {own}".removeprefix(", "), place)


def _texts(value: object, name: str, place: str, around: str) -> Iterator[tuple[str, str]]:
    match value:
        case str():
            short = around if around and name in ("text", "label", "name", "when") else place
            yield short, value
        case BaseModel():
            yield from _texts_of_fields(value, place)
        case list() | tuple():
            for at, part in enumerate(value, 1):
                one = _ONE_OF.get(name, "column" if name == "row" else name)
                here = f"{around}, {one} {at}".removeprefix(", ")
                yield from _texts(part, one, here, here)


def steps(visual: Visual) -> list[tuple[str, str, str]]:
    """Place, formula and note of each step, if the visual is a derivation."""
    if not isinstance(visual, Derivation):
        return []
    return [(f"step {at}", step.tex, step.note or "") for at, step in enumerate(visual.steps, 1)]
