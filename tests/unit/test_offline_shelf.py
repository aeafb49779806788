"""The worked storyboards: every one can be shown as it is, and what it says is what it shows."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

import pytest
from pydantic import BaseModel

from quantumsketch.expression import evaluate
from quantumsketch.llm.offline.shelf import WorkedExample, worked_examples
from quantumsketch.narration import phrase_at, words
from quantumsketch.storyboard import Beat
from quantumsketch.visuals import FunctionPlot, Revealed

_EXAMPLES = worked_examples()
_BEATS = [(e.name, n, beat) for e in _EXAMPLES for n, beat in enumerate(e.storyboard.beats, start=1)]
_IDS = [f"{name} {number}" for name, number, _ in _BEATS]
_TYPED_KINDS = set(
    "title bullets derivation plot geometry bars number_line graph table code comparison timeline".split()  # noqa: SIM905  (a list reads worse)
)


def _lists(part: BaseModel) -> Iterator[list[Revealed]]:
    """Every list of parts that appear one after the other."""
    for name in type(part).model_fields:
        value = getattr(part, name)
        if isinstance(value, list):
            yield [item for item in value if isinstance(item, Revealed)]
        elif isinstance(value, BaseModel):
            yield from _lists(value)
            yield [value] if isinstance(value, Revealed) else []


def test_the_shelf_is_well_filled_and_every_typed_kind_is_shown() -> None:
    assert len(_EXAMPLES) >= 16
    assert len({example.name for example in _EXAMPLES}) == len(_EXAMPLES)
    assert {beat.visual.kind for _, _, beat in _BEATS} == _TYPED_KINDS


@pytest.mark.parametrize("example", _EXAMPLES, ids=lambda example: example.name)
def test_a_worked_example_opens_with_a_title_and_has_five_to_eight_beats(example: WorkedExample) -> None:
    assert 5 <= len(example.storyboard.beats) <= 8
    assert example.storyboard.beats[0].visual.kind == "title"
    assert example.elsewhere, "near misses keep the matching honest"


@pytest.mark.parametrize("example", _EXAMPLES, ids=lambda example: example.name)
def test_a_shorter_version_keeps_whole_beats_in_their_order(example: WorkedExample) -> None:
    whole = example.storyboard.beats
    for room in range(1, 25):
        kept = example.shortened(room).beats
        assert len(kept) == min(room, len(whole))
        assert [beat for beat in whole if beat in kept] == kept
    assert example.shortened(1).beats[0].visual.kind != "title"
    assert whole[-1] in example.shortened(4).beats


@pytest.mark.parametrize(("name", "number", "beat"), _BEATS, ids=_IDS)
def test_the_narration_is_spoken_language_of_a_fitting_length(name: str, number: int, beat: Beat) -> None:
    assert 25 <= len(words(beat.narration)) <= 60
    assert not re.search(r"[$\\{}^_=*]", beat.narration)
    assert len(beat.title) <= 40


@pytest.mark.parametrize(("name", "number", "beat"), _BEATS, ids=_IDS)
def test_parts_appear_when_they_are_spoken_of_and_in_order(name: str, number: int, beat: Beat) -> None:
    for parts in _lists(beat.visual):
        cues = [part.cue for part in parts if part.cue]
        said = [phrase_at(beat.narration, cue) for cue in cues]
        missing = [cue for cue, at in zip(cues, said, strict=True) if at is None]
        assert not missing
        assert said == sorted(at for at in said if at is not None)


@pytest.mark.parametrize(
    ("name", "number", "plot"),
    [(name, n, beat.visual) for name, n, beat in _BEATS if isinstance(beat.visual, FunctionPlot)],
)
def test_curves_are_defined_and_points_lie_on_one_of_them(name: str, number: int, plot: FunctionPlot) -> None:
    start, end = plot.x_range
    assert plot.y_range
    low, high = plot.y_range
    functions = [evaluate(curve.expression) for curve in plot.curves]
    for function in functions:
        values = [function(start + (end - start) * i / 100) for i in range(101)]
        assert sum(map(math.isfinite, values)) >= 100
        assert sum(low <= value <= high for value in values) >= 35
    for point in plot.points:
        assert any(abs(function(point.x) - point.y) < 0.03 for function in functions)
