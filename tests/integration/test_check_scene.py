"""The check of a scene in the real sandbox: what it returns, and how it ends what does not end by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from quantumsketch.checking import SceneCheck
from quantumsketch.tools.tool import Ended, Reply
from renderers.manim.knowledge.introspection import describe
from renderers.manim.tools import CHECK_SCENE, MANUAL, fault_of
from tests.checked_scenes import request, scene
from tests.sandbox_calls import toolbox

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def manual(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """What is known of Manim, as an input of the tool."""
    file = tmp_path_factory.mktemp("manual") / MANUAL
    file.write_text(describe().model_dump_json(), encoding="utf-8")
    return {MANUAL: file}


async def call(
    folder: Path, code: str, inputs: Mapping[str, Path], wall_s: float = 30.0
) -> Reply[SceneCheck]:
    limits = replace(CHECK_SCENE.policy.limits, wall_s=wall_s)
    tool = replace(CHECK_SCENE, policy=replace(CHECK_SCENE.policy, limits=limits))
    tools = toolbox(folder / "scratch", tool)
    return await tools.call(tool, request(code), inputs=inputs, keep=folder / "keep")


GOOD = scene("""
    formula = MathTex("a^2 + b^2 = c^2")
    self.play(Write(formula))
    self.play(formula.animate.to_edge(UP), run_time=2)
    self.wait(1)
""")


async def test_a_good_scene_passes_with_its_length_and_comes_back_as_it_was(tmp_path: Path) -> None:
    check = (await call(tmp_path, GOOD, {})).result
    assert check == SceneCheck(code=GOOD, duration_s=4.0, animations=2)


async def test_what_is_known_of_manim_can_be_given_and_makes_no_difference(
    tmp_path: Path, manual: Mapping[str, Path]
) -> None:
    reply = await call(tmp_path, GOOD, manual)
    assert reply.result == SceneCheck(code=GOOD, duration_s=4.0, animations=2)


async def test_a_scene_is_mended_first_and_lines_are_those_of_the_mended_source(
    tmp_path: Path, manual: Mapping[str, Path]
) -> None:
    code = scene("""
        circle = Circle()
        self.play(ShowCreation(circle))
        self.play(Write(MathTex(r"\\nonsense")))
    """).removeprefix("from manim import *\n")
    check = (await call(tmp_path, code, manual)).result
    assert check is not None
    assert "Create(circle)" in check.code
    assert check.mended
    (fault,) = check.faults
    assert fault.rule == "tex"
    assert "nonsense" in check.code.splitlines()[(fault.line or 0) - 1]


async def test_a_scene_that_eats_memory_is_told_with_its_line(
    tmp_path: Path, manual: Mapping[str, Path]
) -> None:
    code = scene("""
        heap = []
        for n in range(10**6):
            heap.append(bytearray(10**8))
    """)
    check = (await call(tmp_path, code, manual)).result
    assert check is not None
    assert [(fault.rule, fault.line) for fault in check.faults] == [("memory", 8)]


async def test_nothing_outside_can_be_read_by_a_way_that_the_linter_does_not_see(
    tmp_path: Path, manual: Mapping[str, Path]
) -> None:
    code = scene("""
        np.loadtxt("/etc/shadow")
    """)
    check = (await call(tmp_path, code, manual)).result
    assert check is not None
    assert [fault.rule for fault in check.faults] == ["outside"]
    assert "nothing outside can be read" in check.faults[0].message


async def test_what_never_comes_back_to_python_is_ended_by_the_sandbox_and_is_a_fault(
    tmp_path: Path, manual: Mapping[str, Path]
) -> None:
    reply = await call(tmp_path, scene("self.play(Create(Circle()))\n10 ** 10 ** 10"), manual, wall_s=6.0)
    assert reply.ending.ended is Ended.TIMEOUT
    assert fault_of(reply.ending).rule == "endless"
