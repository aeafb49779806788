"""The loop that writes a scene: what is checked, what is asked again, where it ends, what it says of that."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from quantumsketch.agent.budget import VideoBudget
from quantumsketch.agent.scene_prompts import Canvas
from quantumsketch.agent.scenes import CALLS_KEPT, CODELESS_ANSWERS, SceneVerbs, write_scene
from quantumsketch.checking import SceneCheck
from quantumsketch.errors import SandboxUnavailable
from quantumsketch.llm.types import CoolingDown, ModelEntry, ProviderTimeout, RateLimited
from quantumsketch.storyboard import Beat
from quantumsketch.video import Outcome
from quantumsketch.visuals import TitleCard
from tests.scripted_scenes import CANVAS, IDEA, World, code_of, models, scene, with_code, write


async def test_a_first_answer_that_passes_is_as_planned() -> None:
    written = await write(world := World([f"Here it is:\n```python\n{scene()}\n```"]))
    assert (written.outcome, written.by, written.first_check_passed) == (Outcome.PLANNED, "a", True)
    assert code_of(written) == scene()
    assert written.beat.visual.model_dump()["idea"] == "A blue circle grows."
    assert (written.checks, len(world.asked), written.complaints) == (1, 1, [])
    (call,) = written.calls
    assert (call.purpose, call.beat_id, call.model) == ("scene", "b03", "a")


async def test_what_the_check_mends_by_itself_costs_no_call_and_is_listed() -> None:
    written = await write(world := World([scene("old_name")]))
    assert (written.outcome, written.mended) == (Outcome.PLANNED, ["ShowCreation is Create"])
    assert code_of(written) == scene("new_name")
    assert len(world.asked) == 1


async def test_code_that_is_there_and_passes_needs_no_model() -> None:
    written = await write(world := World([]), with_code(scene("old_name")))
    assert (written.outcome, written.by, written.calls) == (Outcome.PLANNED, "a model", [])
    assert code_of(written) == scene("new_name")
    assert written.mended == ["ShowCreation is Create"]
    assert world.asked == []


async def test_a_fault_goes_back_with_its_lines_and_the_beat_counts_as_repaired() -> None:
    written = await write(world := World([scene("bad_a"), scene()]))
    assert (written.outcome, written.first_check_passed, written.checks) == (Outcome.REPAIRED, False, 2)
    assert "bad_a is not known" in world.last_question
    assert "3 | bad_a" in world.last_question
    assert scene("bad_a") in world.last_question
    assert written.complaints == ["unknown-name, line 3: bad_a is not known"]


async def test_each_new_question_shows_the_last_version_only() -> None:
    world = World([scene("bad_a"), scene("bad_b"), scene()])
    assert (await write(world)).ready
    assert "bad_a" not in world.last_question
    assert [len(messages) for _, messages in world.asked] == [2, 2, 2]


async def test_the_same_complaint_twice_in_a_row_ends_it() -> None:
    written = await write(world := World([scene("bad_1"), scene("bad_2"), scene()]))
    assert written.outcome is None
    assert not written.ready
    assert "twice" in written.ended
    assert len(world.asked) == 2
    assert len(written.complaints) == 2


async def test_a_complaint_that_gets_shorter_is_not_the_same() -> None:
    written = await write(World([scene("bad_a bad_b"), scene("bad_b"), scene()]))
    assert written.outcome is Outcome.REPAIRED


async def test_a_models_scene_with_an_overlap_left_is_not_used() -> None:
    written = await write(World([scene("ugly_a"), scene("ugly_a")]))
    assert written.outcome is None
    assert code_of(written) == scene("ugly_a")


@pytest.mark.parametrize("author", ["you", "a model"])
async def test_a_person_may_lay_a_scene_out_as_they_like(author: str) -> None:
    world = World([scene()])
    written = await write(world, with_code(scene("ugly_a")), author=author)
    if author == "you":
        assert (written.outcome, world.asked) == (Outcome.PLANNED, [])
        assert written.notes == ["overlap at 1.5 s: ugly_a overlaps"]
        assert written.complaints == []
    else:
        assert (written.outcome, len(world.asked)) == (Outcome.REPAIRED, 1)


async def test_a_persons_code_that_does_not_run_is_mended_by_a_model() -> None:
    written = await write(world := World([scene()]), with_code(scene("bad_a")), author="you")
    assert (written.outcome, written.by) == (Outcome.REPAIRED, "a")
    assert scene("bad_a") in world.last_question


async def test_without_a_model_code_that_does_not_run_is_not_used_and_the_best_is_kept() -> None:
    verbs = World([])
    written = await write_scene(
        with_code(scene("bad_a")),
        CANVAS,
        author="you",
        models=[ModelEntry(id="a", litellm_id="", reachable=False, why="no key")],
        verbs=SceneVerbs(verbs.ask, verbs.check, verbs.look_up, verbs.look_up),
        budget=VideoBudget().for_beat(),
    )
    assert (written.outcome, written.ended) == (
        None,
        "no model can be asked to write it: set the key of a provider",
    )
    assert code_of(written) == scene("bad_a")


async def test_a_model_that_fails_makes_room_for_the_next_which_goes_on_from_there() -> None:
    world = World([scene("bad_a"), RateLimited("tired"), scene()])
    written = await write(world)
    assert (written.outcome, written.by) == (Outcome.REPAIRED, "b")
    assert [name for name, _ in world.asked] == ["a", "a", "b"]
    assert "bad_a is not known" in world.last_question
    assert [call.ended for call in written.calls] == ["answered", "RateLimited: tired", "answered"]


async def test_a_failure_before_the_first_answer_does_not_make_it_a_repair() -> None:
    written = await write(World([ProviderTimeout("late"), scene()]))
    assert (written.outcome, written.by) == (Outcome.PLANNED, "b")


async def test_if_every_model_fails_all_causes_are_told() -> None:
    written = await write(World([RateLimited("tired"), ProviderTimeout("late")]))
    assert written.outcome is None
    assert written.ended == "a: RateLimited: tired; b: ProviderTimeout: late"
    assert written.beat == IDEA


async def test_a_model_that_was_not_asked_costs_nothing_of_the_budget() -> None:
    budget = VideoBudget(calls_left=1).for_beat()
    written = await write(World([CoolingDown("it rests"), scene()]), budget=budget)
    assert (written.outcome, len(written.calls)) == (Outcome.PLANNED, 1)


async def test_an_answer_without_code_is_asked_again_and_then_the_next_model() -> None:
    world = World(["I would rather not.", *["Sorry."] * (CODELESS_ANSWERS - 1), scene()])
    written = await write(world)
    assert (written.outcome, written.by) == (Outcome.REPAIRED, "b")
    assert "held no code" in world.asked[1][1][-1].content
    assert "held no code" not in world.asked[0][1][-1].content


async def test_the_budget_of_calls_ends_it_and_is_shared_by_the_beats() -> None:
    video = VideoBudget(calls_left=3, calls_per_beat=3)
    first = await write(World([scene(f"bad_{word}") for word in ("a", "b", "c")]), budget=video.for_beat())
    assert (first.outcome, len(first.calls), first.ended) == (
        None,
        2,
        "the beat's budget of model calls is used up",
    )
    second = await write(World([scene(f"bad_{word}") for word in ("a", "b")]), budget=video.for_beat())
    assert (len(second.calls), second.ended) == (1, "the video's budget of model calls is used up")


async def test_a_call_is_kept_for_a_simpler_visual() -> None:
    budget = VideoBudget(calls_per_beat=3).for_beat()
    await write(World([scene(f"bad_{word}") for word in ("a", "b", "c")]), budget=budget)
    assert budget.calls_left == CALLS_KEPT == 1


async def test_the_budget_of_checks_ends_it() -> None:
    budget = VideoBudget(checks_per_beat=2).for_beat()
    world = World([scene(f"bad_{word}") for word in ("a", "b", "c")])
    written = await write(world, budget=budget)
    assert (written.outcome, len(world.checked), "checks" in written.ended) == (None, 2, True)


@pytest.mark.parametrize("mended", ["", "x" * 20_001])
async def test_code_that_no_visual_can_hold_once_it_is_mended_is_complained_of(mended: str) -> None:
    async def check(beat: Beat) -> SceneCheck:
        return SceneCheck(code=mended, mended=["everything"])

    world = World([scene("one"), scene("two")])
    written = await write_scene(
        IDEA, CANVAS, author="a model", models=models("a"), budget=VideoBudget().for_beat(),
        verbs=SceneVerbs(world.ask, check, world.look_up, world.look_up),
    )  # fmt: skip
    assert (written.outcome, code_of(written), written.mended) == (None, scene("one"), [])
    assert "write the whole scene, shorter" in world.last_question


@pytest.mark.parametrize("error", [SandboxUnavailable("no sandbox"), KeyError("a mistake of ours")])
async def test_what_cannot_be_checked_is_not_used_and_its_calls_are_told(error: Exception) -> None:
    async def broken(beat: Beat) -> SceneCheck:
        raise error

    world = World([scene()])
    verbs = SceneVerbs(world.ask, broken, world.look_up, world.look_up)
    writing = write_scene(
        IDEA, CANVAS, author="a", models=models("a"), verbs=verbs, budget=VideoBudget().for_beat()
    )
    if isinstance(error, KeyError):
        with pytest.raises(KeyError):
            await writing
    else:
        written = await writing
        assert (written.outcome, len(written.calls)) == (None, 1)
        assert written.ended == "the scene could not be checked: no sandbox"


async def test_a_visual_of_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="'title' is drawn by the kit"):
        await write(World([]), IDEA.model_copy(update={"visual": TitleCard(heading="x")}))


@pytest.mark.parametrize(
    ("change", "shape"),
    [
        (lambda: Canvas(8, 14.2, 3.5, 6.2, -5.0, "0.22.0"), "tall"),
        (lambda: Canvas(8, 8, 3.6, 3.6, -3.1, "0.22.0"), "square"),
        (lambda: CANVAS, "wide"),
    ],
)
async def test_a_model_is_told_the_frame_the_version_and_the_seconds(
    change: Callable[[], Canvas], shape: str
) -> None:
    canvas = change()
    world = World([scene()])
    verbs = SceneVerbs(world.ask, world.check, world.look_up, world.look_up)
    await write_scene(
        IDEA, canvas, author="a", models=models("a"), verbs=verbs, budget=VideoBudget().for_beat()
    )
    system, user = (message.content for message in world.asked[0][1])
    assert shape in system
    assert "Manim Community 0.22.0" in system
    assert f"{canvas.width:.1f} x {canvas.height:.1f}" in system
    assert "0.6 s: Here is a circle." in user
    assert "2.2 s: It is round." in user
    assert "a beat of 4 s" in user
    assert len(system) < 6_000


async def test_the_instructions_are_the_same_for_every_beat_so_that_providers_can_cache_them() -> None:
    longer = IDEA.model_copy(update={"narration": "A longer narration. " * 5, "title": "Another"})
    worlds = [World([scene()]), World([scene("bad_a"), scene()])]
    for world, beat in zip(worlds, (IDEA, longer), strict=True):
        await write(world, beat)
    assert len({messages[0].content for world in worlds for _, messages in world.asked}) == 1
