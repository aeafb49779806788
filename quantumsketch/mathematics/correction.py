"""What would be right instead of something wrong, in TeX: for the model that is to mend it."""

from __future__ import annotations

from quantumsketch.mathematics.formula import Formula, operations
from quantumsketch.mathematics.polynomial import is_high
from quantumsketch.mathematics.second_opinion import symbolic

_QUICK = {
    "add", "negative", "multiply", "divide", "power", "root", "derivative", "sin", "cos", "tan", "ln", "exp",
    "pi", "e", "log", "arctan", "arcsin",
}  # fmt: skip
_LONGEST = 80


def worked_out(formula: Formula) -> str:
    """The formula differentiated and multiplied out, as TeX; empty if that is not quick, or long."""
    if operations(formula) - _QUICK or is_high(formula):
        return ""
    import sympy  # half a second, and most storyboards never need it

    try:
        tex = str(sympy.latex(sympy.expand(symbolic(formula), force=False), ln_notation=True))
    except (ArithmeticError, ValueError, TypeError, AttributeError):
        return ""
    return tex if len(tex) <= _LONGEST else ""
