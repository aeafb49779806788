"""Words around a statement that say why it may stand there though it does not hold.

Only words that are right about it count: in its own text or note, over its column, in its row. The words of
the whole beat can say no more than that a contradiction is meant, or that numbers are counted in another way.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from quantumsketch.mathematics.claims import Judgement, Kind, unchecked

_MEANT_TO_BE_FALSE = re.compile(
    r"contradic|no solution|unsolvable|inconsistent|impossib|\bfalse\b|mistake|fallac|paradox|incorrect"
    r"|\bwrong\b|absurd|nonsense|misconception|widerspruch|falsch|unmöglich|\bfaux\b|\bfalso\b|errone"
    r"|not true|invalid",
    re.IGNORECASE,
)
_CONTRADICTION = re.compile(
    r"contradic|no solution|unsolvable|inconsistent|impossib|absurd|fallac|paradox|never true|parallel"
    r"|widerspruch|keine lösung|\bfalse\b|not true",
    re.IGNORECASE,
)
_ANOTHER_ARITHMETIC = re.compile(
    r"\bmod\b|modul|congruen|clock|\bbinary\b|boolean|\bxor\b|hexadecimal|\boctal\b|\bbase[ -](two|\d)"
    r"|finite field|logic gate|truth table|\bbits?\b|tropical|cyclic group|p-adic|floating.point",
    re.IGNORECASE,
)
_SIZES = re.compile(r"matri|dimension|tensor|\bgrid|\bshapes?\b|kernel|convol|layer|pixel", re.IGNORECASE)
"""Where 2 times 3 is a size, and no product."""
_BY_A_METHOD = re.compile(
    r"taylor|maclaurin|newton|iterat|linear|series|riemann|trapez|simpson|estimat|partial sum|first.order"
    r"|small.angle|guess|rough|bisect|euler's method|numerical",
    re.IGNORECASE,
)

_DRAWN_SO = re.compile(
    r"\bhole|discontinu|removable|\bjump|outlier|\bdata\b|measure|nois[ey]|regress|residual|\bfit\b|to scale"
    r"|sketch|distort",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Words:
    """What stands right about a statement, what is said in its beat, and what the video is about."""

    near: str
    beat: str
    video: str


def excused(judgement: Judgement, statement: str, words: Words) -> Judgement:
    """Take `wrong` back where the words explain it; the message keeps what was found."""
    everywhere = f"{words.near} {words.beat} {words.video}"
    found = judgement.message
    if match := _MEANT_TO_BE_FALSE.search(words.near):
        return unchecked(f"it does not hold, and seems to be meant so ({match.group()!r}): {found}")
    if judgement.kind is Kind.CONTRADICTION and (match := _CONTRADICTION.search(words.beat)):
        return unchecked(f"it does not hold, and seems to be meant so ({match.group()!r}): {found}")
    is_arithmetic = judgement.kind in (Kind.NUMBERS, Kind.CONTRADICTION)
    if is_arithmetic and (match := _ANOTHER_ARITHMETIC.search(everywhere)):
        return unchecked(f"it may hold in another arithmetic ({match.group()!r}): {found}")
    if judgement.kind is Kind.DRAWING and (match := _DRAWN_SO.search(everywhere)):
        return unchecked(f"drawn so on purpose, perhaps ({match.group()!r}): {found}")
    if r"\times" in statement and (match := _SIZES.search(everywhere)):
        return unchecked(f"sizes, perhaps, and no products ({match.group()!r}): {found}")
    if r"\approx" in statement and (match := _BY_A_METHOD.search(everywhere)):
        return unchecked(f"a step of an approximation, perhaps ({match.group()!r}): {found}")
    return judgement
