"""What a storyboard is sent back for: its narration, its cues, its beats, its formulas, its mathematics.

The rules here need nobody; what has to be computed or typeset comes from an injected check. Knows no model.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from pydantic import BaseModel, ConfigDict

from quantumsketch.avoided_words import says, texts_shown
from quantumsketch.checking import FormulaReport, MathReport, MathStatement, Verdict
from quantumsketch.narration import phrase_at, words
from quantumsketch.storyboard import Beat, Storyboard
from quantumsketch.visuals import Revealed, Visual

FEWEST_WORDS, MOST_WORDS = 6, 95
"""Of a beat's narration: below, nothing is explained; above, one picture stands for too long."""
FEWEST_WORDS_OF_A_CARD = 3
WORDS_PER_PART = 2
"""Words that have to be spoken for each part that appears: less than a second a part is a blur."""
MOST_WORDS_ON_AVERAGE = 75
_CHARACTERS_PER_WORD = 8
"""Few languages have longer words; those written without spaces are counted by it."""
_MARKUP = re.compile(
    r"\$(?!\d)[^$\s][^$]{0,60}\$|\\[a-zA-Z]{2,}|\*\*|`|^\s*#+\s|</?[a-zA-Z][^>]{0,40}>|[_^]\{|\w\^\w",
    re.MULTILINE,
)


class Checked(BaseModel):
    """What the check of a storyboard computed and typeset."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    mathematics: MathReport = MathReport()
    formulas: FormulaReport = FormulaReport()
    notes: list[str] = []
    """What could not be checked at all, and why."""


Check = Callable[[Storyboard], Awaitable[Checked]]


async def unchecked(_storyboard: Storyboard) -> Checked:
    """The check of a product that has none; it says so."""
    return Checked(notes=["the mathematics and the formulas were not checked: there is no check here"])


@dataclass(frozen=True)
class Review:
    """What is wrong with a storyboard: mathematics that must not be shown, and what could be better."""

    wrong: list[str] = field(default_factory=list)
    soft: list[str] = field(default_factory=list)
    checked: Checked = field(default_factory=Checked)

    @property
    def complaints(self) -> list[str]:
        """All of it, the gravest first."""
        return [*self.wrong, *self.soft]

    @property
    def weight(self) -> tuple[int, int]:
        """How bad it is, for choosing among several."""
        return len(self.wrong), len(self.soft)


async def review(storyboard: Storyboard, check: Check, avoid: Sequence[str] = ()) -> Review:
    """Check a storyboard by our own rules and by `check`; it may neither say nor show words to `avoid`."""
    found = await checked_only(storyboard, check, avoid)
    return replace(found, soft=[*found.soft, *_faults(storyboard)])


async def checked_only(storyboard: Storyboard, check: Check, avoid: Sequence[str] = ()) -> Review:
    """Check a storyboard by `check` and for words to avoid: what nobody writes again, or whose words stay."""
    checked = await check(storyboard)
    wrong = [_wrong(statement) for statement in checked.mathematics.of(Verdict.WRONG)]
    refused = [
        f"{formula.place}: TeX does not take {formula.tex!r}: {formula.message}"
        for formula in checked.formulas.refused
    ]
    said = places_left(storyboard, avoid)
    return Review(wrong=wrong, soft=[*refused, *said], checked=checked)


def words_left(storyboard: Storyboard, avoid: Sequence[str]) -> list[str]:
    """Return those of the words to avoid that a storyboard says or shows."""
    texts = [text for _, those in _places(storyboard) for text in those]
    return [word for word in avoid if any(says(text, word) for text in texts)]


def words_shown(visual: Visual, avoid: Sequence[str]) -> list[str]:
    """Return those of the words to avoid that a visual shows."""
    texts = [*texts_shown(visual)]
    return [word for word in avoid if any(says(text, word) for text in texts)]


def places_left(storyboard: Storyboard, avoid: Sequence[str]) -> list[str]:
    """Return where a storyboard says or shows words to avoid, and which, a line each."""
    return [
        f"{place} {', '.join(map(repr, left))}, which is to be avoided"
        for place, texts in _places(storyboard)
        if (left := [word for word in avoid if any(says(text, word) for text in texts)])
    ]


def _places(storyboard: Storyboard) -> Iterator[tuple[str, list[str]]]:
    """All that is said and shown, by where that is."""
    yield "the video's title says", [storyboard.title]
    yield "the summary says", [storyboard.summary]
    for number, beat in enumerate(storyboard.beats, start=1):
        yield f"beat {number}: the title says", [beat.title]
        yield f"beat {number}: the narration says", [beat.narration]
        yield f"beat {number}: the visual shows", [*texts_shown(beat.visual)]


def _wrong(statement: MathStatement) -> str:
    return f"{statement.place}: {statement.statement!r} is wrong: {statement.message}"


def _faults(storyboard: Storyboard) -> Iterator[str]:
    for number, beat in enumerate(storyboard.beats, start=1):
        for fault in (*_narration_faults(beat), *_cue_faults(beat)):
            yield f"beat {number}: {fault}"
    yield from _length_faults(storyboard)
    yield from _repetitions(storyboard)


def _narration_faults(beat: Beat) -> Iterator[str]:
    if found := _MARKUP.search(beat.narration):
        yield (
            f"the narration holds {found[0]!r}, but it is spoken: write it in words, such as 'x squared', and"
            " put formulas on screen"
        )
    count = len(words(beat.narration))
    least = FEWEST_WORDS_OF_A_CARD if beat.visual.kind == "title" else FEWEST_WORDS
    if max(count, len(beat.narration) // _CHARACTERS_PER_WORD) < least:
        yield f"the narration has only {count} words: explain what is seen, in 15 to 75 words"
    elif count > MOST_WORDS:
        yield f"the narration has {count} words: say it in at most 75, or make two beats of it"
    elif count < WORDS_PER_PART * (parts := len(_parts(beat.visual))):
        yield (
            f"the narration has {count} words for {parts} parts that appear one by one: say more about them,"
            " or show fewer"
        )


def _cue_faults(beat: Beat) -> Iterator[str]:
    unsaid = [
        part.cue
        for part in _parts(beat.visual)
        if part.cue is not None and phrase_at(beat.narration, part.cue) is None
    ]
    if unsaid:
        yield (
            f"the narration does not say {', '.join(map(repr, unsaid))}: a cue is copied word for word from"
            " the narration of its own beat"
        )


def _length_faults(storyboard: Storyboard) -> Iterator[str]:
    total = sum(len(words(beat.narration)) for beat in storyboard.beats)
    beats = len(storyboard.beats)
    if beats > 1 and total > MOST_WORDS_ON_AVERAGE * beats:
        yield f"the {beats} narrations have {total} words together: shorten them to {60 * beats} at most"


def _repetitions(storyboard: Storyboard) -> Iterator[str]:
    for what in ("title", "narration", "visual"):
        seen: dict[object, int] = {}
        for number, beat in enumerate(storyboard.beats, start=1):
            value = getattr(beat, what)
            key = value.casefold() if isinstance(value, str) else value.model_dump_json()
            if (first := seen.setdefault(key, number)) != number:
                yield f"beat {number} has the {what} of beat {first}: each beat shows a thought of its own"


def _parts(visual: BaseModel) -> list[Revealed]:
    """Everything in a visual that appears at a moment of its own, in the order of its fields."""
    found: list[Revealed] = []
    for name in type(visual).model_fields:
        value = getattr(visual, name)
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, Revealed):
                found.append(item)
            elif isinstance(item, BaseModel):
                found += _parts(item)
    return found
