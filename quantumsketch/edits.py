"""What a person's own changes say about what they prefer: rules, no guesses. Pure.

A word was taken out of a storyboard if every beat that said it is still there, much the same, and none says
it any more: words that went with a beat, or with a text written anew, tell nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from pydantic import BaseModel, ConfigDict

from quantumsketch.preferences import LOOK_OPTIONS, About
from quantumsketch.storyboard import LONGEST_PHRASE, Look, Storyboard

STORYBOARDS_NEEDED = 2
"""Out of so many different storyboards a word was taken before it is avoided."""
VIDEOS_NEEDED = 3
"""In so many videos on end a look was asked for before it is preferred."""
_MUCH_THE_SAME = 0.5
"""Share of two texts' words that they have in common."""
_FORMULA = re.compile(r"\$[^$]*\$")
_WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")
_SHORTEST_WORD = 4
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
    """A storyboard as it was planned, and what a person took out of it since."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    script: Script
    without: list[str] = []


def with_choices(before: Choices, video_id: str, look: Look) -> Choices:
    """Return the choices once one more video was asked for; an option that it leaves open begins anew."""
    chosen = {about: str(getattr(look, about)) for about in LOOK_OPTIONS if about in look.model_fields_set}
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


def origin(edited: Script, plans: Sequence[Script]) -> int | None:
    """Return which of the plans `edited` came from, None if from none; of equals the first.

    One of that plan's beats is left and its title, or so many beats that they are half of the storyboard.
    """
    left = [_beats_left(plan, edited) for plan in plans]
    fitting = [
        index
        for index, (plan, (alike, _)) in enumerate(zip(plans, left, strict=True))
        if alike and (2 * alike >= len(edited.beats) or plan.title == edited.title)
    ]
    return max(fitting, key=lambda index: left[index], default=None)


def words_taken_out(plan: Script, edited: Script) -> list[str]:
    """Return the words, in small letters, that `plan` says and that were taken out of all its beats."""
    left = _words(edited.title).union(*(_words_of(beat) for beat in edited.beats))
    partners = [(_words_of(beat), _partner(beat, edited)) for beat in plan.beats]
    said = set[str]().union(*(words for words, _ in partners))
    return sorted(
        word
        for word in said - left
        if all(partner is not None for words, partner in partners if word in words)
    )


def taken_out_again(plans: Sequence[Plan]) -> dict[str, list[str]]:
    """Return the words that were taken out of enough plans, with the titles of those."""
    titles: dict[str, list[str]] = {}
    for plan in plans:
        for word in plan.without:
            titles.setdefault(word, []).append(plan.script.title)
    return {word: found for word, found in titles.items() if len(found) >= STORYBOARDS_NEEDED}


def _beats_left(plan: Script, edited: Script) -> tuple[int, int]:
    """How many beats of the plan are still there, much the same, and how many word for word."""
    partners = [(beat, _partner(beat, edited)) for beat in plan.beats]
    alike = [(beat, partner) for beat, partner in partners if partner]
    return len(alike), sum(beat.narration == partner.narration for beat, partner in alike)


def _partner(beat: ScriptBeat, edited: Script) -> ScriptBeat | None:
    """The beat that `beat` became, if it is much the same."""
    alike = max(edited.beats, key=lambda other: _likeness(beat, other), default=None)
    return alike if alike and _likeness(beat, alike) >= _MUCH_THE_SAME else None


def _likeness(one: ScriptBeat, other: ScriptBeat) -> float:
    ours, theirs = (Counter(_tokens(each.narration)) for each in (one, other))
    together = ours.total() + theirs.total()
    return 2 * (ours & theirs).total() / together if together else float(one.title == other.title)


def _words_of(beat: ScriptBeat) -> set[str]:
    return _words(beat.title) | _words(beat.narration)


def _words(text: str) -> set[str]:
    """The words of a text that can be avoided: no numbers, no formulas, none that no text is without."""
    return {word for word in _tokens(text) if _can_be_avoided(word)}


def _tokens(text: str) -> Iterator[str]:
    return (match[0].casefold() for match in _WORD.finditer(_FORMULA.sub(" ", text)))


def _can_be_avoided(word: str) -> bool:
    fits = _SHORTEST_WORD <= len(word) <= LONGEST_PHRASE
    return fits and word not in _STOP_WORDS and not any(char.isdigit() for char in word)
