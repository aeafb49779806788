"""Curves as polylines: inside the plot, broken where the function is, in a range worth looking at."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantumsketch.expression import evaluate
from renderers.manim.layout.curves import automatic_range, pieces

EXPRESSIONS = ("x", "1/x", "tan(x)", "sqrt(x)", "log(x)", "floor(x)", "exp(x**2)", "sin(1/x)", "1/(x**2-4)")


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.sampled_from(EXPRESSIONS), st.floats(-50, 50), st.floats(0.1, 80))
def test_every_point_of_a_curve_lies_in_the_plot(expression: str, low: float, width: float) -> None:
    function, x_range = evaluate(expression), (low, low + width)
    bottom, top = automatic_range([function], x_range)
    assert bottom < top
    slack = 1e-9 * max(1.0, abs(bottom), abs(top))
    for piece in pieces(function, x_range, (bottom, top)):
        assert len(piece) > 1
        assert all(low <= x <= low + width + 1e-9 for x, _ in piece)
        assert all(bottom - slack <= y <= top + slack for _, y in piece)


@pytest.mark.parametrize(
    ("expression", "x_range", "count"),
    [
        ("1/x", (-5.0, 5.0), 2),
        ("floor(x)", (0.0, 4.9), 5),
        ("tan(x)", (-6.0, 6.0), 5),
        ("x**3", (-2.0, 2.0), 1),
    ],
)
def test_a_curve_is_broken_at_its_jumps_and_nowhere_else(
    expression: str, x_range: tuple[float, float], count: int
) -> None:
    function = evaluate(expression)
    assert len(pieces(function, x_range, automatic_range([function], x_range))) == count


def test_a_steep_but_continuous_curve_is_not_broken() -> None:
    assert len(pieces(evaluate("tanh(1000*x)"), (-1.0, 1.0), (-2.0, 2.0))) == 1


def test_a_curve_begins_where_its_function_does() -> None:
    [piece] = pieces(evaluate("sqrt(x-0.123)"), (-1.0, 1.0), (-1.0, 2.0))
    assert piece[0][0] == pytest.approx(0.123, abs=1e-6)


def test_a_function_that_is_never_defined_has_no_pieces_but_still_a_range() -> None:
    nowhere = evaluate("log(-1-x**2)")
    assert automatic_range([nowhere], (0.0, 1.0)) == (-1.0, 1.0)
    assert pieces(nowhere, (0.0, 1.0), (-1.0, 1.0)) == []


def test_a_pole_does_not_flatten_the_rest_of_the_curve() -> None:
    low, high = automatic_range([evaluate("1/x")], (-5.0, 5.0))
    assert 1 < high < 12
    assert -12 < low < -1


def test_a_narrow_peak_is_shown_whole() -> None:
    _, high = automatic_range([evaluate("exp(-100*x**2)")], (-10.0, 10.0))
    assert high > 1.0


def test_values_that_must_be_seen_widen_the_range() -> None:
    low, high = automatic_range([evaluate("sin(x)")], (0.0, 6.0), [7.0])
    assert low < -1
    assert high > 7


def test_a_function_with_only_huge_values_is_shown() -> None:
    function, x_range = evaluate("x**2"), (9.99e8, 1e9)
    low, high = automatic_range([function], x_range)
    assert low < 9.99e8**2 < 1e18 < high
    assert len(pieces(function, x_range, (low, high))) == 1
