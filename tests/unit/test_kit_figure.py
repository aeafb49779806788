"""The plane of a geometric figure, scaled into the frame."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantumsketch.visuals import Angle, Circle, GeometricFigure, GeoPoint
from renderers.manim.layout.figure import Figure
from renderers.manim.stage import Box

BOX = Box(-5.0, 5.0, -2.0, 2.0)
numbers = st.one_of(st.floats(-1e9, 1e9), st.integers(-3, 3).map(float))


def _points(**places: tuple[float, float]) -> list[GeoPoint]:
    return [GeoPoint(name=name, x=x, y=y) for name, (x, y) in places.items()]


@settings(deadline=None, derandomize=True)
@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=6), st.floats(1e-6, 1e9))
def test_points_and_circles_of_any_size_lie_in_the_box(
    places: list[tuple[float, float]], radius: float
) -> None:
    points = [GeoPoint(name=f"p{index}", x=x, y=y) for index, (x, y) in enumerate(places)]
    figure = Figure(GeometricFigure(points=points, circles=[Circle(center="p0", radius=radius)]), BOX)
    seen = [*figure.points.values(), *figure.circle("p0", radius)]
    assert all(abs(x) <= 5 + 1e-6 and abs(y) <= 2 + 1e-6 for x, y in seen)


def test_both_axes_have_the_same_scale() -> None:
    figure = Figure(GeometricFigure(points=_points(A=(0, 0), B=(3, 0), C=(0, 3))), BOX)
    assert math.dist(*figure.path(["A", "B"])) == pytest.approx(math.dist(*figure.path(["A", "C"])))


def test_points_that_coincide_stand_in_the_middle() -> None:
    figure = Figure(GeometricFigure(points=_points(A=(7, 7), B=(7, 7))), BOX)
    assert figure.points == {"A": (0.0, 0.0), "B": (0.0, 0.0)}


def test_an_angle_is_marked_between_its_legs_on_the_shorter_way() -> None:
    figure = Figure(GeometricFigure(points=_points(V=(0, 0), A=(1, 0), B=(0, 1))), BOX)
    angle = Angle(start="A", vertex="V", end="B")
    assert figure.bisector(angle) == pytest.approx(math.pi / 4)
    vertex = figure.points["V"]
    assert all(x >= vertex[0] - 1e-9 and y >= vertex[1] - 1e-9 for x, y in figure.corner(angle, 0))
    assert len(figure.corner(angle.model_copy(update={"right": True}), 0)) == 3


def test_an_angle_without_a_leg_has_no_mark() -> None:
    figure = Figure(GeometricFigure(points=_points(V=(0, 0), A=(0, 0), B=(0, 1))), BOX)
    assert figure.corner(Angle(start="A", vertex="V", end="B"), 0) == []


def test_the_name_of_a_corner_goes_where_no_line_does() -> None:
    figure = Figure(GeometricFigure(points=_points(A=(0, 0), B=(2, 0), C=(2, 2))), BOX)
    direction = figure.open_direction("A", ["B", "C"])
    assert math.cos(direction - math.pi / 8) < -0.99
