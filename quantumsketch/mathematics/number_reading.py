"""Reads a number with its commas and gaps, which are points in one language and groups in another."""

from __future__ import annotations

from fractions import Fraction

from quantumsketch.mathematics.cursor import Cursor
from quantumsketch.mathematics.formula import Number
from quantumsketch.mathematics.tokens import Unreadable


def read_number(reader: Cursor, text: str) -> Number:
    """Read a number that has been taken already."""
    if reader.sees("_"):
        raise Unreadable("a number in another base is not read")
    digits = text.replace("\\,", "").replace("{,}", ",")
    if "," in digits:
        reader.met.add("comma")
        digits = _without_commas(digits, reader.convention.comma)
    return Number(Fraction(digits), len(digits.partition(".")[2]))


def _without_commas(digits: str, meaning: str) -> str:
    """Read the commas as groups of thousands or, where there is but one, as the point."""
    groups = digits.partition(".")[0].split(",")[1:]
    may_be_point = len(groups) == 1 and "." not in digits
    may_be_groups = all(len(group) == 3 for group in groups)
    if may_be_groups and (meaning == "thousands" or not may_be_point):
        return digits.replace(",", "")
    if may_be_point:
        return digits.replace(",", ".")
    raise Unreadable("the commas of a number are not clear")
