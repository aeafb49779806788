"""What isolation costs: the start of a call, then a beat and the check of a scene, cold against warm.

Cold and warm calls take turns, so that both meet the same machine; the medians are told. A call's processor
time is that of all its processes. The zygote's own, paid once for all warm calls, has a row of its own.
"""

from __future__ import annotations

import asyncio
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from quantumsketch.checking import SceneCheckRequest
from quantumsketch.storyboard import Beat, Look
from quantumsketch.tools.registry import Registry
from quantumsketch.tools.sandbox import Sandbox, detect
from quantumsketch.tools.sandbox.scratch import scratch_folder
from quantumsketch.tools.tool import Ended, Ending, Policy, Request, Result, Tool
from quantumsketch.tools.toolbox import NO_INPUTS, Toolbox
from quantumsketch.video import RenderRequest
from quantumsketch.visuals import Bullet, BulletPoints, ManimCode
from renderers.manim.knowledge.tools import DESCRIBE_MANIM, INDEX, NoRequest
from renderers.manim.tools import CHECK_SCENE, MANUAL, RENDER_BEAT

STARTS, CALLS = 15, 3
MOST_START_S = 0.05
BEATS = (1, 6, 20)
PYTHON = Policy(python=True)
NOTHING = "nothing"
NARRATION = "A square and a circle say the same thing in two ways. We look at one and then at the other."
BULLETS = BulletPoints(items=[Bullet(text="a square"), Bullet(text="a circle"), Bullet(text="and $x^2$")])
BEAT = Beat(title="Two shapes", narration=NARRATION, visual=BULLETS)
CODE = """
class Shapes(Scene):
    def construct(self):
        square, circle = Square().shift(LEFT * 2), Circle().shift(RIGHT * 2)
        self.play(Create(square))
        self.play(Create(circle))
"""
SCENE = Beat(title="Two shapes", narration=NARRATION, visual=ManimCode(code=CODE))

Attempt = Callable[[Sandbox], Awaitable[Ending]]


@dataclass(frozen=True)
class Cost:
    """Seconds that one call took."""

    wall: float
    cpu: float


async def cost(sandbox: Sandbox, attempt: Attempt, warm: bool) -> Cost:
    """Make one call, which must end well and begin as expected."""
    began = time.monotonic()
    ending = await attempt(sandbox)
    wall = time.monotonic() - began
    if ending.ended is not Ended.OK or ending.warm is not warm:
        sys.exit(f"a call ended as {ending.ended} (warm: {ending.warm}): {ending.detail} {ending.last_line}")
    return Cost(wall, ending.cpu_s)


async def by_turns(sandbox: Sandbox, attempt: Attempt, times: int) -> tuple[Cost, Cost]:
    """Return the median cost of a cold and of a warm call."""
    colds, warms = [], []
    for _ in range(times):
        colds.append(await cost(replace(sandbox, zygotes=None), attempt, False))
        warms.append(await cost(sandbox, attempt, True))
    return typical(colds), typical(warms)


def typical(costs: Sequence[Cost]) -> Cost:
    return Cost(median(one.wall for one in costs), median(one.cpu for one in costs))


def program(folder: Path, *command: str) -> Attempt:
    """A call of a program, with everything imported for it that the tools on Manim have imported."""

    async def attempt(sandbox: Sandbox) -> Ending:
        async with scratch_folder(folder / "scratch", "program") as scratch:
            (scratch / f"{NOTHING}.py").write_text("import os; os._exit(0)  # as the tools end")
            return await sandbox.run(command, PYTHON, scratch, {}, RENDER_BEAT.preload)

    return attempt


def tool_call(
    folder: Path, tool: Tool[Request, Result], request: Request, inputs: Mapping[str, Path] = NO_INPUTS
) -> Attempt:
    """A call of a tool; what it leaves is kept in `folder`."""

    async def attempt(sandbox: Sandbox) -> Ending:
        toolbox = Toolbox(Registry([tool]), sandbox, folder / "scratch")
        return (await toolbox.call(tool, request, inputs=inputs, keep=folder)).ending

    return attempt


def bare(*command: str) -> float:
    """Return the median seconds that a program takes without any sandbox."""
    return median(_seconds(command) for _ in range(STARTS))


def _seconds(command: Sequence[str]) -> float:
    began = time.monotonic()
    subprocess.run(command, check=True)
    return time.monotonic() - began


async def zygote_cost(folder: Path) -> Cost:
    """Return what starting a zygote takes that imports Manim, a first call of nothing, and ending it."""
    before, sandbox = resource.getrusage(resource.RUSAGE_CHILDREN), detect("full")
    first = await cost(sandbox, program(folder, sys.executable, "-m", NOTHING), True)
    await sandbox.close()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(first.wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def row(name: str, one: Cost, than: Cost | None = None) -> None:
    ratio = f"{one.wall / than.wall:10.2f}{one.cpu / than.cpu:8.2f}" if than else ""
    print(f"{name:<44}{one.wall:8.3f} s{one.cpu:8.3f} s{ratio}")


async def starts(sandbox: Sandbox, folder: Path) -> None:
    """Print what a call costs that does nothing."""
    true = "/bin/true"
    colds = [await cost(sandbox, program(folder, true), False) for _ in range(STARTS)]
    start_s = typical(colds).wall - bare(true)
    row("/bin/true, cold", typical(colds))
    print(f"  beyond its own time {start_s * 1000:.0f} ms, {MOST_START_S * 1000:.0f} ms are allowed")
    nothing = (sys.executable, "-m", NOTHING)
    cold, warm = await by_turns(sandbox, program(folder, *nothing), STARTS)
    row("python that does nothing, cold", cold)
    row("  warm, forked from one that has Manim", warm, cold)


async def main() -> None:
    print(f"{'':<44}{'wall':>10}{'CPU':>10}{'warm / cold':>18}")
    sandbox = detect("full")
    with tempfile.TemporaryDirectory(prefix="qs-bench-") as name:
        folder = Path(name)
        zygote = await zygote_cost(folder)
        await cost(sandbox, program(folder, sys.executable, "-m", NOTHING), True)
        await starts(sandbox, folder)
        look = Look()
        await cost(sandbox, tool_call(folder, DESCRIBE_MANIM, NoRequest()), True)
        manual = {MANUAL: folder / INDEX}
        check = tool_call(folder, CHECK_SCENE, SceneCheckRequest(beat=SCENE, look=look), manual)
        cold, warm = await by_turns(sandbox, check, CALLS)
        row("check of a scene, cold", cold)
        row("  warm", warm, cold)
        drawing = tool_call(folder, RENDER_BEAT, RenderRequest(beat=BEAT, look=look))
        cold, warm = await by_turns(sandbox, drawing, CALLS)
        row("a beat drawn, cold", cold)
        row("  warm", warm, cold)
        row("the zygote: starting, importing, ending", zygote)
        for beats in BEATS:
            share = (zygote.cpu + beats * warm.cpu) / (beats * cold.cpu)
            print(f"  CPU of {beats} beat{'s' * (beats > 1)} with a zygote, warm / cold {share:.2f}")
    await sandbox.close()


if __name__ == "__main__":
    asyncio.run(main())
