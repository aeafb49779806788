"""Round numbers on axes, and numbers as people read them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from renderers.manim.layout.ticks import nice_step, number_text, tick_texts, ticks


@settings(deadline=None, derandomize=True)
@given(st.floats(1e-9, 1e12), st.integers(1, 12))
def test_a_nice_step_is_1_2_or_5_times_a_power_of_ten_and_cuts_finely_enough(span: float, most: int) -> None:
    step = nice_step(span, most)
    assert f"{step:.6e}"[0] in "125"
    assert span / step <= most * (1 + 1e-6)
    assert span / step > most / 2.6


@settings(deadline=None, derandomize=True)
@given(st.floats(-1e9, 1e9), st.floats(1e-5, 1e9), st.integers(1, 10))
def test_ticks_lie_in_the_range_and_their_texts_are_all_different(low: float, span: float, most: int) -> None:
    high = low + span * max(1.0, abs(low))
    values = ticks(low, high, most)
    margin = (high - low) * 1e-5
    assert all(low - margin <= value <= high + margin for value in values)
    assert len(values) <= most + 1
    texts = tick_texts(values)
    assert len(set(texts)) == len(values)


def test_ticks_of_a_common_range_are_as_on_paper() -> None:
    assert ticks(-1.0, 1.0, 4) == [-1.0, -0.5, 0.0, 0.5, 1.0]
    assert tick_texts([-1.0, -0.5, 0.0, 0.5, 1.0]) == ["−1.0", "−0.5", "0", "0.5", "1.0"]
    assert tick_texts([0.0, 2e6, 4e6]) == ["0", "2M", "4M"]
    assert tick_texts([0.0, 2e-6, 4e-6]) == ["0", "2·10⁻⁶", "4·10⁻⁶"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"), (-2.0, "−2"), (1234.0, "1234"), (12345.0, "12\u2009345"), (3.25e6, "3.25M"),
        (1e9, "1000M"), (0.25, "0.25"), (1e-6, "1·10⁻⁶"), (3.14159, "3.142"), (2.5e12, "2.5·10¹²"),
        (5e-324, "0"),
    ],
)  # fmt: skip
def test_a_number_reads_as_people_write_it(value: float, text: str) -> None:
    assert number_text(value) == text
