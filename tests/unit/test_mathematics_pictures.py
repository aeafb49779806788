"""What a drawing claims in numbers: points on curves, areas, angles, lengths, marks."""

from __future__ import annotations

import pytest

from quantumsketch.checking import Verdict
from quantumsketch.mathematics.pictures import Drawn, drawn_claims
from quantumsketch.visuals import (
    Angle,
    BarChart,
    Circle,
    Curve,
    FunctionPlot,
    GeometricFigure,
    GeoPoint,
    Mark,
    NumberLine,
    PlotPoint,
    Segment,
    ShadedArea,
)


def plot(*points: tuple[float, float], area: ShadedArea | None = None) -> FunctionPlot:
    return FunctionPlot(
        curves=[Curve(expression="x**2")],
        x_range=(0, 4),
        y_range=(0, 16),
        points=[PlotPoint(x=x, y=y) for x, y in points],
        area=area,
    )


def triangle(a: float, b: float, labels: tuple[str, str, str], corner: str | None = None) -> GeometricFigure:
    """A triangle with legs a and b, and labels at a, b and the long side."""
    ends = (("C", "A"), ("C", "B"), ("A", "B"))
    return GeometricFigure(
        points=[GeoPoint(name="C", x=0, y=0), GeoPoint(name="A", x=a, y=0), GeoPoint(name="B", x=0, y=b)],
        segments=[Segment(start=s, end=e, label=label) for (s, e), label in zip(ends, labels, strict=True)],
        angles=[Angle(start="C", vertex="A", end="B", label=corner)] if corner else [],
    )


def verdicts(drawn: list[Drawn]) -> list[Verdict]:
    return [each.judgement.verdict for each in drawn]


R, W = Verdict.RIGHT, Verdict.WRONG


def test_a_point_on_the_curve_is_right_and_one_beside_it_is_wrong() -> None:
    found = list(drawn_claims(plot((2, 4), (3, 8))))
    assert verdicts(found) == [R, W]
    assert found[1].place == "point 2"
    assert found[1].judgement.message == "the point (3, 8) lies beside the curve, which has 9 at x = 3"


def test_a_point_far_from_every_curve_is_free() -> None:
    assert list(drawn_claims(plot((1, 12)))) == []


def test_a_point_on_the_axis_marks_a_place_of_it() -> None:
    assert verdicts(list(drawn_claims(plot((1, 0), (0, 0))))) == [R]


def test_scattered_data_around_a_curve_are_no_mistakes() -> None:
    assert W not in verdicts(list(drawn_claims(plot((1, 2), (2, 5), (3, 8), (3.5, 12.9)))))


@pytest.mark.parametrize(("label", "verdict"), [("9", R), ("$9$", R), (r"$\frac{27}{3}$", R), ("8", W)])
def test_the_number_in_an_area_is_its_integral(label: str, verdict: Verdict) -> None:
    assert verdicts(list(drawn_claims(plot(area=ShadedArea(start=0, end=3, label=label))))) == [verdict]


@pytest.mark.parametrize("label", ["A", "$A$", r"$\int_0^3 x^2\,dx$", "area", None])
def test_an_area_without_a_number_claims_nothing(label: str | None) -> None:
    assert list(drawn_claims(plot(area=ShadedArea(start=0, end=3, label=label)))) == []


def test_lengths_share_one_scale() -> None:
    assert verdicts(list(drawn_claims(triangle(4, 3, ("4", "3", "5"))))) == [R, R, R]
    assert verdicts(list(drawn_claims(triangle(2, 1.5, ("$a = 4$", "$3$", "$5$"))))) == [R, R, R]


def test_a_length_that_breaks_the_scale_is_wrong() -> None:
    found = list(drawn_claims(triangle(4, 3, ("4", "3", "6"))))
    assert verdicts(found) == [R, R, W]
    assert found[2].place == "segment AB"
    assert "5 long, the label says 6" in found[2].judgement.message


def test_a_sketch_that_has_no_common_scale_is_not_judged() -> None:
    assert list(drawn_claims(triangle(4, 4, ("4", "7", "20")))) == []


def test_names_and_units_beside_a_number_are_no_lengths() -> None:
    assert list(drawn_claims(triangle(4, 3, ("a", "$b = a$", "5 cm")))) == []


@pytest.mark.parametrize(
    ("label", "verdict"),
    [(r"$45^\circ$", R), ("45°", R), (r"$\alpha = 45^\circ$", R), ("30°", W), (r"$60^\circ$", W)],
)
def test_a_labelled_angle_is_drawn_as_it_says(label: str, verdict: Verdict) -> None:
    found = [each for each in drawn_claims(triangle(3, 3, ("p", "q", "r"), label)) if "angle" in each.place]
    assert verdicts(found) == [verdict]


@pytest.mark.parametrize("label", [r"$\alpha$", "A", r"$\frac{\pi}{4}$"])
def test_an_angle_without_degrees_claims_nothing(label: str) -> None:
    assert list(drawn_claims(triangle(3, 3, ("p", "q", "r"), label))) == []


@pytest.mark.parametrize(("x", "verdict"), [(0.0, R), (0.05, R), (1.0, W)])
def test_a_square_corner_is_a_right_angle(x: float, verdict: Verdict) -> None:
    figure = GeometricFigure(
        points=[GeoPoint(name="A", x=5, y=0), GeoPoint(name="O", x=0, y=0), GeoPoint(name="B", x=x, y=5)],
        angles=[Angle(start="A", vertex="O", end="B", right=True)],
    )
    assert verdicts(list(drawn_claims(figure))) == [verdict]


def test_radii_of_circles_share_the_scale_of_the_segments() -> None:
    points = [GeoPoint(name="O", x=0, y=0), GeoPoint(name="A", x=2, y=0), GeoPoint(name="B", x=0, y=4)]
    segments = [Segment(start="O", end="A", label="1"), Segment(start="O", end="B", label="2")]
    circles = [Circle(center="O", radius=2, label="1"), Circle(center="O", radius=4, label="3")]
    figure = GeometricFigure(points=points, segments=segments, circles=circles)
    assert verdicts(list(drawn_claims(figure))) == [R, R, R, W]


@pytest.mark.parametrize(
    ("value", "label", "verdict"),
    [
        (0.5, r"$\frac{1}{2}$", R),
        (1.41421, r"$\sqrt{2}$", R),
        (3.14159, r"$\pi$", R),
        (2, "2", R),
        (2, "3", W),
    ],
)
def test_a_mark_stands_where_its_number_is(value: float, label: str, verdict: Verdict) -> None:
    line = NumberLine(start=0, end=4, marks=[Mark(value=value, label=label)])
    assert verdicts(list(drawn_claims(line))) == [verdict]


@pytest.mark.parametrize("label", ["a", "start", "$x_0$", None, "2 m", "50%", "$x > 3$", "3 - 1"])
def test_a_mark_with_a_name_claims_nothing(label: str | None) -> None:
    assert list(drawn_claims(NumberLine(start=0, end=4, marks=[Mark(value=1, label=label)]))) == []


def test_bars_claim_nothing() -> None:
    assert list(drawn_claims(BarChart.model_validate({"bars": [{"label": "3", "value": 4}]}))) == []
