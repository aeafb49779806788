"""Reads sums, products, limits, integrals and derivatives: operators that run over a name.

How far an operator reaches is a matter of habit: where habits differ, its formula is `Unreadable`.
"""

from __future__ import annotations

from collections.abc import Sequence

from quantumsketch.mathematics.cursor import Cursor
from quantumsketch.mathematics.formula import Apply, Formula, Symbol, within
from quantumsketch.mathematics.tokens import GREEK, Token, Unreadable


def read_operator(reader: Cursor, name: str) -> Formula:
    """Read what follows a sum, a product, a limit or an integral sign."""
    if name == "int":
        return _integral(reader)
    if not reader.sees("_"):
        raise Unreadable(f"a \\{name} without a lower end is not read")
    reader.take()
    lower = reader.argument()
    if name == "lim":
        bound, to = _bound(lower, "to")
        return Apply("limit", (bound, reader.inner(to), _operand(reader, bound)))
    bound, start = _bound(lower, "=")
    if not reader.sees("^"):
        raise Unreadable(f"a \\{name} without an upper end is not read")
    reader.take()
    end = reader.inner(reader.argument())
    operation = "sum" if name == "sum" else "product"
    return Apply(operation, (bound, reader.inner(start), end, _operand(reader, bound)))


def is_differential(below: Sequence[Token]) -> bool:
    """Whether what stands below a fraction is dx, and not a sum or a name that begins with d."""
    return below[0].text in ("d", "partial") and _is_name(below[1])


def read_derivative(reader: Cursor, above: Sequence[Token], below: Sequence[Token]) -> Formula:
    """Read a derivative, of which the fraction has been taken already."""
    sign, variable = below[0].text, below[1]
    order = _order(above, below, sign)
    if not _is_name(variable):
        raise Unreadable("the variable of a derivative is not read")
    symbol = Symbol(variable.text)
    result = _operand(reader, symbol, whole_group=True)
    for _ in range(order):
        result = Apply("derivative", (symbol, result))
    return result


def _order(above: Sequence[Token], below: Sequence[Token], sign: str) -> int:
    texts = [token.text for token in above], [token.text for token in below[2:]]
    match texts:
        case [numerator], [] if numerator == sign:
            return 1
        case [numerator, "^", "2" | "3" as order], ["^", same] if numerator == sign and order == same:
            return int(order)
    raise Unreadable("the derivative of a function that is not known is not read")


def _is_name(token: Token) -> bool:
    return token.kind == "letter" or (token.kind == "command" and token.text in GREEK)


def _bound(lower: Sequence[Token], sign: str) -> tuple[Symbol, list[Token]]:
    if len(lower) < 3 or not _is_name(lower[0]) or lower[1].text != sign:
        raise Unreadable("what an operator runs over is not read")
    if lower[-1].text in ("+", "-"):
        raise Unreadable("a limit from one side is not read")
    return Symbol(lower[0].text), list(lower[2:])


def _operand(reader: Cursor, bound: Symbol, whole_group: bool = False) -> Formula:
    first, start = reader.next, reader.at
    reader.bound |= {bound.name}
    if first.kind == "mark" and first.text in "([":
        reader.group()
        ends_with_group = reader.next.kind == "end" or reader.sees("+", "-")
        group_end = reader.at
        reader.at = start
        if ends_with_group:
            reader.at = group_end
            return _steady(reader.inner(reader.line[start + 1 : group_end - 1]), bound)
        if whole_group:
            raise Unreadable("how far a derivative reaches is not clear")
    operand = _steady(reader.term(), bound)
    if reader.sees("+", "-"):
        raise Unreadable("how far an operator reaches is not clear")
    return operand


def _steady(body: Formula, bound: Symbol) -> Formula:
    """Give the body back; raise Unreadable if an index in it runs with the operator."""
    for part in within(body):
        if isinstance(part, Symbol) and bound.name in part.name.partition("_")[2]:
            raise Unreadable("an index that runs is not read")
    return body


def _integral(reader: Cursor) -> Formula:
    ends: list[Formula] = []
    for mark in "_^":
        if reader.sees(mark):
            reader.take()
            ends.append(reader.inner(reader.argument()))
    if len(ends) == 1:
        raise Unreadable("an integral with one end is not read")
    body, variable = _integrand(reader)
    if ends:
        return Apply("integral", (variable, ends[0], ends[1], body))
    return Apply("antiderivative", (variable, body))


def _integrand(reader: Cursor) -> tuple[Formula, Symbol]:
    start, depth = reader.at, 0
    while True:
        token = reader.take()
        if token.kind == "end" or token.text == "int":
            raise Unreadable("an integral without a differential of its own is not read")
        if token.kind == "mark":
            depth += (token.text in "([{") - (token.text in ")]}")
        if depth == 0 and token.text == "d" and _is_name(reader.next):
            break
    body = reader.line[start : reader.at - 1]
    variable = Symbol(reader.take().text)
    if not body:
        raise Unreadable("an integral of nothing is not read")
    if reader.sees("^", "_", "("):
        raise Unreadable("what follows the differential is not clear")
    return _steady(reader.inner(body), variable), variable
