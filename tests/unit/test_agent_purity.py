"""The loops are pure: they need no event loop, nothing of this machine, and end whatever a model does."""

from __future__ import annotations

import ast
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import quantumsketch.agent
from quantumsketch.agent.budget import VideoBudget
from quantumsketch.agent.scenes import CALLS_KEPT, Written
from quantumsketch.agent.storyboarding import (
    COMPLAINTS_PER_MODEL,
    MISFITS_PER_MODEL,
    Drafted,
    write_storyboard,
)
from quantumsketch.checking import Verdict
from quantumsketch.errors import ModelFailed
from quantumsketch.llm.types import CoolingDown, RateLimited
from quantumsketch.storyboard import Storyboard
from quantumsketch.video import Outcome
from tests import scripted_storyboards as plans
from tests.scripted_scenes import IDEA, Said, World, code_of, scene, uses, with_code, write

Given = TypeVar("Given")
HARMLESS = {
    "__future__",
    "collections",
    "copy",
    "dataclasses",
    "difflib",
    "functools",
    "hashlib",
    "html",
    "json",
    "re",
    "typing",
    "unicodedata",
}
FILES = sorted(Path(quantumsketch.agent.__file__).parent.glob("*.py"))


def without_an_event_loop(coroutine: Coroutine[Any, Any, Given]) -> Given:
    """Run to the end what waits for nothing but its verbs, which here answer at once."""
    with pytest.raises(StopIteration) as stop:
        coroutine.send(None)
    result: Given = stop.value.value
    return result


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_of_the_standard_library_a_loop_uses_what_gives_the_same_everywhere(file: Path) -> None:
    imported = {
        (node.module or "") if isinstance(node, ast.ImportFrom) else name.name
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }
    roots = {name.partition(".")[0] for name in imported}
    assert roots <= HARMLESS | {"pydantic", "quantumsketch"}


def test_the_files_are_there() -> None:
    assert len(FILES) > 15


tool_calls = st.lists(
    st.one_of(
        st.tuples(
            st.just("check_scene"), st.fixed_dictionaries({"code": st.sampled_from(["bad_a", "ugly_a", "c"])})
        ),
        st.tuples(st.sampled_from(["find_manim", "recall", "delete_all"]), st.just({"query": "x"})),
    ),
    min_size=1,
    max_size=3,
).map(
    lambda calls: uses(
        *[(name, {k: scene(v) if k == "code" else v for k, v in given.items()}) for name, given in calls]
    )
)
marks = st.lists(st.sampled_from(["bad_a", "bad_b", "ugly_a", "ugly_b", "old_name"]), max_size=2).map(
    " ".join
)
said = st.one_of(
    st.builds(scene, marks),
    st.sampled_from(["Sorry.", "DONE", ""]),
    st.builds(RateLimited, st.just("tired")),
    st.builds(CoolingDown, st.just("it rests")),
    tool_calls,
)


@settings(max_examples=100, deadline=None)
@given(
    script=st.lists(said, max_size=12),
    given_code=st.none() | marks,
    author=st.sampled_from(["you", "a model"]),
    calls=st.integers(0, 9),
    checks=st.integers(0, 5),
    turns=st.integers(0, 3),
)
def test_whatever_models_do_the_writing_ends_within_its_budget_and_tells_the_truth(
    script: list[Said], given_code: str | None, author: str, calls: int, checks: int, turns: int
) -> None:
    world = World([*script, *[ModelFailed("the script is over")] * 3])
    video = VideoBudget(
        calls_left=7, calls_per_beat=calls, checks_per_beat=checks, tool_turns_per_answer=turns
    )
    budget = video.for_beat()
    beat = IDEA if given_code is None else with_code(scene(given_code))
    written: Written = without_an_event_loop(write(world, beat, "a", "b", "c", author=author, budget=budget))
    assert len(written.calls) == calls - budget.calls_left == 7 - video.calls_left
    assert len(written.calls) <= max(0, calls - CALLS_KEPT)
    assert written.checks == len(world.checked) == checks - budget.checks_left
    assert len(set(world.checked)) == len(world.checked), "nothing is checked twice"
    if written.ready:
        code = code_of(written)
        assert code is not None
        assert "bad_" not in code
        assert "ugly_" not in code or (written.by == author == "you" and written.notes)
        assert written.ended
        assert (written.outcome is Outcome.PLANNED) <= (not written.complaints)
    else:
        assert written.ended


def drafted_or_told(writing: Coroutine[Any, Any, Drafted]) -> tuple[Drafted | None, str]:
    try:
        return without_an_event_loop(writing), ""
    except ModelFailed as exhausted:
        return None, str(exhausted)


board = st.lists(st.sampled_from(["1 = 1", "1 = 2", r"\frac", "x = 1"]), min_size=1, max_size=4)
answers = st.one_of(
    board.map(lambda texs: plans.storyboard("A", *texs)),
    st.just("no JSON"),
    st.just('{"beats": [{"number": 1, "beat": null}]}'),
    st.builds(RateLimited, st.just("tired")),
    st.builds(CoolingDown, st.just("it rests")),
)


@settings(max_examples=100, deadline=None)
@given(scripts=st.lists(st.lists(answers, max_size=5), min_size=1, max_size=3), last=st.booleans())
def test_whatever_models_do_a_storyboard_comes_out_or_every_cause_is_told(
    scripts: list[list[Storyboard | str | ModelFailed]], last: bool
) -> None:
    names = "abc"[: len(scripts)]
    ask = plans.Scripted(
        **{name: [*script, *[ModelFailed("over")] * 4] for name, script in zip(names, scripts, strict=True)}
    )
    writing = write_storyboard(
        "x",
        max_beats=3,
        models=plans.models(*names),
        ask=ask,
        offline=plans.offline if last else None,
        check=plans.check,
    )
    drafted, told = drafted_or_told(writing)
    if drafted is None:
        assert not last
        assert all(f"\n- {name}: " in told for name in names)
        return
    most = (1 + COMPLAINTS_PER_MODEL + MISFITS_PER_MODEL) * len(names)
    assert len(ask.asked) == len(drafted.attempts) <= most
    assert len(drafted.storyboard.beats) <= 3
    wrong = drafted.mathematics.of(Verdict.WRONG)
    assert len([note for note in drafted.notes if note.startswith("WRONG")]) == len(wrong)
    if wrong:
        assert set(ask.names) == set(names), "wrong only if nobody else had better"
