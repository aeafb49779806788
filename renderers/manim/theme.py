"""What the picture looks like everywhere: colours, type scale, line widths. Knows nothing of any visual."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace

import manimpango  # type: ignore[import-untyped]  # ships no types

_PREFERRED_FONTS = ("Noto Sans", "DejaVu Sans")
_PREFERRED_CODE_FONTS = ("DejaVu Sans Mono", "Noto Sans Mono")
UNITS_PER_POINT = 1 / 96
"""Manim units that one point of `font_size` gives to the em, for Pango and TeX alike."""


@dataclass(frozen=True)
class TypeScale:
    """Sizes in Manim's `font_size`: the frame's shorter side is 8 units, so 96 points are an eighth of it."""

    title: float = 66
    heading: float = 38
    body: float = 36
    label: float = 27
    smallest: float = 15
    """Comfortably legible: an em of 14 pixels where the shorter side has 720. Words are broken before it."""
    least: float = 12
    """Just legible: what the fullest tables and the longest lines of code may shrink to."""

    def enlarged(self, factor: float) -> TypeScale:
        """The scale with larger letters to start from; what is just legible stays."""
        return replace(
            self, title=factor * self.title, heading=factor * self.heading, body=factor * self.body,
            label=factor * self.label,
        )  # fmt: skip


@dataclass(frozen=True)
class Strokes:
    """Line widths in Manim's `stroke_width`."""

    thin: float = 2
    normal: float = 4
    thick: float = 7


@dataclass(frozen=True)
class Theme:
    """One consistent look. The accents are told apart by every kind of colour vision."""

    name: str
    background: str
    panel: str
    """A surface that stands out a little from the background."""
    line: str
    """Rules, axes and frames that should stay quiet."""
    text: str
    muted: str
    """Text that is not the current subject; still at a contrast of 4.5 to the background."""
    accents: tuple[str, ...]
    type: TypeScale = TypeScale()
    strokes: Strokes = Strokes()

    @property
    def accent(self) -> str:
        """The first accent: headers and whatever is being spoken of."""
        return self.accents[0]

    @property
    def highlight(self) -> str:
        """The colour of what matters most right now."""
        return self.accents[1]

    def series(self, index: int) -> str:
        """The colour of the `index`-th of several things side by side."""
        return self.accents[index % len(self.accents)]

    @property
    def font(self) -> str:
        """The family for words."""
        return _first_installed(_PREFERRED_FONTS)

    @property
    def code_font(self) -> str:
        """The family for code: every character equally wide."""
        return _first_installed(_PREFERRED_CODE_FONTS)


NIGHT = Theme(
    name="night",
    background="#0D1321",
    panel="#182136",
    line="#4A5875",
    text="#EEF2F8",
    muted="#8E9BB3",
    accents=("#5CB8F2", "#F7B23B", "#35C9A5", "#EE8FC5", "#F4E869", "#FF7E5F"),
)

PAPER = Theme(
    name="paper",
    background="#FAF7F0",
    panel="#EFEAE0",
    line="#98A0B0",
    text="#1B2333",
    muted="#5C6679",
    accents=("#1D6FB8", "#B45309", "#0B7A5B", "#B0327F", "#7A6800", "#C4391F"),
)
THEMES = {theme.name: theme for theme in (NIGHT, PAPER)}


def theme_named(name: str, type_factor: float = 1.0) -> Theme:
    """The theme that a look asks for, with letters that much larger. Raises KeyError for an unknown name."""
    theme = THEMES[name]
    return replace(theme, type=theme.type.enlarged(type_factor))


@functools.cache
def _first_installed(preferred: tuple[str, ...]) -> str:
    installed = set(manimpango.list_fonts())
    return next((family for family in preferred if family in installed), preferred[-1])
