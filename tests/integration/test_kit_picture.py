"""The picture uses its room, and colours mean something."""

from __future__ import annotations

import pytest
from manim import Line, ManimColor, VMobject

from quantumsketch.storyboard import Aspect, Beat, Look, Quality
from quantumsketch.visuals import (
    Bar,
    BarChart,
    Derivation,
    GeometricFigure,
    GeoPoint,
    Polygon,
    Segment,
    Step,
    Visual,
)
from renderers.manim.film.clip import audit_without_drawing
from renderers.manim.film.renderer import ClipRenderer
from renderers.manim.scene import BeatScene, configure
from renderers.manim.stage import stage_for
from renderers.manim.theme import NIGHT
from renderers.manim.writing.text import TextBlock

LOOK = Look(quality=Quality.DRAFT)
CORNERS = [
    GeoPoint(name=name, x=x, y=y, show=False)
    for name, x, y in (("A", 0, 0), ("B", 3, 0), ("C", 3, 3), ("D", 0, 3))
]
SQUARE = Polygon(points=["A", "B", "C", "D"])


def beat(visual: Visual) -> Beat:
    return Beat(title="Title", narration="One two three four. " * 4, visual=visual)


def parts(visual: Visual) -> list[VMobject]:
    """Everything that is on screen in the end."""
    configure(LOOK)
    scene = BeatScene(beat(visual), LOOK, ClipRenderer(None, fps=LOOK.fps))
    scene.construct()
    return [part for mobject in scene.mobjects for part in mobject.get_family() if isinstance(part, VMobject)]


def test_a_figure_without_labels_outside_it_fills_the_height_of_its_room() -> None:
    labelled = SQUARE.model_copy(update={"label": "inside"})
    for polygon in (SQUARE, labelled):
        drawn = parts(GeometricFigure(points=CORNERS, polygons=[polygon]))
        outline = max(part.height for part in drawn if part.get_fill_opacity() == pytest.approx(0.22))
        assert outline > 0.94 * stage_for(Aspect.WIDE).content.height


def test_a_side_has_the_colour_of_its_label_and_areas_without_a_name_share_one() -> None:
    triangles = [Polygon(points=["A", "B", "C"]), Polygon(points=["A", "C", "D"])]
    side = Segment(start="A", end="B", label="side")
    drawn = parts(GeometricFigure(points=CORNERS, polygons=triangles, segments=[side]))
    areas = [part for part in drawn if part.get_fill_opacity() == pytest.approx(0.22)]
    assert [str(area.get_stroke_color()) for area in areas] == [str(ManimColor(NIGHT.accent))] * 2
    (line,) = (part for part in drawn if type(part) is Line)
    (label,) = (part for part in drawn if isinstance(part, TextBlock) and part.text == "side")
    assert line.get_color() == label[0].get_color() != ManimColor(NIGHT.accent)


def test_steps_that_go_on_from_an_expression_stand_below_what_follows_the_relation() -> None:
    steps = [Step(tex=r"(a + b)(a - b)"), Step(tex="= a^2 - b^2")]
    first, second = (
        part for part in parts(Derivation(steps=steps)) if isinstance(part, TextBlock) and "a" in part.text
    )
    assert second.get_left()[0] < first.get_left()[0] < second.get_center()[0]


def test_a_formula_that_cannot_be_broken_stays_in_a_narrow_frame() -> None:
    tex = r"f(x) = \frac{4}{\pi}\left(\sin x + \frac{\sin 3x}{3} + \frac{\sin 5x}{5} + \cdots\right)"
    findings, _ = audit_without_drawing(beat(Derivation(steps=[Step(tex=tex)])), Look(aspect=Aspect.TALL))
    assert not findings, findings


def test_the_number_of_a_zero_beside_negative_bars_has_room() -> None:
    bars = BarChart(bars=[Bar(label="none", value=0.0), Bar(label="debt", value=-1e9)])
    (number,) = (part for part in parts(bars) if isinstance(part, TextBlock) and part.text == "0")
    assert number.get_top()[1] <= stage_for(Aspect.WIDE).content.top
