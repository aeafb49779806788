"""What the checks and the loop around them are worth: scripted answers, the real sandbox, no network.

How often the model errs is written down in `scripted_answers` and not measured. Measured is what becomes of
its mistakes: what the check mends by itself, what the loop brings to a good end, what that costs in calls and
seconds, and whether what has passed really renders. Some answers come over HTTP through the real provider.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from benchmarks.scripted_answers import SAME_MISTAKE_AGAIN, Scripted, scripted_scenes
from quantumsketch.agent.budget import VideoBudget
from quantumsketch.agent.repair import simplified
from quantumsketch.agent.scene_prompts import Canvas
from quantumsketch.agent.scenes import SceneVerbs, Written, write_scene
from quantumsketch.checking import SceneCheck, SceneCheckRequest
from quantumsketch.llm.provider import close_connections
from quantumsketch.llm.types import Answer, Ask, ModelEntry, Question
from quantumsketch.storyboard import Beat, Look, Quality
from quantumsketch.tools.tool import Ended
from quantumsketch.tools.toolbox import Toolbox, open_toolbox
from quantumsketch.video import Outcome, RenderRequest, RenderResult
from quantumsketch.visuals import ManimCode
from renderers.manim.stage import stage_for
from renderers.manim.tools import CHECK_SCENE, RENDER_BEAT, fault_of
from renderers.manim.version import manim_version
from tests.provider_calls import CLAUDE, FREE, GEMINI, entry, provider
from tests.provider_emulator import ProviderEmulator, said
from workflows.tools import TOOLS

OVER_HTTP = 9
"""Scenes whose answers come through LiteLLM from a server on the loopback; a third in each language."""
RENDERED = 8
"""Scenes of those that passed that are drawn, too."""

DIRECT = ModelEntry(id="scripted", litellm_id="scripted", reachable=True, why="a script", free=True)
Value = TypeVar("Value")


@dataclass
class Workshop:
    """The tools in the real sandbox, as many at once as there are cores, and what they took."""

    toolbox: Toolbox
    folder: Path
    cores: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(os.cpu_count() or 1))
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """Wall times by stage, without the waiting for a core."""

    async def timed(self, stage: str, work: Callable[[Path], Awaitable[Value]]) -> Value:
        """Do one piece of work on a core of its own, in a folder of its own."""
        async with self.cores, self.toolbox.folder(stage) as folder:
            began = time.monotonic()
            value = await work(folder)
            self.seconds[stage].append(time.monotonic() - began)
            return value

    async def check(self, beat: Beat, look: Look) -> SceneCheck:
        """What the check says; a call that the sandbox ended is a fault as well."""
        request = SceneCheckRequest(beat=beat, look=look)
        reply = await self.timed("check", lambda keep: self.toolbox.call(CHECK_SCENE, request, keep=keep))
        if reply.result is not None:
            return reply.result
        code = beat.visual.code if isinstance(beat.visual, ManimCode) else None
        return SceneCheck(code=code or "", faults=[fault_of(reply.ending)])

    async def render(self, beat: Beat, look: Look) -> RenderResult | None:
        """The last part of the clip, None if it cannot be rendered."""
        request = RenderRequest(beat=beat, look=look)
        while True:
            work = self._render_part(request)
            result = await self.timed("render", work)
            if result is None or result.next_animation is None:
                return result
            request = request.model_copy(update={"first_animation": result.next_animation})

    def _render_part(self, request: RenderRequest) -> Callable[[Path], Awaitable[RenderResult | None]]:
        async def part(keep: Path) -> RenderResult | None:
            reply = await self.toolbox.call(RENDER_BEAT, request, keep=keep)
            return reply.result if reply.ending.ended is Ended.OK else None

        return part


@dataclass(frozen=True)
class Run:
    """One scene that was asked for, and what came of it."""

    scene: Scripted
    written: Written

    @property
    def passed_raw(self) -> bool:
        return self.written.first_check_passed and not self.written.mended

    @property
    def mended_alone(self) -> bool:
        return self.written.first_check_passed and bool(self.written.mended)


async def nothing_known(_query: str) -> str:
    """The script never looks anything up."""
    return ""


async def written(scene: Scripted, model: ModelEntry, ask: Ask, shop: Workshop) -> Run:
    """Have one scene written by that model."""
    stage = stage_for(scene.look.aspect)
    canvas = Canvas(
        width=stage.frame.width, height=stage.frame.height, safe_x=stage.safe.right,
        safe_y=stage.safe.top, captions_y=stage.content.bottom, manim=manim_version(),
    )  # fmt: skip
    verbs = SceneVerbs(
        ask=ask,
        check=lambda beat: shop.check(beat, scene.look),
        find_manim=nothing_known,
        recall=nothing_known,
    )
    budget = VideoBudget().for_beat()
    found = await write_scene(
        scene.beat, canvas, author="a storyboard", models=[model], verbs=verbs, budget=budget
    )
    return Run(scene, found)


async def by_verb(scene: Scripted, shop: Workshop) -> Run:
    """The answers handed over directly."""
    calls = iter(range(1000))

    async def ask(model: ModelEntry, question: Question) -> Answer:
        return Answer(text=scene.answer(next(calls)), model=model.id, cost_usd=0.0)

    return await written(scene, DIRECT, ask, shop)


async def over_http(scene: Scripted, model_id: str, shop: Workshop) -> Run:
    """The answers in a provider's own language, through LiteLLM."""
    calls = iter(range(1000))
    async with ProviderEmulator(respond=lambda asked: said(asked, scene.answer(next(calls)))) as emulator:
        return await written(scene, entry(emulator, model_id), provider().ask, shop)


async def all_written(scenes: Sequence[Scripted], shop: Workshop) -> list[Run]:
    """Every scene; the first few over HTTP."""
    models = (CLAUDE, GEMINI, FREE)
    asked = [over_http(scene, models[n % 3], shop) for n, scene in enumerate(scenes[:OVER_HTTP])]
    runs = await asyncio.gather(*asked, *(by_verb(scene, shop) for scene in scenes[OVER_HTTP:]))
    await close_connections()
    return runs


async def all_rendered(runs: Sequence[Run], shop: Workshop) -> list[RenderResult | None]:
    """A sample of what has passed, drawn as a draft."""
    ready = [run for run in runs if run.written.ready]
    sample = ready[:: max(1, len(ready) // RENDERED)][:RENDERED]
    looks = [run.scene.look.model_copy(update={"quality": Quality.DRAFT}) for run in sample]
    beats = [run.written.beat for run in sample]
    return await asyncio.gather(*(shop.render(beat, look) for beat, look in zip(beats, looks, strict=True)))


def share(part: int, whole: int) -> str:
    return f"{part / whole:6.2f}" if whole else "     -"


def print_rates(runs: Sequence[Run]) -> None:
    print(f"{'':<34}{'scenes':>8}{'raw':>8}{'mended':>8}{'final':>8}{'calls':>8}")
    kinds = Counter(run.scene.kind for run in runs)
    for kind in [*sorted(kinds, key=lambda kind: -kinds[kind]), "all"]:
        of_kind = [run for run in runs if kind in (run.scene.kind, "all")]
        count = len(of_kind)
        rates = [
            share(sum(run.passed_raw for run in of_kind), count),
            share(sum(run.written.first_check_passed for run in of_kind), count),
            share(sum(run.written.ready for run in of_kind), count),
            f"{sum(len(run.written.calls) for run in of_kind) / count:6.2f}",
        ]
        print(f"{kind:<34}{count:>8}" + "".join(f"{rate:>8}" for rate in rates))


def print_outcomes(runs: Sequence[Run], rendered: Sequence[RenderResult | None]) -> None:
    lost = [run for run in runs if not run.written.ready]
    for run in lost:
        simplified(run.scene.beat)  # raises if a beat could be left without a picture
    clean = [result for result in rendered if result is not None and not result.findings]
    repaired = sum(run.written.outcome is Outcome.REPAIRED for run in runs)
    for name, value in (
        ("mended without a model", sum(run.mended_alone for run in runs)),
        ("repaired by the model", repaired),
        ("given up: simplified to bullet points", len(lost)),
        ("drawn as a sample", len(rendered)),
        ("  of these rendered, without a finding", len(clean)),
    ):
        print(f"{name:<44}{value:8}")
    for run in lost:
        print(f"  given up: {run.scene.name}: {run.written.ended}")


def print_times(shop: Workshop, wall_s: float) -> None:
    print(f"{'':<34}{'times':>8}{'mean':>10}{'most':>10}")
    for stage, seconds in shop.seconds.items():
        mean = sum(seconds) / len(seconds)
        print(f"{stage:<34}{len(seconds):>8}{mean:>8.3f} s{max(seconds):>8.3f} s")
    print(f"{'all of it, wall':<34}{'':>8}{wall_s:>8.1f} s")


async def bench(folder: Path) -> None:
    began = time.monotonic()
    async with open_toolbox(TOOLS, folder / "scratch") as toolbox:
        shop = Workshop(toolbox, folder)
        runs = await all_written(scripted_scenes(), shop)
        rendered = await all_rendered(runs, shop)
    print("scenes whose first answer passes as it is (raw) and after the check's own mends (mended),")
    print("that pass in the end (final), and model calls a scene\n")
    print_rates(runs)
    print()
    print_outcomes(runs, rendered)
    print()
    print_times(shop, time.monotonic() - began)
    print(
        "\nThe answers are scripted: which scenes have a mistake, and that one complaint in"
        f" {SAME_MISTAKE_AGAIN} mends nothing,\nis an assumption. This measures the checks and the"
        " loops, not a model's talent."
    )


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="qs-bench-") as name:
        asyncio.run(bench(Path(name)))


if __name__ == "__main__":
    main()
