"""Functions of x that a text names, such as `y = sin(x)` or `f(x) = 2x^2`, and a range that shows them."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from quantumsketch.expression import evaluate

MOST_CURVES = 4
_NAMED = re.compile(r"\b(y|[fgh]\s?\(\s?x\s?\))\s*=\s*")
_BODY = re.compile(r"[\w.+\-*/^(), \\{}|²³−·×√π]{1,120}")
_TEX = re.compile(r"[\\{}*]")
_SPAN = re.compile(r"\b(?:from|between)\s+(-?\d+(?:\.\d+)?)\s+(?:to|and)\s+(-?\d+(?:\.\d+)?)\b")
_WRITTEN = (
    (r"\\frac\{([^{}]*)\}\{([^{}]*)\}", r"((\1)/(\2))"),
    (r"\\sqrt\{([^{}]*)\}|√\(([^()]*)\)", r"sqrt(\1\2)"),
    (r"\\(?:cdot|times)|[·×]", "*"),
    (r"\\(?:left|right|,)", ""),
    (r"\|([^|]{1,60})\|", r"abs(\1)"),
    ("₂", "2"),
    ("₁₀", "10"),
    (r"\\?log(?:_\{(2|10)\}|_?(2|10)(?!\d))", r"log\1\2"),
    (r"\\?(?=(?:sin|cos|tan|exp|log|ln|sqrt|pi)\b)\\?", ""),
    ("[{]", "("),
    ("[}]", ")"),
    ("−", "-"),
    ("²", "^2"),
    ("³", "^3"),
    ("π", "pi"),
    (r"\b(sin|cos|tan|exp|log|log2|log10|ln|sqrt)\s+(\d*\s?x)\b", r"\1(\2)"),
    (r"(?<![a-z\d.])(\d[\d.]*)\s?(?=[a-z(])", r"\1*"),
    (r"\)\s?(?=[\w(])", ")*"),
    (r"\bx\s?(?=\()", "x*"),
)
_RANGES = (
    ((r"sin|cos|tan",), (-2 * math.pi, 2 * math.pi)),
    ((r"exp|\be\b",), (-3.0, 3.0)),
    ((r"log|ln|sqrt",), (0.0, 10.0)),
)
_ORDINARY_RANGES = ((-5.0, 5.0), (0.0, 10.0), (-2.0, 2.0), (-1.0, 1.0))
"""Of those that a function is defined on for the greater part, the first is shown."""
_SAMPLES = 60
_MOST_WORDS = 12
_MOST_TRIES = 40


class Function(NamedTuple):
    """A function as it stands in a text."""

    label: str
    expression: str
    at: int
    """Where in the text it stands."""


def functions_in(text: str) -> list[Function]:
    """Find the functions of x that `text` defines, at most four, each of them once."""
    found: dict[str, Function] = {}
    for name in islice(_NAMED.finditer(text), _MOST_TRIES):
        body = _BODY.match(text, name.end())
        written, expression = _longest_expression(body[0]) if body else ("", "")
        if expression and expression not in found:
            shown = expression.replace("**", "^") if _TEX.search(written) else written
            label = f"{''.join(name[1].split())} = {shown}"
            found[expression] = Function(label, expression, name.start())
        if len(found) == MOST_CURVES:
            break
    return list(found.values())


def _longest_expression(text: str) -> tuple[str, str]:
    """The longest front of `text`, word by word, that is a function of x: as written, and to be evaluated."""
    pieces = re.split(r"(\s+)", text.strip())[: 2 * _MOST_WORDS - 1]
    for count in range(len(pieces), 0, -2):
        written = "".join(pieces[:count]).rstrip(",.; ")
        expression = _as_expression(written)
        if "x" in expression and len(expression) <= 120 and _range_of(expression):
            return written, expression
    return "", ""


def _as_expression(written: str) -> str:
    for pattern, replacement in _WRITTEN:
        written = re.sub(pattern, replacement, written)
    return written.strip()


def _is_defined(expression: str, span: tuple[float, float]) -> bool:
    """Tell whether it is a function that has values, for the greater part of `span`, that can be shown."""
    try:
        function = evaluate(expression)
    except (ValueError, RecursionError, MemoryError):
        return False
    start, end = span
    values = [function(start + (end - start) * (i + 0.5) / _SAMPLES) for i in range(_SAMPLES)]
    return sum(abs(value) < 1e9 for value in values) > _SAMPLES // 2


def range_for(functions: list[Function], text: str) -> tuple[float, float]:
    """Choose the range of x: the one that `text` names, else one that shows what is typical."""
    if (span := _SPAN.search(text)) and float(span[1]) < float(span[2]) <= 1e6:
        return float(span[1]), float(span[2])
    ranges = [each for function in functions if (each := _range_of(function.expression))]
    return min(start for start, _ in ranges), max(end for _, end in ranges)


@lru_cache(maxsize=1_000)
def _range_of(expression: str) -> tuple[float, float] | None:
    """Choose the range that shows a function; None if there is none on which it can be drawn."""
    typical = [span for (pattern,), span in _RANGES if re.search(pattern, expression)]
    return next((span for span in (*typical, *_ORDINARY_RANGES) if _is_defined(expression, span)), None)
