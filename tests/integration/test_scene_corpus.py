"""What becomes of each scene of the corpus: mended, named, found, refused; and the good ones are left alone.

Most are checked in this process, by the very function that the sandbox calls: the import of Manim is paid
once. What could do harm, or never ends, and a few others, go through the real sandbox.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from manim import tempconfig

from quantumsketch.checking import SceneCheck, SceneCheckRequest, Verdict
from quantumsketch.mathematics.report import check as check_mathematics
from quantumsketch.storyboard import Beat, Look
from quantumsketch.tools.tool import Ended, Reply
from quantumsketch.visuals import ManimCode
from renderers.manim.checking.scene_check import check_scene
from renderers.manim.tools import CHECK_FORMULAS, CHECK_SCENE, fault_of
from tests.sandbox_calls import toolbox
from tests.scene_corpus import (
    Becomes,
    BrokenScene,
    GoodScene,
    broken_scenes,
    disagreements,
    good_scenes,
    scene_for,
    storyboards,
)

pytestmark = pytest.mark.slow

ENDLESS_S, PATIENCE_S = 2.0, 60.0
"""What a scene may take in this process: one that never ends, and the others."""
SHORT_WALL_S = 6.0
"""For what only the sandbox's own clock ends; long enough for the import of Manim."""
IN_PROCESS = [scene for scene in broken_scenes() if not scene.dangerous]
IN_SANDBOX = [
    *(scene for scene in broken_scenes() if scene.dangerous),
    *(scene for scene in broken_scenes() if scene.name == "tex_undefined"),
]


@pytest.fixture(scope="module", autouse=True)
def folder_for_tex(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Manim keeps its formulas below the working folder; one folder for all, so that each is set once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("scenes"))
        yield


def checked(beat: Beat, look: Look, seconds: float = PATIENCE_S) -> SceneCheck:
    with tempconfig({}):  # some scenes change Manim's settings
        return check_scene(SceneCheckRequest(beat=beat, look=look), seconds)


async def checked_in_sandbox(beat: Beat, look: Look, folder: Path, wall_s: float) -> Reply[SceneCheck]:
    policy = replace(CHECK_SCENE.policy, limits=replace(CHECK_SCENE.policy.limits, wall_s=wall_s))
    patient = replace(CHECK_SCENE, policy=policy)
    request = SceneCheckRequest(beat=beat, look=look)
    return await toolbox(folder / "scratch", patient).call(patient, request, keep=folder / "keep")


def test_the_corpus_is_as_large_as_promised_and_every_complaint_has_its_answer() -> None:
    assert len(broken_scenes()) >= 50
    assert len(good_scenes()) >= 20
    assert {scene.becomes for scene in broken_scenes()} == set(Becomes)
    for scene in broken_scenes():
        complained = scene.becomes in (Becomes.NAMED, Becomes.FOUND)
        assert complained == (scene.fixed is not None) or scene.becomes is Becomes.REFUSED, scene.name
        assert complained == (scene.rule is not None), scene.name
        assert (scene.becomes is Becomes.REFUSED) == bool(scene.ending), scene.name
        assert scene.becomes is not Becomes.REFUSED or scene.dangerous, scene.name


@pytest.mark.parametrize("scene", IN_PROCESS, ids=[scene.name for scene in IN_PROCESS])
def test_of_a_broken_scene_becomes_what_must(scene: BrokenScene) -> None:
    seconds = ENDLESS_S if scene.rule == "endless" else PATIENCE_S
    assert disagreements(scene, checked(scene.beat, scene.look, seconds)) == []


ANSWERED = [scene for scene in broken_scenes() if scene.fixed is not None]


@pytest.mark.parametrize("scene", ANSWERED, ids=[scene.name for scene in ANSWERED])
def test_what_a_model_writes_after_the_complaint_passes_untouched(scene: BrokenScene) -> None:
    check = checked(scene.fixed_beat, scene.look)
    assert (check.faults, check.findings, check.mended) == ([], [], [])
    assert check.code == scene.fixed


@pytest.mark.parametrize("scene", good_scenes(), ids=[scene.name for scene in good_scenes()])
def test_a_good_scene_passes_untouched(scene: GoodScene) -> None:
    check = checked(scene.beat, scene.look)
    assert (check.faults, check.findings, check.mended) == ([], [], [])
    assert check.code == scene.code
    assert check.animations >= 2


@pytest.mark.parametrize("scene", IN_SANDBOX, ids=[scene.name for scene in IN_SANDBOX])
async def test_the_sandbox_keeps_what_could_do_harm(scene: BrokenScene, tmp_path: Path) -> None:
    wall_s = SHORT_WALL_S if Ended.TIMEOUT in scene.ending else CHECK_SCENE.policy.limits.wall_s
    reply = await checked_in_sandbox(scene.beat, scene.look, tmp_path, wall_s)
    if scene.becomes is Becomes.REFUSED:
        assert reply.ending.ended in scene.ending
        assert fault_of(reply.ending).message
    else:
        assert reply.result is not None, reply.ending
        assert disagreements(scene, reply.result) == []


IDEAS = [
    (name, number, beat)
    for name, board in storyboards().items()
    for number, beat in enumerate(board.beats, start=1)
    if isinstance(beat.visual, ManimCode)
]


@pytest.mark.parametrize(
    ("name", "number", "beat"), IDEAS, ids=[f"{name}-{number}" for name, number, _ in IDEAS]
)
def test_the_scene_that_answers_an_idea_passes(name: str, number: int, beat: Beat) -> None:
    visual = ManimCode(idea="As said.", code=scene_for(name, number))
    check = checked(beat.model_copy(update={"visual": visual}), Look())
    assert (check.faults, check.findings, check.mended) == ([], [], [])


@pytest.mark.parametrize("name", storyboards())
def test_a_storyboard_is_wrong_only_where_its_name_says_so(name: str) -> None:
    wrong = check_mathematics(storyboards()[name]).of(Verdict.WRONG)
    assert len(wrong) == name.endswith("_wrong_mathematics"), wrong


@pytest.mark.parametrize("name", ["kinetic_energy_refused_tex", "bayes_theorem"])
async def test_tex_refuses_a_formula_only_where_the_name_says_so(name: str, tmp_path: Path) -> None:
    tools = toolbox(tmp_path / "scratch", CHECK_FORMULAS)
    reply = await tools.call(CHECK_FORMULAS, storyboards()[name], keep=tmp_path / "keep")
    assert reply.result is not None, reply.ending
    assert len(reply.result.refused) == name.endswith("_refused_tex")
