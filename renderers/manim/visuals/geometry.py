"""A geometric figure: points, segments, polygons, circles and angles, with labels that touch nothing."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from manim import (
    Animation,
    Create,
    DashedVMobject,
    Dot,
    DrawBorderThenFill,
    FadeIn,
    GrowFromCenter,
    Line,
    Mobject,
    VGroup,
    VMobject,
)
from manim import Circle as Ring

from quantumsketch.narration import LEAD_S
from quantumsketch.visuals import Angle, Circle, GeometricFigure, Polygon, Revealed, Segment
from renderers.manim.layout.figure import SHORTEST, Figure
from renderers.manim.layout.labels import Labels
from renderers.manim.layout.legend import Entry, Legend, beside_or_below
from renderers.manim.layout.placement import Key, Point, Spots
from renderers.manim.layout.spots import ahead, around, beside, either, within
from renderers.manim.scene import BeatScene
from renderers.manim.stage import Box
from renderers.manim.theme import Theme
from renderers.manim.timing import appearances, moments

Shape = Segment | Polygon | Circle | Angle

_DOT = 0.09
_ROOMS = (
    (0.12, 0.12, 0.12), (0.65, 0.12, 0.12), (0.12, 0.75, 0.12), (0.65, 0.75, 0.12), (0.65, 0.12, 0.75),
    (0.65, 0.75, 0.75), (1.15, 0.75, 0.75),
)  # fmt: skip
"""Kept for labels outside the figure: beside, below and above it, in frame units. As little as will do."""
_DASH = 0.3
_SAME_PLACE = 0.14
_FEW = 10
"""As few labels as this are set larger."""
_SMALLEST_FIGURE = 0.05


@dataclass
class _Picture:
    """One attempt at the figure in one box; its `homeless` labels found no room."""

    figure: Figure
    labels: dict[Key, VGroup]
    homeless: list[Key]
    at_ease: bool


def draw(scene: BeatScene, visual: GeometricFigure) -> None:
    """Draw each shape with the points that it needs as it is spoken of."""
    content, theme = scene.stage.content, scene.theme
    timed = _timed(scene, visual)
    colors = _colors(visual, [key for _, key in timed], theme)
    picture, legend_box, entries = _labelled(visual, content, theme, colors), content, list[Entry]()
    if picture.homeless:
        figure_box, legend_box = beside_or_below(content, len(picture.homeless), scene.stage)
        picture = _labelled(visual, figure_box, theme, colors)
        texts = dict(_texts(visual, picture.figure))
        entries = [
            Entry(key, _explained(visual, key, texts[key]), colors[key])
            for _, key in timed
            if key in picture.homeless
        ]
    legend = Legend(legend_box, theme, entries)
    for at, keys in moments(timed):
        drawn = [animation for key in keys for animation in _drawn(picture, key, visual, theme, colors[key])]
        legend.reveal(scene, at, keys, *drawn, run_time=1.0)
        new: list[Mobject] = [picture.labels[key] for key in keys if key in picture.labels]
        # Manim declares them as objects of its other renderer
        new += [cast(Mobject, animation.mobject) for animation in drawn]
        scene.emphasise(new[0] if new else None)


def _shapes(visual: GeometricFigure) -> dict[Key, Shape]:
    """Everything but points, in the order of drawing."""
    return {
        **{("polygon", index): shape for index, shape in enumerate(visual.polygons)},
        **{("circle", index): shape for index, shape in enumerate(visual.circles)},
        **{("segment", index): shape for index, shape in enumerate(visual.segments)},
        **{("angle", index): shape for index, shape in enumerate(visual.angles)},
    }


def _names(shape: Shape) -> list[str]:
    """The points that a shape goes through."""
    match shape:
        case Polygon():
            return shape.points
        case Circle():
            return [shape.center]
        case Segment():
            return [shape.start, shape.end]
        case Angle():
            return [shape.start, shape.vertex, shape.end]


def _timed(scene: BeatScene, visual: GeometricFigure) -> list[tuple[float, Key]]:
    """When each part appears, in order of time. Points without a cue come with a shape."""
    shapes = _shapes(visual)
    waiting = {index for index, point in enumerate(visual.points) if shapes and not point.cue}
    own: dict[Key, Revealed] = {
        ("point", index): point for index, point in enumerate(visual.points) if index not in waiting
    }
    parts: dict[Key, Revealed] = {**own, **shapes}
    times = dict(zip(parts, appearances(scene, list(parts.values())), strict=True))
    for index in sorted(waiting):
        name = visual.points[index].name
        users = [times[key] for key, shape in shapes.items() if name in _names(shape)]
        times["point", index] = min(users, default=LEAD_S)
    return sorted(((at, key) for key, at in times.items()), key=lambda pair: pair[0])


def _labelled(visual: GeometricFigure, box: Box, theme: Theme, colors: Mapping[Key, str]) -> _Picture:
    """The figure with its labels, as large in this box as the labels around it allow."""
    for beside_it, below, above in _ROOMS:
        room = Box(box.left + beside_it, box.right - beside_it, box.bottom + below, box.top - above)
        picture = _placed(visual, Figure(visual, room), box, theme, colors)
        if picture.at_ease:
            break
    return picture


def _placed(
    visual: GeometricFigure, figure: Figure, box: Box, theme: Theme, colors: Mapping[Key, str]
) -> _Picture:
    """The figure with its labels in this box, names of points first."""
    texts = list(_texts(visual, figure))
    labels = Labels(box, theme, 1.05 * theme.type.body if len(texts) <= _FEW else None)
    for key, shape in _shapes(visual).items():
        if outline := _outline(figure, visual, key, shape):
            labels.placer.stroke(outline)
    for point in visual.points:
        if point.show:
            x, y = figure.points[point.name]
            labels.placer.solid(Box(x - _DOT, x + _DOT, y - _DOT, y + _DOT))
    for key, text in texts:
        labels.want(key, text, _spots(figure, visual, key), color=colors[key])
    drawn, homeless = labels.settle()
    return _Picture(figure, drawn, homeless, labels.at_ease)


def _outline(figure: Figure, visual: GeometricFigure, key: Key, shape: Shape) -> list[Point]:
    match shape:
        case Polygon():
            return figure.path([*shape.points, shape.points[0]])
        case Circle():
            return figure.circle(shape.center, shape.radius)
        case Segment():
            return figure.path([shape.start, shape.end])
        case Angle():
            before = visual.angles[: key[1]]
            return figure.corner(shape, sum(other.vertex == shape.vertex for other in before))


def _texts(visual: GeometricFigure, figure: Figure) -> Iterator[tuple[Key, str]]:
    """Every label: names of points at one place are joined, those of shapes follow."""
    shared: dict[int, list[str]] = {}
    for index, point in enumerate(visual.points):
        if point.show:
            at = figure.points[point.name]
            near = (
                other
                for other in shared
                if math.dist(figure.points[visual.points[other].name], at) < _SAME_PLACE
            )
            shared.setdefault(next(near, index), []).append(point.name)
    for first, names in shared.items():
        yield ("point", first), ", ".join(names)
    for key, shape in _shapes(visual).items():
        if shape.label:
            yield key, shape.label


def _spots(figure: Figure, visual: GeometricFigure, key: Key) -> Spots:
    """Where the label of a part would like to be."""
    match _shapes(visual).get(key):
        case Segment(start=start, end=end):
            line = figure.path([start, end])
            return either(beside(line, away_from=figure.center), around(_middle(line)))
        case Polygon(points=names):
            return either(within(figure.path(names)), around(_middle(figure.path(names))))
        case Circle(center=center, radius=radius):
            rim = figure.circle(center, radius)[6:96:6]
            return either(*(around(at, nearest=0.12, rings=range(5)) for at in rim), penalty=0.05)
        case Angle() as angle:
            corner = figure.corner(angle, 0) or [figure.points[angle.vertex]]
            tip = corner[len(corner) // 2]
            direction = figure.bisector(angle)
            return either(ahead(tip, direction), around(tip, angle=direction, nearest=0.08), penalty=0.3)
    name = visual.points[key[1]].name
    return around(figure.points[name], angle=figure.open_direction(name, _neighbours(visual, name)))


def _neighbours(visual: GeometricFigure, name: str) -> list[str]:
    """The points that lines lead to from a point."""
    found = []
    for segment in visual.segments:
        if name in (segment.start, segment.end):
            found.append(segment.end if segment.start == name else segment.start)
    for polygon in visual.polygons:
        for place, corner in enumerate(polygon.points):
            if corner == name:
                found += [polygon.points[place - 1], polygon.points[(place + 1) % len(polygon.points)]]
    return found


def _middle(points: Sequence[Point]) -> Point:
    return sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points)


def _explained(visual: GeometricFigure, key: Key, text: str) -> str:
    """The label as the legend has it: with the names of the points that it is about."""
    shape = _shapes(visual).get(key)
    if shape is None:
        return text
    names = _names(shape)
    joined = ("" if all(len(name) == 1 for name in names) else "–").join(names)
    return f"{'∠' if isinstance(shape, Angle) else ''}{joined}: {text}"


def _colors(visual: GeometricFigure, order: Sequence[Key], theme: Theme) -> dict[Key, str]:
    """A colour for every named shape, in the order of appearance; areas without a name share one."""
    shapes, colors = _shapes(visual), dict[Key, str]()
    named = itertools.count(1)
    for key in order:
        shape = shapes.get(key)
        if shape is not None and shape.label:
            colors[key] = theme.series(next(named))
        else:
            colors[key] = theme.accent if isinstance(shape, Polygon | Circle) else theme.text
    return colors


def _drawn(picture: _Picture, key: Key, visual: GeometricFigure, theme: Theme, color: str) -> list[Animation]:
    """What shows one part and its label."""
    label: list[Animation] = [FadeIn(picture.labels[key].set_z_index(4))] if key in picture.labels else []
    shape = _shapes(visual).get(key)
    if shape is not None:
        return [*_shown(picture.figure, visual, key, shape, theme, color), *label]
    point = visual.points[key[1]]
    if not point.show:
        return label
    dot = Dot((*picture.figure.points[point.name], 0), radius=_DOT, color=theme.text).set_z_index(3)
    return [GrowFromCenter(dot), *label]


def _shown(
    figure: Figure, visual: GeometricFigure, key: Key, shape: Shape, theme: Theme, color: str
) -> list[Animation]:
    width = theme.strokes.normal + 1
    outline = [(x, y, 0.0) for x, y in _outline(figure, visual, key, shape)]
    if not outline or (isinstance(shape, Segment) and math.dist(outline[0], outline[1]) < SHORTEST):
        return []
    match shape:
        case Polygon():
            polygon = VMobject().set_points_as_corners(outline).set_stroke(color, width)
            return [DrawBorderThenFill(polygon.set_fill(color, 0.22 if shape.filled else 0))]
        case Circle():
            ring = Ring(radius=max(figure.radius(shape.radius), _SMALLEST_FIGURE), color=color)
            return [
                Create(ring.set_stroke(width=width).move_to((*figure.points[shape.center], 0)).set_z_index(1))
            ]
        case Segment(dashed=dashed):
            line = Line(outline[0], outline[1], color=color, stroke_width=width)
            drawn = (
                DashedVMobject(line, num_dashes=max(2, int(line.get_length() / _DASH))) if dashed else line
            )
            return [Create(drawn.set_z_index(2))]
        case Angle():
            corner = VMobject().set_points_as_corners(outline).set_stroke(color, width * 0.8)
            return [Create(corner.set_z_index(2))]
