"""Where a reader stands in the tokens of one side, and how it takes groups and arguments from them.

Knows nothing of what the tokens mean.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from quantumsketch.mathematics.formula import Apply, Formula
from quantumsketch.mathematics.tokens import GREEK, Token, Unreadable


@dataclass(frozen=True)
class Convention:
    """How to read what can be meant in several ways."""

    log: str = "10"
    comma: str = "thousands"
    fraction_after_number: str = "times"
    angle: str = "radians"
    e: str = "number"
    i: str = "name"


_DEEPEST = 20
_END = Token("end", "")


class Cursor(ABC):
    """One pass from left to right over the tokens of a side, or of a group in it."""

    def __init__(self, line: Sequence[Token], convention: Convention, depth: int = 0) -> None:
        if depth > _DEEPEST:
            raise Unreadable("so deep a formula is not read")
        self.line, self.convention, self.depth = list(line), convention, depth
        self.at = 0
        self.met: set[str] = set()
        """The fields of the convention that made a difference."""
        self.bound: frozenset[str] = frozenset()
        """Names that an operator runs over: no constants, whatever they are called."""

    @abstractmethod
    def inner(self, line: Sequence[Token]) -> Formula:
        """Read a part of the line as an expression of its own."""

    @abstractmethod
    def term(self) -> Formula:
        """Read a product."""

    @abstractmethod
    def powers(self, base: Formula) -> Formula:
        """Read what is raised or follows after a base."""

    @abstractmethod
    def atom(self) -> Formula:
        """Read one number, name, bracket, fraction or root."""

    @property
    def next(self) -> Token:
        return self.line[self.at] if self.at < len(self.line) else _END

    def take(self) -> Token:
        token = self.next
        self.at += 1
        return token

    def sees(self, *texts: str) -> bool:
        return self.next.kind in ("mark", "command") and self.next.text in texts

    def expect_end(self) -> None:
        if self.next is not _END:
            raise Unreadable(complaint(self.next))

    def group(self) -> list[Token]:
        """The tokens between the bracket that is next and its partner."""
        self.take()
        start, depth = self.at, 1
        while depth:
            token = self.take()
            if token is _END:
                raise Unreadable("a bracket is not closed")
            if token.kind == "mark":
                depth += (token.text in "([{") - (token.text in ")]}")
        return self.line[start : self.at - 1]

    def argument(self) -> list[Token]:
        """The tokens of a command's argument: a group, one digit, one letter."""
        if self.sees("{"):
            return self.group()
        token = self.take()
        if token.kind == "number" and token.text.isdigit():
            if len(token.text) > 1:
                self.at -= 1
                self.line[self.at] = Token("number", token.text[1:])
            return [Token("number", token.text[0])]
        if token.kind == "letter" or (
            token.kind == "command" and token.text in {*GREEK, "pi", "infty", "circ"}
        ):
            return [token]
        raise Unreadable(complaint(token))


def times(left: Formula, right: Formula) -> Formula:
    return Apply("multiply", (left, right))


def complaint(token: Token) -> str:
    if token is _END:
        return "something is missing at the end"
    if token.kind == "unknown":
        return token.text
    if token.kind == "word":
        return f"the words {token.text!r} are not read"
    return f"{token.text!r} is not read here"
