"""The sides of a clause: what a head names, the unit behind a number, and every way to read them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from quantumsketch.checking import Verdict
from quantumsketch.mathematics.claims import Judgement, right, unchecked
from quantumsketch.mathematics.cursor import Convention
from quantumsketch.mathematics.formula import Formula
from quantumsketch.mathematics.reading import conventions, read
from quantumsketch.mathematics.tokens import GREEK, Token, Unreadable

Side = tuple[Token, ...]


@dataclass(frozen=True)
class Head:
    """A left side that only names something: f(x), f'(x), P(A|B), a word."""

    name: str
    primes: int
    argument: Side | None

    @property
    def variable(self) -> str:
        """The name in the brackets, if there is nothing but a name."""
        one = self.argument if self.argument and len(self.argument) == 1 else ()
        return one[0].text if one and one[0].kind != "number" else ""


def text(side: Side) -> str:
    """The signs of a side, to compare it with another."""
    return "".join(token.text for token in side)


def head_of(side: Side) -> Head | None:
    """What a side names without computing it; None if it is a formula."""
    if slope := _slope_head(side):
        return slope
    if not side or not (side[0].kind in ("letter", "word") or side[0].text in GREEK):
        return None
    name, rest = side[0].text, side[1:]
    if len(rest) > 1 and rest[0].text == "_":
        index, rest = _index(rest)
        name = f"{name}_{index}"
    primes = 0
    while rest and rest[0].text == "'":
        primes, rest = primes + 1, rest[1:]
    if not rest:
        return Head(name, primes, None) if primes or side[0].kind == "word" else None
    if rest[0].text in ("(", "[") and rest[-1].text in (")", "]") and _is_one_group(rest):
        return Head(name, primes, rest[1:-1])
    return None


def _slope_head(side: Side) -> Head | None:
    """The head dy/dx, written as a fraction."""
    written = text(side)
    if (
        len(side) == 9
        and written.startswith("frac{d")
        and written[7:10] == "}{d"
        and side[3].kind == "letter"
    ):
        return Head(side[3].text, 1, (side[7],))
    return None


def _index(rest: Side) -> tuple[str, Side]:
    if rest[1].text != "{":
        return rest[1].text, rest[2:]
    end = next((at for at, token in enumerate(rest) if token.text == "}"), len(rest) - 1)
    return text(rest[2:end]), rest[end + 1 :]


def _is_one_group(rest: Side) -> bool:
    depth = 0
    for at, token in enumerate(rest):
        depth += (token.text in ("(", "[", "{")) - (token.text in (")", "]", "}"))
        if depth == 0:
            return at == len(rest) - 1
    return False


def without_dots(side: Side) -> Side:
    """A side without the dots that say that the digits of its number go on."""
    return side[:-1] if goes_on(side) else side


def goes_on(side: Side) -> bool:
    """Whether dots say that the digits of a number go on: it is no more exact than it is written."""
    dots = len(side) > 1 and side[-1].kind == "unknown" and side[-1].text.startswith(("\\ldots", "\\dots"))
    return dots and "." in side[-2].text


def without_unit(side: Side) -> tuple[Side, str]:
    """A side and the unit behind it, which is a word such as m/s, with its powers."""
    end = len(side)
    while end > 1:
        exponent = _exponent_before(side, end)
        if side[exponent - 1].kind != "word" or exponent < 2:
            break
        end = exponent - 1
        if side[end - 1].text in ("/", "cdot") and end > 1 and _ends_in_unit(side[: end - 1]):
            end -= 1
    return side[:end], text(side[end:])


def _exponent_before(side: Side, end: int) -> int:
    """Where the exponent begins that ends at `end`; `end` itself if there is none."""
    if side[end - 1].text != "}":
        return end - 2 if end > 2 and side[end - 2].text == "^" else end
    starts = (end - size for size in (4, 5) if end > size and side[end - size].text == "^")
    return next(starts, end)


def _ends_in_unit(side: Side) -> bool:
    return side[_exponent_before(side, len(side)) - 1].kind == "word"


def under_every_reading(sides: Sequence[Side], decide: Callable[[Sequence[Formula]], Judgement]) -> Judgement:
    """Decide on the sides as they may be meant: right if any reading is, wrong only if every one is."""
    try:
        met = frozenset().union(*(read(side, Convention())[1] for side in sides))
        judgements = [
            decide([read(side, convention)[0] for side in sides]) for convention in conventions(met)
        ]
    except Unreadable as reason:
        return unchecked(str(reason))
    for judgement in judgements:
        if judgement.verdict is Verdict.RIGHT:
            return right(judgement.message)
    if all(judgement.verdict is Verdict.WRONG for judgement in judgements):
        return judgements[0]
    return next(found for found in judgements if found.verdict is Verdict.UNCHECKED)
