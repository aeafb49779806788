"""Lines one below the other: each is judged by itself and by what stands above it.

Where a line may be a new premise instead of a step, it is unchecked. Knows no places and no storyboard.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy

from quantumsketch.checking import Verdict
from quantumsketch.mathematics.claims import PREMISE, Judgement, judge, right, unchecked
from quantumsketch.mathematics.formula import (
    Apply,
    Formula,
    Symbol,
    is_plain,
    replaced,
    symbols,
)
from quantumsketch.mathematics.shapes import is_reshaped, may_be_a_proportion
from quantumsketch.mathematics.sides import (
    Head,
    Side,
    goes_on,
    head_of,
    text,
    under_every_reading,
    without_dots,
    without_unit,
)
from quantumsketch.mathematics.solutions import Equation, follows, rearranged
from quantumsketch.mathematics.tokens import Clause, clauses, cut, tokens

_Pair = tuple[Side, Side]
_EITHER_SIGN = r"\pm"


class Derivation:
    """What the lines so far have said."""

    def __init__(self) -> None:
        self._last: Side = ()
        self._head = ""
        self._definitions: dict[str, tuple[str, Side]] = {}
        self._equations: list[_Pair] = []

    def judge_line(self, tex: str) -> Judgement:
        """Judge the next line, and remember it."""
        return self._judge_both_signs(tex) if _EITHER_SIGN in tex else self._judge_one(tex)

    def _judge_both_signs(self, tex: str) -> Judgement:
        """Judge a line with a plus-minus sign as the two lines for which it stands."""
        both = [deepcopy(self)._judge_one(tex.replace(_EITHER_SIGN, sign)) for sign in "+-"]
        self._last = ()
        if both[0].verdict is both[1].verdict:
            return both[0]
        return unchecked("of the two signs only one was found right")

    def _judge_one(self, tex: str) -> Judgement:
        found: list[Judgement] = []
        for part in clauses(tex):
            cut_clauses = cut(tokens(part))
            if len(cut_clauses) > 1 and not all(clause.relations for clause in cut_clauses):
                return unchecked("a list is not read")
            for clause in cut_clauses:
                found.extend(self._judge_clause(clause))
        return _together(found)

    def pass_line(self, tex: str) -> None:
        """Remember a line that claims nothing, because the next one may go on from it."""
        parts = cut(tokens(tex))
        self._last = parts[-1].sides[-1] if len(parts) == 1 else ()

    def _judge_clause(self, clause: Clause) -> Iterator[Judgement]:
        sides, unit = _bare_sides(clause)
        if clause.relations and not sides[0]:
            yield self._goes_on(clause.relations[0], sides[1], unit)
        elif clause.relations:
            yield from self._first_pair(clause.relations[0], sides, unit)
        for at in range(1, len(clause.relations)):
            yield _pair(sides[at], clause.relations[at], sides[at + 1], unit, chained=True)
        self._remember(clause, sides)

    def _goes_on(self, relation: str, side: Side, unit: bool) -> Judgement:
        if not self._last:
            return unchecked("there is nothing before its relation")

        def decide(both: Sequence[Formula]) -> Judgement:
            rewritten = not may_be_a_proportion(*both) or is_reshaped(*both)
            return judge(both[0], relation, both[1], rewritten=rewritten, unit=unit)

        return under_every_reading((self._last, side), decide)

    def _first_pair(self, relation: str, sides: Sequence[Side], unit: bool) -> Iterator[Judgement]:
        head = _head(sides[0])
        if head is None:
            yield _pair(sides[0], relation, sides[1], unit, chained=False)
        else:
            yield unchecked(PREMISE)
        if relation in ("=", r"\approx"):
            from_above = [self._by_same_head(sides, unit)]
            if head is None:
                from_above.append(self._by_earlier_equations(sides))
            elif relation == "=":
                from_above.append(self._by_definition(head, sides[1]))
            yield from _surest(from_above, relation)

    def _by_definition(self, head: Head, side: Side) -> Judgement:
        """Judge f'(x) and f(2) by what f(x) is."""
        if head.name not in self._definitions:
            return unchecked(PREMISE)
        variable, body = self._definitions[head.name]
        argument = head.argument or ()
        if head.primes:
            variable = variable or text(argument)
        at_itself = not argument or text(argument) == variable
        if at_itself and not head.primes:
            return self._by_same_name(body, side)
        if not at_itself and head.primes:
            return unchecked("a derivative at one point is not checked")
        asked = (body, side) if at_itself else (body, side, argument)

        def decide(formulas: Sequence[Formula]) -> Judgement:
            expected = formulas[0]
            name = variable or next(iter(symbols(expected)), "")
            if (not variable and len(symbols(expected)) != 1) or name not in symbols(expected):
                return unchecked(PREMISE)
            for _ in range(head.primes):
                expected = Apply("derivative", (Symbol(name), expected))
            if not at_itself:
                expected = replaced(expected, name, formulas[2])
            return judge(expected, "=", formulas[1], rewritten=True)

        return under_every_reading(asked, decide)

    def _by_same_name(self, body: Side, side: Side) -> Judgement:
        """Judge a function that is given anew: worked out or factored, or another one of that name."""

        def decide(both: Sequence[Formula]) -> Judgement:
            reshaped = is_reshaped(*both)
            judgement = judge(both[0], "=", both[1], rewritten=reshaped)
            return judgement if reshaped or judgement.verdict is Verdict.RIGHT else unchecked(PREMISE)

        return under_every_reading((body, side), decide)

    def _by_same_head(self, sides: Sequence[Side], unit: bool) -> Judgement:
        """Judge a line that gives the same thing anew: `A = 3 * 4` and then `A = 12`."""
        if not self._last or self._head != text(sides[0]):
            return unchecked(PREMISE)
        last_is_plain = _is_plain_side(sides[-1])

        def decide(both: Sequence[Formula]) -> Judgement:
            before, now = both
            closed = not symbols(before) | symbols(now)
            judgement = judge(before, "=", now, unit=unit)
            may_be_wrong = closed and last_is_plain and not is_plain(before)
            return judgement if may_be_wrong or judgement.verdict is Verdict.RIGHT else unchecked(PREMISE)

        return under_every_reading((self._last, sides[1]), decide)

    def _by_earlier_equations(self, sides: Sequence[Side]) -> Judgement:
        earlier = self._equations[-6:]
        lines = [side for pair in earlier for side in pair]

        def decide(formulas: Sequence[Formula]) -> Judgement:
            step = Equation(formulas[0], formulas[1])
            before = [Equation(*formulas[at : at + 2]) for at in range(2, len(formulas), 2)]
            if len(step.names) == 1:
                return follows(step, _same_problem(step, before))
            return rearranged(step, before)

        return under_every_reading((sides[0], sides[-1], *lines), decide)

    def _remember(self, clause: Clause, sides: Sequence[Side]) -> None:
        if sides[-1] or clause.relations:
            self._last = sides[-1]
        if not clause.relations or not sides[0]:
            return
        self._head = text(sides[0])
        if clause.relations[0] != "=" or any(map(goes_on, clause.sides)):
            return
        head = _head(sides[0])
        if head and not head.primes and head.variable:
            self._definitions[head.name] = (head.variable, sides[1])
        elif len(sides[0]) == 1 and sides[0][0].kind == "letter":
            self._definitions[sides[0][0].text] = ("", sides[1])
        if head is None and _is_readable(sides[0], sides[-1]):
            self._equations.append((sides[0], sides[-1]))


def judge_formula(tex: str) -> Judgement:
    """Judge one formula that stands alone."""
    return Derivation().judge_line(tex)


def _bare_sides(clause: Clause) -> tuple[list[Side], bool]:
    """The sides without the units behind them, and whether there was one."""
    bare = [without_unit(side) if at else (side, "") for at, side in enumerate(clause.sides)]
    return [without_dots(side) for side, _ in bare], any(unit for _, unit in bare)


def _pair(left: Side, relation: str, right_: Side, unit: bool, *, chained: bool) -> Judgement:
    def decide(both: Sequence[Formula]) -> Judgement:
        return judge(both[0], relation, both[1], rewritten=chained and is_reshaped(*both), unit=unit)

    return under_every_reading((left, right_), decide)


def _surest(found: Sequence[Judgement], relation: str) -> list[Judgement]:
    """What is right by anything above; else what is wrong, unless it is but approximate."""
    rights = [judgement for judgement in found if judgement.verdict is Verdict.RIGHT]
    if rights or relation != "=":
        return rights
    return [judgement for judgement in found if judgement.verdict is Verdict.WRONG]


def _head(side: Side) -> Head | None:
    """What a side names, if it is nothing that can be computed: f(x), but not x(x+1)."""
    return None if _is_readable(side) else head_of(side)


def _is_readable(*sides: Side) -> bool:
    return under_every_reading(sides, lambda _: right()).verdict is Verdict.RIGHT


def _is_plain_side(side: Side) -> bool:
    plain = under_every_reading((side,), lambda one: right() if is_plain(one[0]) else unchecked(""))
    return plain.verdict is Verdict.RIGHT


def _same_problem(step: Equation, before: Sequence[Equation]) -> list[Equation]:
    """The equations that a step may follow from: in its unknown, back to where the last one was solved."""
    mine = [equation for equation in before if equation.names == step.names]
    if step.gives_a_value:
        return mine
    if not mine or mine[-1].gives_a_value or any(equation.left == step.left for equation in mine):
        return []
    solved = [at for at, equation in enumerate(mine) if equation.gives_a_value]
    return mine[solved[-1] + 1 :] if solved else mine


def _together(found: Sequence[Judgement]) -> Judgement:
    """One judgement for a line: wrong if any is; unchecked if something of it could not be read."""
    for judgement in found:
        if judgement.verdict is Verdict.WRONG:
            return judgement
    for judgement in found:
        if judgement.verdict is Verdict.UNCHECKED and judgement.message != PREMISE:
            return judgement
    rights = [judgement for judgement in found if judgement.verdict is Verdict.RIGHT]
    return rights[-1] if rights else unchecked(PREMISE)
