"""Judges elements against each other: texts on texts, lines through texts, texts behind shapes, leftovers.

What is drawn on top on purpose is left alone: frames around words, strikes through them, words on a ground of
their own, a copy that lies exactly on its original, the numbers of axes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from manim import Brace, Cross, Line, SurroundingRectangle, Underline, VMobject

from renderers.manim.audit.boxes import (
    Boxes,
    Mask,
    Points,
    along,
    apart,
    in_boxes,
    inside,
    overlap,
    shared,
    touching,
    touching_pairs,
)
from renderers.manim.audit.frame_rules import Appearance, Fault
from renderers.manim.audit.sight import Seen

_TOUCH = 0.03
"""Units by which boxes may overlap before it is seen."""
_TAKES_ITS_PLACE = 0.4
"""The share of the smaller text that an older one must lie under to be what should have gone."""
_MOST_INSET = 0.05
_LETTER_GAP = 0.04
_COVERED = 0.25
"""The share of a text's letters that must be hidden."""
_MARK = 0.35
"""Units by which a line through a text may be longer than it, to be its strike."""
_HALO = 3.0
_MOST_NAMED = 3

First = Callable[[Seen], Appearance]


def texts_on_texts(texts: Sequence[Seen], first: First) -> Iterator[Fault]:
    """Texts whose letters lie on each other's."""
    for one, other in touching_pairs([text.box for text in texts], _TOUCH):
        a, b = texts[one], texts[other]
        if a.may_overlap(b) or _one_text(a, b) or not touching(_words(a), _words(b), _TOUCH).any():
            continue
        across, down = overlap(a.box, b.box)
        older, newer = sorted((a, b), key=lambda item: first(item).look)
        if _had_its_time(older, newer, first) and shared(a.box, b.box) >= _TAKES_ITS_PLACE:
            yield _left_over(older, newer, first)
        else:
            yield Fault(
                "overlap", (a, b),
                f"{a.name} and {b.name} overlap by {across:.2f} x {down:.2f} units: move one of them, put"
                " them side by side with next_to or arrange, or fade the earlier one out first",
            )  # fmt: skip


def _left_over(older: Seen, newer: Seen, first: First) -> Fault:
    return Fault(
        "left-over", (older, newer),
        f"{older.name} is still there since {first(older).at_s:.1f} s when {newer.name} is drawn over it:"
        " FadeOut it first, or use ReplacementTransform from the one to the other",
    )  # fmt: skip


def _had_its_time(older: Seen, newer: Seen, first: First) -> bool:
    """Whether something else happened between the two, so that the older one is a remainder."""
    return first(newer).look - first(older).look > 1


def _one_text(a: Seen, b: Seen) -> bool:
    """Whether the two are letters of one text."""
    return a.name == b.name and (a.em is None or b.em is None)


def _words(item: Seen) -> Boxes:
    """The letters' boxes, each wide enough to close the gap to its neighbour."""
    if len(item.glyphs) == 1:
        return item.glyphs
    return np.asarray(item.glyphs + np.array([-_LETTER_GAP, _LETTER_GAP, 0.0, 0.0]))


def lines_through_texts(texts: Sequence[Seen], shapes: Sequence[Seen], first: First) -> Iterator[Fault]:
    """Texts that the outline of a shape crosses; one fault a text."""
    for text in texts:
        near = [shape for shape in shapes if not apart(shape.box, text.box)]
        crossing = [shape for shape in near if _crosses(shape, text, near)]
        if not crossing:
            continue
        names = list(dict.fromkeys(shape.name for shape in crossing))
        more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
        named = ", ".join(names[:_MOST_NAMED]) + more
        older = [shape for shape in crossing if _had_its_time(shape, text, first) and shape.plane is None]
        if older and older == crossing:
            yield Fault(
                "left-over", (text,),
                f"{named} still there since {min(first(one).at_s for one in older):.1f} s when {text.name} is"
                " drawn over it: FadeOut what is no longer needed first, or move the text off the line",
                others=tuple(crossing[:_MOST_NAMED]),
            )  # fmt: skip
            continue
        grid = any(shape.is_grid for shape in crossing)
        fix = "give it a ground with add_background_rectangle()" if grid else "move it by its own height"
        yield Fault(
            "overlap", (text,),
            f"the outline of {named} crosses {text.name}: move the text off the line with next_to or shift,"
            f" or {fix}", others=tuple(crossing[:_MOST_NAMED]),
        )  # fmt: skip


def _crosses(shape: Seen, text: Seen, near: Sequence[Seen]) -> bool:
    mobject = shape.mobject
    if not isinstance(mobject, VMobject) or text.may_overlap(shape):
        return False
    if shape.is_faint or _is_mark(shape, text) or _has_halo(text):
        return False
    if text.plane is not None and text.plane is shape.plane:
        return False
    hits = _hits(along(mobject), text)
    return len(hits) > 0 and not _covered(hits, shape.order, text.order, near).all()


def _hits(curve: Points, text: Seen) -> Points:
    """The points of `curve` that lie on the letters, not merely at their edge."""
    boxes = _words(text)
    slack = min(_MOST_INSET, 0.15 * min(text.box.width, text.box.height))
    low = min(slack, 0.3 * float((boxes[:, 1] - boxes[:, 0]).min()))
    down = np.minimum(slack, 0.3 * (boxes[:, 3] - boxes[:, 2]))
    inner = boxes + np.stack([np.full(len(boxes), low), np.full(len(boxes), -low), down, -down], axis=1)
    hits: Points = curve[in_boxes(curve, inner)]
    return hits


def _is_mark(shape: Seen, text: Seen) -> bool:
    """Whether the shape is drawn on the text on purpose: a frame, an underline, a brace, a strike."""
    mobject = shape.mobject
    if isinstance(mobject, SurroundingRectangle | Underline | Brace | Cross) or "of the Cross" in shape.name:
        return True
    wider = shape.box.width - text.box.width
    near = abs(shape.box.center[0] - text.box.center[0]) < _MARK
    level = abs(shape.box.center[1] - text.box.center[1]) < text.box.height / 2
    return isinstance(mobject, Line) and near and level and abs(wider) < 2 * _MARK


def _has_halo(text: Seen) -> bool:
    width = getattr(text.mobject, "background_stroke_width", 0)
    return isinstance(width, int | float) and width >= _HALO


def _covered(points: Points, after: int, before: int, near: Sequence[Seen]) -> Mask:
    """Which points lie behind an area drawn after the one and before the other."""
    covered = np.zeros(len(points), dtype=bool)
    for ground in near:
        mobject = ground.mobject
        if after < ground.order < before and ground.hides and isinstance(mobject, VMobject):
            covered |= inside(points, mobject)
    return covered


def texts_behind_shapes(texts: Sequence[Seen], shapes: Sequence[Seen], first: First) -> Iterator[Fault]:
    """Texts that are hidden, in part or altogether, by an opaque shape drawn later."""
    grounds = [shape for shape in shapes if shape.hides]
    for text in texts:
        middles = np.stack([text.glyphs[:, :2].mean(axis=1), text.glyphs[:, 2:].mean(axis=1)], axis=1)
        for ground in grounds:
            mobject = ground.mobject
            if ground.order < text.order or apart(ground.box, text.box) or text.may_overlap(ground):
                continue
            if not isinstance(mobject, VMobject) or inside(middles, mobject).mean() < _COVERED:
                continue
            yield Fault(
                "hidden", (text, ground),
                f"{text.name}, there since {first(text).at_s:.1f} s, is hidden behind {ground.name}, which is"
                " drawn later: add the text after it, or raise it with set_z_index(1), or FadeOut it first",
            )  # fmt: skip
