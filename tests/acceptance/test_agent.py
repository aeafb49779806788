"""With a model over real HTTP: scenes are written with tools, checked, mended; no call is made twice."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.left_behind import assert_nowhere
from tests.provider_emulator import ProviderEmulator, Scripted, anthropic_error, error
from tests.scripted_model import ScriptedModel, Turn

pytestmark = pytest.mark.slow

KEY = "sk-secret-0123456789abcdef"
QS = Path(sys.executable).with_name("qs")
NARRATION = "A square becomes a circle before our eyes, slowly enough to follow every corner on its way."
GOOD = """```python
from manim import *

class Beat(Scene):
    def construct(self):
        square = Square(side_length=2, color=BLUE_C)
        self.play(Create(square), run_time=2)
        self.play(ReplacementTransform(square, Circle(radius=1, color=YELLOW_C)), run_time=2)
        self.wait(1)
```"""
OLD_NAMES = GOOD.replace("Create(", "ShowCreation(")
OVERLAPPING = GOOD.replace(
    "        self.wait(1)",
    """        self.play(Write(Text("one thing")))
        self.play(Write(Text("on another")))
        self.wait(1)""",
)
REDRAWN = json.dumps({"visual": {"kind": "bullets", "items": [{"text": "A square"}, {"text": "A circle"}]}})


def board(*titles: str, **first: Any) -> dict[str, Any]:
    """A storyboard with a beat to be animated for each title."""
    beats = [
        {
            "title": title,
            "narration": f"{title}. {NARRATION}",
            "visual": {"kind": "manim", "idea": f"{title}: a square is drawn and turns into a circle"},
        }
        for title in titles
    ]
    beats[0].update(first)
    return {"title": "Squares", "summary": "How squares turn round.", "beats": beats}


class Run:
    """`qs` as a process with keys for two providers at the emulator's address."""

    def __init__(self, home: Path, film: Path, emulator: ProviderEmulator, **env: str) -> None:
        self.film = film
        self.env = {**os.environ, "QS_HOME": str(home), **env}
        for provider in ("ANTHROPIC", "GEMINI"):
            self.env |= {f"{provider}_API_KEY": KEY, f"{provider}_API_BASE": emulator.url}

    async def start(self, *words: str | Path) -> asyncio.subprocess.Process:
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(
            QS, *words, env=self.env, stdin=pipe, stdout=pipe, stderr=pipe
        )

    async def render(self, *words: str) -> asyncio.subprocess.Process:
        process = await self.start("render", "-", "--quality", "draft", "--json", "-o", self.film, *words)
        assert process.stdin
        process.stdin.write(b"How does a square become a circle?")
        process.stdin.close()
        return process

    async def report(self, *words: str) -> dict[str, Any]:
        out, err = await (await self.render(*words)).communicate()
        told: dict[str, Any] = json.loads(out) if out else {}
        assert told, err.decode()
        return told


async def test_a_scene_is_written_with_tools_mended_by_the_linter_and_repaired_by_the_model(
    qs_home: Path, tmp_path: Path
) -> None:
    model = ScriptedModel(
        board("Mended", "Repaired"),
        {
            "Mended": [("find_manim", {"query": "ShowCreation"}), OLD_NAMES],
            "Repaired": [("recall", {"query": "squares"}), OVERLAPPING, GOOD],
        },
    )
    async with ProviderEmulator(respond=model) as emulator:
        report = await Run(qs_home, tmp_path / "a.mp4", emulator).report()
    assert report["storyboard_by"] == "anthropic/claude-sonnet-4-6"
    mended, repaired = report["beats"]
    assert (mended["outcome"], mended["kind"]) == ("planned", "manim")
    assert any("ShowCreation" in line for line in mended["mended"])
    assert (repaired["outcome"], repaired["kind"]) == ("repaired", "manim")
    assert any("b02 repaired: " in note for note in report["notes"]), report["notes"]
    assert model.asked_twice == []
    assert len(model.asked) == report["usage"]["calls"] == len(report["calls"]) == 6
    assert [beat["usage"]["calls"] for beat in report["beats"]] == [2, 3]
    assert report["cost_usd"] == pytest.approx(sum(call["cost_usd"] for call in report["calls"]))
    assert report["cost_usd"] > 0

    tools = [message.words for message in emulator.asked if "ShowCreation" in message.words]
    assert any("Create" in words for words in tools), "the model was not told what find_manim found"
    assert any("on another" in asked.words and "overlap" in asked.words for asked in emulator.asked)
    assert_nowhere(KEY, qs_home)


async def test_kill_9_while_scenes_are_written_makes_no_finished_call_again(
    qs_home: Path, tmp_path: Path
) -> None:
    turns: list[Turn] = [("check_scene", {"code": OVERLAPPING}), OVERLAPPING, GOOD]
    scenes = {"First": turns, "Second": turns}
    model = ScriptedModel(board("First", "Second"), scenes, delay_s=0.2, awaited="#3")
    async with ProviderEmulator(respond=model) as emulator:
        run = Run(qs_home, tmp_path / "a.mp4", emulator)
        process = await run.render()
        async with asyncio.timeout(60):
            await model.arrived.wait()
        os.kill(process.pid, signal.SIGKILL)
        said = (await process.communicate())[1].decode()
        asked_before = list(model.asked)
        video_id = next(line.split()[1] for line in said.splitlines() if line.startswith("making "))

        out, err = await (await run.start("resume", video_id, "--json")).communicate()
    report = json.loads(out or b"{}")
    assert report, err.decode()
    assert [beat["outcome"] for beat in report["beats"]] == ["repaired", "repaired"]
    in_flight = {asked_before[-1], *(name for name in asked_before[-2:] if name != asked_before[-1])}
    assert set(model.asked_twice) <= in_flight, "a call that had been answered was made again"
    assert {"storyboard #1", "scene First #1", "scene Second #1"} <= set(model.asked)
    assert not {"storyboard #1", "scene First #1", "scene Second #1"} & set(model.asked_twice)


async def test_a_scene_that_no_model_mends_becomes_a_typed_visual_and_says_so(
    qs_home: Path, tmp_path: Path
) -> None:
    model = ScriptedModel(board("Hopeless"), {"Hopeless": [OVERLAPPING] * 9}, {"Hopeless": [REDRAWN]})
    async with ProviderEmulator(respond=model) as emulator:
        report = await Run(qs_home, tmp_path / "a.mp4", emulator).report()
    [beat] = report["beats"]
    assert (beat["outcome"], beat["kind"]) == ("simplified", "bullets")
    assert model.asked == ["storyboard #1", "scene Hopeless #1", "scene Hopeless #2", "repair Hopeless #1"]
    assert any(note.startswith("b01 simplified: ") and "overlap" in note for note in report["notes"])


async def test_no_call_is_made_that_could_exceed_max_cost_and_the_film_says_so(
    qs_home: Path, tmp_path: Path
) -> None:
    model = ScriptedModel(board("Never"))
    async with ProviderEmulator(respond=model) as emulator:
        report = await Run(qs_home, tmp_path / "a.mp4", emulator).report("--max-cost", "0.001")
    assert model.asked == []
    assert report["storyboard_by"].startswith("offline")
    assert (report["cost_usd"], report["calls"]) == (0.0, [])
    budgets = [note for note in report["notes"] if "--max-cost" in note]
    assert len(budgets) == 2, report["notes"]


async def test_a_failing_model_cools_down_for_every_run_of_the_home(qs_home: Path, tmp_path: Path) -> None:
    card = {"kind": "title", "heading": "One"}
    model = ScriptedModel(board("One", narration="This is one, and no more than one.", visual=card))

    def respond(asked: Any) -> Scripted:
        if asked.path == "/v1/messages":
            return anthropic_error(401, "authentication_error", "invalid x-api-key")
        return model(asked)

    async with ProviderEmulator(respond=respond) as emulator:
        first = await Run(qs_home, tmp_path / "a.mp4", emulator).report()
        claude = sum(asked.path == "/v1/messages" for asked in emulator.asked)
        second = await Run(qs_home, tmp_path / "b.mp4", emulator).report()
        assert sum(asked.path == "/v1/messages" for asked in emulator.asked) == claude == 1
    assert first["storyboard_by"] == second["storyboard_by"] == "google/gemini-2.5-flash"
    assert any("NotAuthorised" in note for note in first["notes"])
    assert any("CoolingDown" in note for note in second["notes"])


async def test_a_chain_that_is_used_up_without_the_offline_tier_ends_with_every_cause(
    qs_home: Path, tmp_path: Path
) -> None:
    async with ProviderEmulator(respond=lambda _: error(402, "Insufficient credits")) as emulator:
        run = Run(qs_home, tmp_path / "a.mp4", emulator, QS_OFFLINE="off")
        process = await run.render()
        out, err = await process.communicate()
    assert (process.returncode, out) == (1, b"")
    for model in ("anthropic/claude-sonnet-4-6", "google/gemini-2.5-flash"):
        assert f"{model}: QuotaExhausted" in err.decode(), err.decode()
    assert not (tmp_path / "a.mp4").exists()
