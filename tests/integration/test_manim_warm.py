"""The tools on Manim, warm and cold: the same clips and the same answers, chance included."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from quantumsketch.checking import SceneCheckRequest
from quantumsketch.storyboard import Beat, Look, Quality, Storyboard
from quantumsketch.tools.registry import Registry
from quantumsketch.tools.sandbox import Sandbox
from quantumsketch.tools.tool import Request, Result, Tool
from quantumsketch.tools.toolbox import Toolbox
from quantumsketch.video import RenderRequest
from quantumsketch.visuals import Bullet, BulletPoints, ManimCode
from renderers.manim.clip_format import CLIP
from renderers.manim.knowledge.tools import DESCRIBE_MANIM, NoRequest
from renderers.manim.tools import CHECK_FORMULAS, CHECK_SCENE, RENDER_BEAT
from tests.warm_calls import cold, run, warm_sandbox

pytestmark = pytest.mark.slow

NARRATION = "One thing is said here, and it is short."
TYPED = Beat(
    title="A title",
    narration=NARRATION,
    visual=BulletPoints(items=[Bullet(text="first of $x^2$"), Bullet(text="second")]),
)
CODE = """
class Dots(Scene):
    def construct(self):
        dots = VGroup(*(Dot([np.random.uniform(-3, 3), np.random.uniform(-2, 2), 0]) for _ in range(5)))
        self.play(Create(dots), run_time=0.5)
        self.play(Write(Text("five")), run_time=0.5)
"""
CODED = Beat(title="Dots", narration=NARRATION, visual=ManimCode(code=CODE))
REFUSED = TYPED.model_copy(
    update={"visual": BulletPoints(items=[Bullet(text=r"a $\nosuchthing$"), Bullet(text="b")])}
)
LOOK = Look(quality=Quality.DRAFT)

BY_CHANCE = """
import json, random, sys
manim = sys.modules.get("manim")
import numpy
print(json.dumps([manim is not None, random.random(), numpy.random.random()]))
"""


async def both_ways(
    sandbox: Sandbox, folder: Path, tool: Tool[Request, Result], request: Request
) -> tuple[Result | None, Result | None]:
    """The results of a warm and a cold call; what they leave is kept below `folder`."""
    results = []
    for which, kept in ((sandbox, "warm"), (cold(sandbox), "cold")):
        toolbox = Toolbox(Registry([tool]), which, folder / "scratch")
        reply = await toolbox.call(tool, request, keep=folder / kept)
        assert (reply.ending.warm, reply.ending.stderr) == (kept == "warm", b"")
        results.append(reply.result)
    return results[0], results[1]


@pytest.mark.parametrize("beat", [TYPED, CODED], ids=["typed", "code"])
async def test_a_beat_is_drawn_to_the_same_bytes_even_by_chance(tmp_path: Path, beat: Beat) -> None:
    async with warm_sandbox() as sandbox:
        warm, other = await both_ways(sandbox, tmp_path, RENDER_BEAT, RenderRequest(beat=beat, look=LOOK))
    assert warm
    assert warm == other
    assert (tmp_path / "warm" / CLIP).read_bytes() == (tmp_path / "cold" / CLIP).read_bytes()


async def test_checks_give_the_same_answers_and_chance_is_each_calls_own(tmp_path: Path) -> None:
    check = SceneCheckRequest(beat=CODED, look=LOOK)
    storyboard = Storyboard(title="Formulas", summary="One is refused.", beats=[TYPED, REFUSED])
    async with warm_sandbox() as sandbox:
        for warm, other in (
            await both_ways(sandbox, tmp_path / "scene", CHECK_SCENE, check),
            await both_ways(sandbox, tmp_path / "formulas", CHECK_FORMULAS, storyboard),
            await both_ways(sandbox, tmp_path / "manual", DESCRIBE_MANIM, NoRequest()),
        ):
            assert warm
            assert warm == other
        drawn = [await run(sandbox, tmp_path, BY_CHANCE, preload=RENDER_BEAT.preload) for _ in range(2)]
    (imported, *first), (_, *second) = (json.loads(ending.stdout) for ending in drawn)
    assert imported
    assert not {*first} & {*second}
