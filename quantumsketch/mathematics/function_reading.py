"""Reads a function such as sin or log: its base, its exponent, its argument with and without brackets."""

from __future__ import annotations

from fractions import Fraction

from quantumsketch.mathematics.cursor import Cursor, times
from quantumsketch.mathematics.formula import Apply, Formula, Number
from quantumsketch.mathematics.tokens import GREEK, Unreadable

_TURNING = {"sin", "cos", "tan", "cot", "sec", "csc"}


def read_function(reader: Cursor, name: str) -> Formula:
    base: Formula | None = None
    if reader.sees("_"):
        if name != "log":
            raise Unreadable(f"an index at \\{name} is not read")
        reader.take()
        base = reader.inner(reader.argument())
    exponent: Formula | None = None
    if reader.sees("^"):
        reader.take()
        exponent = reader.inner(reader.argument())
    argument = _argument(reader, name)
    if name in _TURNING and isinstance(argument, Number) and argument.value:
        reader.met.add("angle")
        if reader.convention.angle == "degrees":
            argument = Apply("degrees", (argument,))
    if exponent == Apply("negative", (Number(Fraction(1)),)):
        if name not in ("sin", "cos", "tan"):
            raise Unreadable(f"\\{name} to the -1 is not clear")
        return Apply(f"arc{name}", (argument,))
    result = _logarithm(reader, base, argument) if name in ("log", "lg") else Apply(name, (argument,))
    return result if exponent is None else Apply("power", (result, exponent))


def _logarithm(reader: Cursor, base: Formula | None, argument: Formula) -> Formula:
    if base is None:
        reader.met.add("log")
        if reader.convention.log == "e":
            return Apply("ln", (argument,))
        base = Number(Fraction(int(reader.convention.log)))
    return Apply("log", (argument, base))


def _argument(reader: Cursor, name: str) -> Formula:
    if reader.sees("(", "[", "{", "|"):
        bar = reader.sees("|")
        argument = reader.atom() if bar else reader.inner(reader.group())
        if reader.sees("^", "!"):
            raise Unreadable(f"what is raised after \\{name} is not clear")
        return argument
    start = reader.at
    factors: list[Formula] = []
    while _begins_bare_factor(reader, first=not factors):
        factors.append(reader.powers(reader.atom()))
    if not factors:
        raise Unreadable(f"the argument of \\{name} is not clear")
    number_only = len(factors) == 1 and reader.line[start].kind == "number" and reader.at == start + 1
    number_first = len(factors) > 1 and reader.line[start].kind == "number" and name in ("ln", "log", "lg")
    if reader.sees("(", "[", "/", "|") or number_first or (number_only and reader.sees("cdot", "times")):
        raise Unreadable(f"where the argument of \\{name} ends is not clear")
    result = factors[0]
    for factor in factors[1:]:
        result = times(result, factor)
    return result


def _begins_bare_factor(reader: Cursor, first: bool) -> bool:
    token = reader.next
    if not first and token.spaced and token.kind != "mark":
        return False
    if token.kind == "number":
        return first
    is_name = token.kind == "letter" or (token.kind == "command" and token.text in {*GREEK, "pi"})
    return is_name or (token.kind == "command" and token.text in ("frac", "sqrt"))
