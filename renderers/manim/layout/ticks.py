"""Round numbers for axes, and numbers as people read them. Pure; knows no axis."""

from __future__ import annotations

import math
from collections.abc import Sequence

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_LEAST = 1e-300
"""Below it floats lose their digits, down to powers of ten that are zero."""
_THIN_SPACE = "\u2009"


def nice_step(span: float, most: int) -> float:
    """The smallest step of 1, 2 or 5 times a power of ten that cuts `span` into at most `most` parts."""
    rough = span / max(1, most)
    power = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * (1 - 1e-9))


def ticks(low: float, high: float, most: int) -> list[float]:
    """Multiples of a nice step from `low` to `high`, at most `most` + 1 of them."""
    step = nice_step(high - low, most)
    first, last = math.ceil(low / step - 1e-6), math.floor(high / step + 1e-6)
    return [round(index * step, _decimals(step)) for index in range(first, last + 1)]


def tick_texts(values: Sequence[float]) -> list[str]:
    """The texts of evenly spaced ticks, with the same number of decimals, all distinct."""
    if len(values) < 2:
        return [number_text(value) for value in values]
    step, largest = values[1] - values[0], max(abs(value) for value in values)
    if largest >= 1e10 or largest < 1e-3:
        exponent = math.floor(math.log10(largest))
        return [_powered(value, exponent, _decimals(step / 10.0**exponent)) for value in values]
    if largest >= 1e6 and _decimals(step / 1e6) <= 3:
        decimals = _decimals(step / 1e6)
        return [f"{_plain(value / 1e6, decimals)}M" if value else "0" for value in values]
    return [_plain(value, _decimals(step)) if value else "0" for value in values]


def number_text(value: float, digits: int = 4) -> str:
    """One number with about `digits` significant digits: 1 234, 0.25, 3.2M, 5·10⁻⁶."""
    if abs(value) < _LEAST:
        return "0"
    exponent = math.floor(math.log10(abs(value)))
    if exponent >= 10 or exponent < -4:
        return _trimmed(_powered(value, exponent, digits - 1))
    if exponent >= 6:
        return _trimmed(_plain(value / 1e6, max(0, digits - 1 - (exponent - 6)))) + "M"
    return _trimmed(_plain(value, max(0, digits - 1 - exponent)))


def _decimals(step: float) -> int:
    """Decimals that a multiple of `step` needs."""
    return max(0, -math.floor(math.log10(step) + 1e-6))


def _plain(value: float, decimals: int) -> str:
    text = f"{abs(value):,.{decimals}f}"
    whole = text.partition(".")[0]
    text = text.replace(",", _THIN_SPACE if len(whole) > 5 else "")
    return f"−{text}" if value < 0 and float(f"{abs(value):.{decimals}f}") else text


def _powered(value: float, exponent: int, decimals: int) -> str:
    if value == 0:
        return "0"
    return f"{_plain(value / 10.0**exponent, decimals)}·10{str(exponent).translate(_SUPERSCRIPTS)}"


def _trimmed(text: str) -> str:
    """Without zeros at the end of the decimals."""
    number, dot, power = text.partition("·")
    if "." in number:
        number = number.rstrip("0").rstrip(".")
    return number + dot + power
