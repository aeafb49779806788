"""What a person's own changes say about what they prefer: rules, no guesses. Pure.

A word was taken out of a storyboard if another was put in its place wherever it stood, in sentences that
stayed otherwise as they were, and none says it any more. What was left out or written anew tells nothing, and
no more does what is not plainly English.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import chain

from pydantic import BaseModel, ConfigDict

from quantumsketch.avoided_words import as_compared
from quantumsketch.preferences import About
from quantumsketch.storyboard import LONGEST_PHRASE, Look, Storyboard

STORYBOARDS_NEEDED = 2
"""Out of so many different storyboards a word was taken before it is avoided."""
VIDEOS_NEEDED = 3
"""In so many videos on end a look was asked for before it is preferred."""
LEARNT_OPTIONS = (About.ASPECT, About.THEME)
"""Not the quality: drafts are made to look at, and say nothing of the film."""
_MUCH_THE_SAME = 0.5
"""Share of two texts' words that they have in common."""
_MOST_REPLACED = 3
"""Words at one place: who replaces more writes a sentence of their own."""
_FORMULA = re.compile(r"\$[^$]*\$")
_WORD = re.compile(r"[^\W_]+(?:['\-][^\W_]+)*")
_SENTENCE_ENDS = re.compile(r"(?<=[.!?])\s+")
_SHORTEST_WORD = 4
_UNMISTAKABLY_ENGLISH = frozenset(["the", "and", "of", "to", "that", "this", "with", "for", "are", "it"])
_LEAST_ENGLISH = 0.1
"""Share of the words of an English text that are of these, at least: a quarter is usual."""
_TOO_COMMON = (
    "about above after again also although always another around because been before being below between both"
    " cannot could does done down during each either else even ever every first from further goes have having"
    " hence here hers herself himself into itself just know last less like made make many more most much must"
    " myself neither never next none nothing once only onto other others ours over same second shall should"
    " show shown shows since some something such take taken than that their theirs them then there therefore"
    " these they third this those though three through thus together toward under until upon very want well"
    " were what when where whether which while whom whose will with within without would your yours"
)
_STOP_WORDS = frozenset(_TOO_COMMON.split())


class Choice(BaseModel):
    """What one option of a look was given as, and for which video."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    value: str
    video: str


Choices = dict[About, list[Choice]]
"""The choices of the newest videos on end, by option."""


class ScriptBeat(BaseModel):
    """What one beat says."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    narration: str


class Script(BaseModel):
    """What a storyboard says: its titles and narrations."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    beats: list[ScriptBeat]

    @classmethod
    def of(cls, storyboard: Storyboard) -> Script:
        """Return what `storyboard` says."""
        beats = [ScriptBeat(title=beat.title, narration=beat.narration) for beat in storyboard.beats]
        return cls(title=storyboard.title, beats=beats)


class Plan(BaseModel):
    """A storyboard as it was planned, what a person took out of it since, and what was made of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    script: Script
    without: list[str] = []
    videos: list[str] = []


class Edit(BaseModel):
    """Which of some plans a storyboard came from, and what was taken out of that."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    plan: int
    without: list[str]


def with_choices(before: Choices, video_id: str, look: Look) -> Choices:
    """Return the choices once one more video was asked for; an option that it leaves open begins anew."""
    chosen = {about: str(getattr(look, about)) for about in LEARNT_OPTIONS if about in look.model_fields_set}
    return {
        about: [*before.get(about, []), Choice(value=value, video=video_id)][-VIDEOS_NEEDED:]
        for about, value in chosen.items()
    }


def chosen_again(choices: Choices) -> Choices:
    """Return the options for which enough videos on end were given the same."""
    return {
        about: made
        for about, made in choices.items()
        if len(made) == VIDEOS_NEEDED and len({choice.value for choice in made}) == 1
    }


def edit_of(edited: Script, plans: Sequence[Script]) -> Edit | None:
    """Return what was done to the plan that `edited` came from; None if it came from none of them."""
    index = origin(edited, plans)
    return None if index is None else Edit(plan=index, without=words_taken_out(plans[index], edited))


def origin(edited: Script, plans: Sequence[Script]) -> int | None:
    """Return which of the plans `edited` came from, None if from none; of equals the first.

    One of that plan's beats is left and its title, or so many beats that they are half of the storyboard.
    """
    beats = [_Beat(beat) for beat in edited.beats]
    left = [_beats_left(plan, beats) for plan in plans]
    fitting = [
        index
        for index, (plan, (alike, _)) in enumerate(zip(plans, left, strict=True))
        if alike and (2 * alike >= len(beats) or plan.title == edited.title)
    ]
    return max(fitting, key=lambda index: left[index], default=None)


def words_taken_out(plan: Script, edited: Script) -> list[str]:
    """Return the words, as they are compared, that were replaced wherever `plan` said them."""
    if not _is_plainly_english(plan):
        return []
    pairs = list(_pairs(plan, edited))
    left = set(chain.from_iterable(_tokens(text) for text in _texts(edited)))
    said = {word for before, _ in pairs for word in before if _can_be_avoided(word)} - left
    replaced = [(set(before), _replaced(before, after)) for before, after in pairs]
    return sorted(word for word in said if all(word in gone for before, gone in replaced if word in before))


def taken_out_again(plans: Sequence[Plan]) -> dict[str, list[str]]:
    """Return the words that were taken out of enough plans, with the titles of those."""
    titles: dict[str, list[str]] = {}
    for plan in plans:
        for word in plan.without:
            titles.setdefault(word, []).append(plan.script.title)
    return {word: found for word, found in titles.items() if len(found) >= STORYBOARDS_NEEDED}


class _Beat:
    """A beat, whose words are looked up once."""

    def __init__(self, beat: ScriptBeat) -> None:
        self.beat = beat
        self.words = frozenset(_tokens(beat.narration))


def _beats_left(plan: Script, edited: Sequence[_Beat]) -> tuple[int, int]:
    """How many beats of the plan are still there, much the same, and how many word for word."""
    partners = [(beat, _partner(_Beat(beat), edited)) for beat in plan.beats]
    alike = [(beat, partner) for beat, partner in partners if partner]
    return len(alike), sum(beat.narration == partner.narration for beat, partner in alike)


def _partner(beat: _Beat, edited: Sequence[_Beat]) -> ScriptBeat | None:
    """The beat that `beat` became, if it is much the same."""
    alike = max(edited, key=lambda other: _likeness(beat, other), default=None)
    return alike.beat if alike and _likeness(beat, alike) >= _MUCH_THE_SAME else None


def _likeness(one: _Beat, other: _Beat) -> float:
    together = len(one.words) + len(other.words)
    return (
        2 * len(one.words & other.words) / together if together else float(one.beat.title == other.beat.title)
    )


def _pairs(plan: Script, edited: Script) -> Iterator[tuple[list[str], list[str]]]:
    """The words of each title and sentence of the plan, and of what stands there now: nothing if it went."""
    beats = [_Beat(beat) for beat in edited.beats]
    yield _tokens(plan.title), _tokens(edited.title)
    for beat in plan.beats:
        partner = _partner(_Beat(beat), beats)
        yield _tokens(beat.title), _tokens(partner.title) if partner else []
        now = [_tokens(sentence) for sentence in _sentences(partner.narration)] if partner else []
        for sentence in _sentences(beat.narration):
            before = _tokens(sentence)
            yield before, max(now, key=lambda after: len({*before} & {*after}), default=[])


def _replaced(before: Sequence[str], after: Sequence[str]) -> set[str]:
    """The words that others took the place of, if all else stayed, and that is the half at least."""
    steps = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    changes = [(before[i1:i2], after[j1:j2]) for what, i1, i2, j1, j2 in steps if what != "equal"]
    if any(not 0 < len(side) <= _MOST_REPLACED for change in changes for side in change):
        return set()
    gone = [word for old, _ in changes for word in old]
    return set(gone) if 2 * len(gone) <= len(before) else set()


def _is_plainly_english(script: Script) -> bool:
    words = list(chain.from_iterable(_tokens(beat.narration) for beat in script.beats))
    return sum(word in _UNMISTAKABLY_ENGLISH for word in words) >= max(1, _LEAST_ENGLISH * len(words))


def _texts(script: Script) -> Iterable[str]:
    return script.title, *(text for beat in script.beats for text in (beat.title, beat.narration))


def _sentences(text: str) -> list[str]:
    return _SENTENCE_ENDS.split(text)


def _tokens(text: str) -> list[str]:
    """The words of a text: no formulas."""
    return _WORD.findall(_FORMULA.sub(" ", as_compared(text)))


def _can_be_avoided(word: str) -> bool:
    """No numbers, and none that no text is without."""
    fits = _SHORTEST_WORD <= len(word) <= LONGEST_PHRASE
    return fits and word not in _STOP_WORDS and not any(char.isdigit() for char in word)
