"""Lays a paragraph out with Pango: words of every language, with room kept for formulas on their baselines.

A formula's place is held by a capital H in a colour of its own, as wide as the formula: Pango wraps and
orders it like a letter, and the H stands on the baseline. Knows SVG and em; knows no Manim and no TeX.
"""

from __future__ import annotations

import re
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from manimpango import Alignment, MarkupUtils  # type: ignore[import-untyped]  # ships no types

from renderers.manim.writing.outlines import Outline, read_outlines

_SIZE = 10.0
"""What Pango is asked for, in points."""
UNITS_PER_EM = _SIZE * 96 / 72
_NORMAL, _PLACEHOLDER = "#000000", "#010203"
_PLACEHOLDER_FILLS = ("#010203", "rgb(0.392157%,0.784314%,1.176471%)")
_H_EM = 0.74
_LINE_EM = 1.36
"""From baseline to baseline."""
ASCENT_EM, DESCENT_EM = 0.95, 0.3
"""A line's own height above and below its baseline, in em: the same for every text, whatever its letters."""
_EDGE = "\u200c"
"""Keeps Pango from taking the spacing away where a formula begins or ends a line."""
_ZERO_WIDTH_SPACE = "\u200b"

Align = str
"""left | center | right"""


@dataclass(frozen=True)
class Room:
    """The place of a formula inside a text: its size in em."""

    width: float
    height: float
    depth: float


@dataclass(frozen=True)
class Style:
    """How letters are cut."""

    font: str
    bold: bool = False
    literal_spaces: bool = False


@dataclass(frozen=True)
class Lettering:
    """A paragraph after wrapping. Coordinates in em, y pointing down from the first baseline."""

    glyphs: tuple[Outline, ...]
    rooms: tuple[tuple[float, float], ...]
    """For each room in reading order: the middle of its width, and its baseline."""
    baselines: tuple[float, ...]
    left: float
    right: float
    ascent: float
    descent: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.ascent + self.baselines[-1] + self.descent


def lay_out(
    parts: Sequence[str | Room], style: Style, line_width: float, align: Align, break_words: bool
) -> Lettering:
    """Wrap `parts` at `line_width` em. Words longer than a line stick out unless `break_words`."""
    rooms = [part for part in parts if isinstance(part, Room)]
    markup = "".join(
        _held(part) if isinstance(part, Room) else _written(part, style, break_words) for part in parts
    )
    ascent = max([ASCENT_EM, *(room.height + 0.1 for room in rooms)])
    descent = max([DESCENT_EM, *(room.depth + 0.1 for room in rooms)])
    pitch = max(_LINE_EM, ascent + descent + 0.05)
    glyphs = _pango(markup, style, line_width, align)
    return _placed(glyphs, rooms, pitch, ascent, descent)


def _written(text: str, style: Style, break_words: bool) -> str:
    clean = "".join(char for char in text if char == "\n" or unicodedata.category(char)[0] != "C")
    if style.literal_spaces:
        clean = clean.replace(" ", "\u00a0")
    if break_words:
        clean = re.sub(r"\S{9,}", lambda word: _ZERO_WIDTH_SPACE.join(word.group()), clean)
    return escape(clean)


def _held(room: Room) -> str:
    spacing = round((room.width - _H_EM) * UNITS_PER_EM * 1024)
    return f'{_EDGE}<span foreground="{_PLACEHOLDER}" letter_spacing="{spacing}">H</span>{_EDGE}'


def _pango(markup: str, style: Style, line_width: float, align: Align) -> list[Outline]:
    alignment = {"left": Alignment.LEFT, "center": Alignment.CENTER, "right": Alignment.RIGHT}[align]
    weight = "BOLD" if style.bold else "NORMAL"
    with tempfile.NamedTemporaryFile(suffix=".svg") as page:
        MarkupUtils.text2svg(
            f'<span foreground="{_NORMAL}">{markup}</span>', style.font, "NORMAL", weight, _SIZE, None, True,
            page.name, 0, 0, 4000, 4000, alignment=alignment,
            pango_width=max(1.0, line_width * UNITS_PER_EM),
        )  # fmt: skip
        return read_outlines(Path(page.name))


def _placed(
    outlines: list[Outline], rooms: list[Room], pitch: float, ascent: float, descent: float
) -> Lettering:
    lines = _baselines(outlines)
    glyphs, held = [], []
    for outline in outlines:
        line = min(range(len(lines)), key=lambda index: abs(lines[index] - outline.baseline))
        moved = _moved(outline, line * pitch - lines[line] / UNITS_PER_EM)
        if outline.fill in _PLACEHOLDER_FILLS:
            held.append((float(moved.curves[:, 0].min() + moved.curves[:, 0].max()) / 2, line * pitch))
        elif len(moved.curves):
            glyphs.append(moved)
    held.sort(key=lambda place: (place[1], place[0]))
    edges = [float(edge) for glyph in glyphs for edge in (glyph.curves[:, 0].min(), glyph.curves[:, 0].max())]
    edges += [middle + side * room.width / 2 for (middle, _), room in zip(held, rooms, strict=False)
              for side in (-1, 1)]  # fmt: skip
    return Lettering(
        tuple(glyphs), tuple(held), tuple(index * pitch for index in range(len(lines))),
        min(edges, default=0.0), max(edges, default=0.0), ascent, descent,
    )  # fmt: skip


def _baselines(outlines: list[Outline]) -> list[float]:
    """One baseline for each line: the commonest of its glyphs', since marks may stand on their own."""
    lines: list[Counter[float]] = []
    for row, count in sorted(Counter(outline.baseline for outline in outlines).items()):
        if not lines or row - max(lines[-1]) > 0.5 * UNITS_PER_EM:
            lines.append(Counter())
        lines[-1][row] += count
    return [line.most_common(1)[0][0] for line in lines] or [0.0]


def _moved(outline: Outline, down: float) -> Outline:
    """The outline in em, on the line that its page line became."""
    curves = outline.curves / UNITS_PER_EM
    curves[:, 1] += down
    return Outline(curves, outline.x / UNITS_PER_EM, outline.baseline / UNITS_PER_EM + down, outline.fill)
