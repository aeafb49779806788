"""A pair of axes that fills a box: numbers outside at the edges, so that no curve can cross them.

Knows ranges and labels, not what is plotted.
"""

from __future__ import annotations

from dataclasses import dataclass

from manim import Line, VGroup

from renderers.manim.layout.axis import Scale, axis_arrow, fitting_ticks
from renderers.manim.layout.placement import Point
from renderers.manim.stage import Box
from renderers.manim.theme import Theme
from renderers.manim.writing.text import TextBlock, fitted_text

Ticks = list[tuple[float, TextBlock]]

_NUMBER_GAP = 0.14
_TIP = 0.28
"""How far an axis goes beyond the plot."""
_SHORT_NAME = 1.0
"""A name of the first axis that is narrower than this stands at its tip."""
_FLATTEST, _HIGHEST = 2.6, 1.15
"""Limits of the plot's proportions: width by height, and height by width."""


@dataclass(frozen=True)
class Axes:
    """The plot's area, its two scales, and what is drawn for them."""

    area: Box
    x: Scale
    y: Scale
    grid: VGroup
    arrows: VGroup
    words: VGroup

    @property
    def room(self) -> Box:
        """Where labels may stand: the area, and beside the tips of the arrows."""
        area = self.area
        return Box(area.left + 0.06, area.right + 0.8 * _TIP, area.bottom + 0.06, area.top + 0.8 * _TIP)

    def at(self, point: Point) -> Point:
        """Where a point of the plane lies in the frame."""
        return self.x.at(point[0]), self.y.at(point[1])


@dataclass(frozen=True)
class AxisNames:
    """What stands at the ends of the axes."""

    x: str
    y: str


def fitted_axes(
    box: Box, x_range: tuple[float, float], y_range: tuple[float, float], names: AxisNames, theme: Theme
) -> Axes:
    """Axes over these ranges, as large as the box allows."""
    x_name, y_name = _name(names.x, box, theme), _name(names.y, box, theme)
    beside = x_name.width < _SHORT_NAME
    across, up = 0.0, 0.0
    while True:
        area = _well_proportioned(_inside(box, across, up, x_name, y_name))
        x, y = Scale(*x_range, area.left, area.right), Scale(*y_range, area.bottom, area.top)
        x_ticks, y_ticks = fitting_ticks(x, theme, across=True), fitting_ticks(y, theme, across=False, most=8)
        widest = [max((text.width for _, text in found), default=0.0) for found in (x_ticks, y_ticks)]
        if widest[0] <= across and widest[1] <= up:
            break
        # other room, other ticks, other widths: only ever more room for numbers, so that this ends
        across, up = max(across, widest[0]), max(up, widest[1])
    return Axes(
        area, x, y, _grid(area, x, y, x_ticks, y_ticks, theme), _arrows(area, x, y, theme),
        VGroup(*_numbers(area, x, y, x_ticks, y_ticks), *_named(area, box, x, y, x_name, y_name, beside)),
    )  # fmt: skip


def _inside(box: Box, across: float, up: float, x_name: TextBlock, y_name: TextBlock) -> Box:
    """What numbers as wide as `across` and `up` along the two axes, and the names, leave of the box."""
    beside = x_name.width < _SHORT_NAME
    return Box(
        box.left + max(up + _NUMBER_GAP, across / 2) + 0.02,
        box.right - max(_TIP + (x_name.width + 0.1 if beside else 0.0), across / 2) - 0.02,
        box.bottom + 0.55 + (0.0 if beside else x_name.height + 0.05),
        box.top - y_name.height - _TIP - 0.08,
    )


def _name(text: str, box: Box, theme: Theme) -> TextBlock:
    return fitted_text(text, width=0.8 * box.width, height=0.8, size=theme.type.label, color=theme.text)


def _well_proportioned(area: Box) -> Box:
    """The largest box of allowed proportions in the middle of this one."""
    width, height = min(area.width, _FLATTEST * area.height), min(area.height, _HIGHEST * area.width)
    return area.inset((area.width - width) / 2, (area.height - height) / 2)


def _zero(scale: Scale) -> float:
    """Where the other axis crosses: at zero if it is in the range, else at the start."""
    return scale.at(0.0) if scale.low <= 0 <= scale.high else scale.start


def _arrows(area: Box, x: Scale, y: Scale, theme: Theme) -> VGroup:
    return VGroup(
        axis_arrow((area.left, _zero(y)), (area.right + _TIP, _zero(y)), theme),
        axis_arrow((_zero(x), area.bottom), (_zero(x), area.top + _TIP), theme),
    )


def _grid(area: Box, x: Scale, y: Scale, x_ticks: Ticks, y_ticks: Ticks, theme: Theme) -> VGroup:
    lines = [((x.at(v), area.bottom, 0), (x.at(v), area.top, 0)) for v, _ in x_ticks]
    lines += [((area.left, y.at(v), 0), (area.right, y.at(v), 0)) for v, _ in y_ticks]
    return VGroup(*(Line(a, b, color=theme.line, stroke_width=1.2, stroke_opacity=0.45) for a, b in lines))


def _numbers(area: Box, x: Scale, y: Scale, x_ticks: Ticks, y_ticks: Ticks) -> list[TextBlock]:
    for value, text in x_ticks:
        text.move_to((x.at(value), area.bottom - 0.23 - text.height / 2, 0))
    for value, text in y_ticks:
        text.move_to((area.left - _NUMBER_GAP - text.width / 2, y.at(value), 0))
    return [text for _, text in x_ticks + y_ticks]


def _named(
    area: Box, box: Box, x: Scale, y: Scale, x_name: TextBlock, y_name: TextBlock, beside: bool
) -> list[TextBlock]:
    """The axes' names: the first at the tip or below the numbers, the second above the tip."""
    if beside:
        x_name.move_to((area.right + _TIP + 0.1 + x_name.width / 2, _zero(y), 0))
    else:
        x_name.move_to((area.right - x_name.width / 2, area.bottom - 0.57 - x_name.height / 2, 0))
    half = y_name.width / 2
    middle = min(max(_zero(x), box.left + half), box.right - half)
    y_name.move_to((middle, area.top + _TIP + 0.06 + y_name.height / 2, 0))
    return [x_name, y_name]
