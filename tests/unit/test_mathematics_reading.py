"""What TeX is read as: random expressions come back with their value, and doubtful ones are refused."""

from __future__ import annotations

from dataclasses import dataclass

import mpmath
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from quantumsketch.mathematics.cursor import Convention
from quantumsketch.mathematics.evaluation import Value, value
from quantumsketch.mathematics.formula import Formula
from quantumsketch.mathematics.reading import conventions, read
from quantumsketch.mathematics.sides import text, without_unit
from quantumsketch.mathematics.tokens import Unreadable, cut, tokens

X = mpmath.mpf(3) / 4


@dataclass(frozen=True)
class Written:
    """TeX, its value at x = 3/4, and how tightly it holds together: 3 an atom, 2 a product, 1 a sum."""

    tex: str
    value: Value
    binding: int

    def at_least(self, binding: int) -> str:
        return self.tex if self.binding >= binding else rf"\left({self.tex}\right)"


def formula(tex: str, convention: Convention | None = None) -> Formula:
    return read(tokens(tex), convention or Convention())[0]


ATOMS = st.one_of(
    st.integers(0, 99).map(lambda n: Written(str(n), mpmath.mpf(n), 3)),
    st.integers(1, 99).map(lambda n: Written(f"{n / 100:.2f}", mpmath.mpf(n) / 100, 3)),
    st.sampled_from([Written("x", X, 3), Written(r"\pi", +mpmath.pi, 3)]),
)


def add(one: Written, other: Written) -> Written:
    return Written(f"{one.tex} + {other.at_least(2)}", one.value + other.value, 1)


def subtract(one: Written, other: Written) -> Written:
    return Written(f"{one.tex}-{other.at_least(2)}", one.value - other.value, 1)


def multiply(one: Written, other: Written) -> Written:
    return Written(rf"{one.at_least(2)}\cdot {other.at_least(3)}", one.value * other.value, 2)


def beside(one: Written, other: Written) -> Written:
    return Written(rf"{one.at_least(4)}\left({other.tex}\right)", one.value * other.value, 2)


def fraction(one: Written, other: Written) -> Written:
    below = other.value * other.value + 1
    return Written(rf"\frac{{{one.tex}}}{{{other.at_least(4)}^2+1}}", one.value / below, 2)


def power(one: Written, other: Written) -> Written:
    return Written(rf"{one.at_least(4)}^{{2}}", one.value**2, 3)


def root(one: Written, other: Written) -> Written:
    return Written(
        rf"\sqrt{{{one.at_least(4)}^2+{other.at_least(4)}^2}}", mpmath.hypot(one.value, other.value), 3
    )


def sine(one: Written, other: Written) -> Written:
    return Written(rf"\sin\left({one.tex}\right)", mpmath.sin(one.value), 2)


COMBINED = st.sampled_from([add, subtract, multiply, beside, fraction, power, root, sine])


def grown(inner: st.SearchStrategy[Written]) -> st.SearchStrategy[Written]:
    return st.builds(lambda combine, one, other: combine(one, other), COMBINED, inner, inner)


@settings(max_examples=300, deadline=None)
@given(st.recursive(ATOMS, grown, max_leaves=8))
def test_an_expression_is_read_with_its_value(written: Written) -> None:
    assume(len(tokens(written.tex)) <= 160)
    found = value(formula(written.tex), {"x": X})
    assert abs(found - written.value) <= 1e-9 * (1 + abs(written.value)), written.tex


@pytest.mark.parametrize(
    ("tex", "same"),
    [
        (r"\frac12x^2", r"\frac{1}{2}\cdot x^{2}"),
        (r"\sin^2x", r"(\sin(x))^2"),
        (r"\sin 2x\cos x", r"\sin(2x)\cdot\cos(x)"),
        (r"\sin x\cdot y", r"\sin(x)\cdot y"),
        (r"-x^2", r"-(x^2)"),
        (r"a/b/c", r"\frac{\frac{a}{b}}{c}"),
        (r"2^{3^2}", r"2^{9}"),
        (r"\int_0^1 x^2+1\,dx", r"\int_0^1(x^2+1)\,dx"),
        (r"\ln x^2", r"\ln(x^2)"),
        (r"10\,000", "10000"),
    ],
)
def test_what_is_usually_left_out_is_read_as_it_is_meant(tex: str, same: str) -> None:
    names = {name: mpmath.mpf(size) / 7 for name, size in zip("abcxy", (3, 5, 6, 9, 11), strict=True)}
    assert abs(value(formula(tex), names) - value(formula(same), names)) < 1e-10


@pytest.mark.parametrize(
    "tex",
    [
        r"1/2x", r"\sum_{k=1}^n k+1", r"\frac{d}{dx}x^3+2x", r"\sin(x)^2", "x^10", "f(x)", r"\pi(10)", "x'",
        r"\lim_{x\to0^+}x", "dx", "2 3", r"x_{1}2", "(x", "x)", "|x", "", "+", r"\frac{1}", r"\vec{v}",
        "101_2", r"\ln 2x", r"\text{if}\ x", r"100+20\%", r"\int x^2", "a -- b", r"\sum_k k", r"\int_0 x\,dx",
        r"\sin", r"\sum_{i=1}^n x_i",
    ],
)  # fmt: skip
def test_what_has_no_sure_reading_is_refused(tex: str) -> None:
    with pytest.raises(Unreadable):
        formula(tex)


@pytest.mark.parametrize(
    ("tex", "met"),
    [
        (r"\log x", {"log"}), ("e+1", {"e"}), ("e^x", set()), ("e^2", {"e"}), ("3+4i", {"i"}),
        ("1{,}000", {"comma"}), (r"2\frac12", {"fraction_after_number"}), (r"2\frac{x}{2}", set()),
        (r"\log_2 x", set()), (r"\sum_{i=1}^n i", set()),
    ],
)  # fmt: skip
def test_what_can_be_meant_in_several_ways_is_known(tex: str, met: set[str]) -> None:
    assert read(tokens(tex), Convention())[1] == met


def test_every_way_to_read_is_tried() -> None:
    assert len(list(conventions(frozenset({"log", "comma"})))) == 6


@pytest.mark.parametrize(
    ("tex", "left", "unit"),
    [
        (r"2400\ \text{N}", "2400", "N"),
        (r"9.8\ \text{m/s}^2", "9.8", "m/s^2"),
        (r"9\times10^{13}\ \mathrm{J}", r"9times10^{13}", "J"),
        (r"5\,\mathrm{kg}\cdot\mathrm{m}^{-1}", "5", "kgcdotm^{-1}"),
        (r"x^2", "x^2", ""),
        (r"\text{N}", "N", ""),
    ],
)
def test_a_unit_is_taken_off(tex: str, left: str, unit: str) -> None:
    side, found = without_unit(tuple(tokens(tex)))
    assert (text(side), found) == (left, unit)


def test_a_line_is_cut_at_its_relations_and_commas_but_not_inside_brackets() -> None:
    clauses = cut(tokens(r"f(a,b)=2,\ \sum_{k=1}^3 k\le x"))
    assert [clause.relations for clause in clauses] == [("=",), (r"\leq",)]
