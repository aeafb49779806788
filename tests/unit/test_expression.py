"""Functions of x: what is allowed, what they are worth, and that nothing else of Python is reached."""

from __future__ import annotations

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from quantumsketch.expression import CONSTANTS, FUNCTIONS, check_expression, evaluate


@pytest.mark.parametrize(
    ("text", "x", "value"),
    [
        ("x**2 + 1", 3.0, 10.0),
        ("x^2", 4.0, 16.0),
        ("-x % 3", 1.0, 2.0),
        ("sin(pi*x)/2", 0.5, 0.5),
        ("max(x, 2, e)", 0.0, math.e),
        ("ln(e)", 0.0, 1.0),
    ],
)
def test_a_function_has_its_value(text: str, x: float, value: float) -> None:
    assert evaluate(text)(x) == pytest.approx(value)


@pytest.mark.parametrize("text", ["1/x", "log(x)", "sqrt(x - 1)", "0/x", "10**400 * x", "exp(1000 - x)"])
def test_where_a_function_is_not_defined_it_is_nan(text: str) -> None:
    assert math.isnan(evaluate(text)(0.0))


def test_a_power_that_would_take_for_ever_does_not() -> None:
    assert math.isnan(evaluate("9**9**9**9")(0.0))


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os')",
        "x.__class__",
        "(lambda: 1)()",
        "[1][0]",
        "sin(x=1)",
        "sin()",
        "sin",
        "log2*(x)",
        "sin(cos)",
        "sin(x)(x)",
        "open('f')",
        "y + 1",
        "True",
        "'text'",
        "x if x else 1",
        "x = 1",
        "1e300",
    ],
)
def test_anything_else_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(ValueError, match="function of x"):
        check_expression(text)


PIECES = [
    *FUNCTIONS,
    *CONSTANTS,
    "x",
    "(",
    ")",
    ",",
    "+",
    "-",
    "*",
    "/",
    "^",
    "**",
    "%",
    "0",
    "2",
    "1e9",
    " ",
]


@given(st.text(max_size=60) | st.lists(st.sampled_from(PIECES), max_size=8).map("".join))
@example("sin*x")
def test_any_text_is_a_function_or_refused(text: str) -> None:
    try:
        function = evaluate(text)
    except ValueError:
        return
    assert isinstance(function(0.5), float)
