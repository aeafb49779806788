"""Reads the tokens of one side of a relation as a formula.

What has more than one sensible reading is read by a `Convention`; what has no sure one is `Unreadable`.
Knows nothing of values.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import product

from quantumsketch.mathematics.calculus_reading import is_differential, read_derivative, read_operator
from quantumsketch.mathematics.cursor import Convention, Cursor, complaint, times
from quantumsketch.mathematics.formula import Apply, Formula, Number, Symbol, operations, replaced, symbols
from quantumsketch.mathematics.function_reading import read_function
from quantumsketch.mathematics.number_reading import read_number
from quantumsketch.mathematics.tokens import FUNCTIONS, GREEK, Token, Unreadable

_CHOICES = {
    "log": ("10", "e", "2"),
    "comma": ("thousands", "point"),
    "fraction_after_number": ("times", "plus"),
    "angle": ("radians", "degrees"),
    "e": ("number", "name"),
    "i": ("name", "number"),
}
_LONGEST = 160
_NAMES_OF_FUNCTIONS = frozenset("fghpqsuvwyABCDEFGHIJKLMNOPQRSTUVWXYZ") | {"phi", "psi", "Phi", "Psi"}


def read(side: Sequence[Token], convention: Convention) -> tuple[Formula, frozenset[str]]:
    """Read one side, and say which choices of the convention it met; raises Unreadable."""
    if not side:
        raise Unreadable("a side is empty")
    if len(side) > _LONGEST:
        raise Unreadable("so long a formula is not read")
    reader = _Reader(side, convention)
    formula = reader.expression()
    reader.expect_end()
    return formula, frozenset(reader.met)


def conventions(met: frozenset[str]) -> Iterator[Convention]:
    """Every way to read what can be meant in the ways that were met."""
    names = sorted(met)
    for choice in product(*(_CHOICES[name] for name in names)):
        yield replace(Convention(), **dict(zip(names, choice, strict=True)))


class _Reader(Cursor):
    """The grammar of what is read."""

    def inner(self, line: Sequence[Token]) -> Formula:
        """Read a part of the line as an expression of its own."""
        reader = _Reader(line, self.convention, self.depth + 1)
        reader.bound = self.bound
        if not line:
            raise Unreadable("a bracket is empty")
        formula = reader.expression()
        reader.expect_end()
        self.met |= reader.met
        return formula

    # sums and products

    def expression(self) -> Formula:
        parts = [self.signed_term()]
        while self.sees("+", "-"):
            parts.append(self.signed_term())
        if len({"percent" in operations(part) for part in parts}) > 1:
            raise Unreadable("of what a percentage is taken is not clear")
        return parts[0] if len(parts) == 1 else Apply("add", tuple(parts))

    def signed_term(self) -> Formula:
        sign = self.take().text if self.sees("+", "-") else "+"
        if self.sees("+", "-"):
            raise Unreadable("two signs stand next to each other")
        term = self.term()
        return Apply("negative", (term,)) if sign == "-" else term

    def term(self) -> Formula:
        result = self.factor()
        while True:
            if self.sees("cdot", "times", "*"):
                self.take()
                result = times(result, self.signed_factor())
            elif self.sees("/", "div"):
                slash = self.take().text == "/"
                result = Apply("divide", (result, self.signed_factor()))
                if slash and self.begins_factor():
                    raise Unreadable("it is not clear what the slash divides")
            elif self.begins_factor():
                result = self.beside(result)
            else:
                return result

    def signed_factor(self) -> Formula:
        if self.sees("-"):
            self.take()
            return Apply("negative", (self.factor(),))
        return self.factor()

    def begins_factor(self) -> bool:
        token = self.next
        if token.kind == "mark":
            return token.text in "([{" or (token.text == "|" and self.bars_ahead_are_even())
        return token.kind in ("letter", "number", "word", "unknown") or (
            token.kind == "command"
            and token.text not in ("cdot", "times", "div", "to", "rfloor", "rceil", "circ")
        )

    def bars_ahead_are_even(self) -> bool:
        return sum(token.text == "|" for token in self.line[self.at :]) % 2 == 0

    def beside(self, left: Formula) -> Formula:
        """What stands next to `left` without a sign: its factor."""
        before, token = self.line[self.at - 1], self.next
        if token.kind == "number" and not (before.text == "!" and token.spaced):
            raise Unreadable("two numbers stand next to each other")
        if token.text == "frac" and before.kind == "number":
            right = self.factor()
            if not symbols(right) and isinstance(right, Apply) and right.operation == "divide":
                self.met.add("fraction_after_number")
                if self.convention.fraction_after_number == "plus":
                    return Apply("add", (left, right))
            return times(left, right)
        if token.kind == "mark" and token.text in "([":
            self.refuse_a_call(before)
        return times(left, self.factor())

    def refuse_a_call(self, before: Token) -> None:
        """Raise Unreadable if the bracket that is next holds the argument of a function."""
        at = self.at
        content = self.group()
        self.at = at
        is_name = before.kind == "letter" or before.text in GREEK or before.text == "pi"
        if is_name and (before.text in _NAMES_OF_FUNCTIONS or len(content) == 1):
            raise Unreadable(f"what {before.text} does to its argument is not known")

    # factors

    def factor(self) -> Formula:
        token = self.next
        if token.kind == "command" and token.text in FUNCTIONS:
            return read_function(self, self.take().text)
        if token.kind == "command" and token.text in ("sum", "prod", "lim", "int"):
            return read_operator(self, self.take().text)
        return self.powers(self.atom())

    def powers(self, base: Formula) -> Formula:
        while True:
            if self.sees("^"):
                base = self.power(base)
            elif self.sees("!"):
                self.take()
                base = Apply("factorial", (base,))
            elif self.next.kind == "percent":
                self.take()
                base = Apply("percent", (base,))
            elif self.sees("_"):
                raise Unreadable("what this index means is not known")
            else:
                return base

    def power(self, base: Formula) -> Formula:
        self.take()
        exponent = self.argument()
        if [token.text for token in exponent] == ["circ"]:
            return Apply("degrees", (base,))
        if self.next.kind == "number" and exponent[0].kind == "number" and not self.next.spaced:
            raise Unreadable("the exponent stands without braces")
        if base == Apply("e") and not (len(exponent) == 1 and exponent[0].kind == "number"):
            self.met.discard("e")  # e to the x is no eccentricity and no charge
        return Apply("power", (base, self.inner(exponent)))

    def atom(self) -> Formula:
        token = self.take()
        match token.kind:
            case "number":
                return read_number(self, token.text)
            case "letter":
                return self.letter(token.text)
            case "command":
                return self.command(token.text)
            case "mark" if token.text in "([{":
                self.at -= 1
                inside = self.inner(self.group())
                return self.between_ends(inside) if token.text == "[" and self.sees("_") else inside
            case "mark" if token.text == "|":
                return self.absolute_value()
        raise Unreadable(complaint(token))

    def between_ends(self, inside: Formula) -> Formula:
        """Read the ends of a bracket: what is inside at the upper end, less what it is at the lower one."""
        names = symbols(inside)
        self.take()
        start = self.inner(self.argument())
        if len(names) != 1 or not self.sees("^"):
            raise Unreadable("the ends of a bracket are not clear")
        self.take()
        end, name = self.inner(self.argument()), next(iter(names))
        return Apply(
            "add", (replaced(inside, name, end), Apply("negative", (replaced(inside, name, start),)))
        )

    def letter(self, name: str) -> Formula:
        index = self.index()
        if index:
            return Symbol(f"{name}_{index}")
        if name in ("e", "i") and name not in self.bound:
            self.met.add(name)
            chosen = self.convention.e if name == "e" else self.convention.i
            return Apply(name) if chosen == "number" else Symbol(name)
        if name == "d" and self.next.kind == "letter":
            raise Unreadable("a differential outside an integral is not read")
        return Symbol(name)

    def index(self) -> str:
        if not self.sees("_"):
            return ""
        self.take()
        return "".join(token.text for token in self.argument_as_written())

    def argument_as_written(self) -> list[Token]:
        if self.sees("{"):
            return self.group()
        token = self.take()
        if token.kind == "number" and len(token.text) > 1:
            raise Unreadable("an index stands without braces")
        return [token]

    def command(self, name: str) -> Formula:
        if name == "Delta" and self.next.kind in ("letter", "command"):
            of = self.atom()
            if isinstance(of, Symbol):
                return Symbol(f"Delta {of.name}")
            raise Unreadable("what changes is not a name")
        if name in GREEK:
            index = self.index()
            return Symbol(f"{name}_{index}" if index else name)
        match name:
            case "pi":
                return Apply("pi")
            case "infty":
                return Apply("infinity")
            case "frac":
                return self.fraction()
            case "sqrt":
                return self.root()
            case "binom":
                return Apply("binomial", (self.inner(self.argument()), self.inner(self.argument())))
            case "lfloor" | "lceil":
                return self.rounded(name)
        raise Unreadable(f"\\{name} is not read here")

    def fraction(self) -> Formula:
        above, below = self.argument(), self.argument()
        if len(below) > 1 and above[:1] and above[0].text == below[0].text and is_differential(below):
            return read_derivative(self, above, below)
        return Apply("divide", (self.inner(above), self.inner(below)))

    def root(self) -> Formula:
        degree = self.inner(self.group()) if self.sees("[") else Number(Fraction(2))
        return Apply("root", (self.inner(self.argument()), degree))

    def rounded(self, name: str) -> Formula:
        closing = "r" + name[1:]
        start = self.at
        while not self.sees(closing):
            if self.take().kind == "end":
                raise Unreadable(f"\\{name} is not closed")
        inside = self.line[start : self.at]
        self.take()
        return Apply(closing[1:], (self.inner(inside),))

    def absolute_value(self) -> Formula:
        start = self.at
        while not self.sees("|"):
            if self.take().kind == "end":
                raise Unreadable("a bar has no partner")
        inside = self.line[start : self.at]
        self.take()
        return Apply("absolute", (self.inner(inside),))
