"""A cancelled run stops at once, and goes on with the storyboard that was paid for."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from tests.provider_emulator import ProviderEmulator, gemini

pytestmark = pytest.mark.slow

QS = Path(sys.executable).with_name("qs")
SLOW = """
import time
from manim import *

class Slow(Scene):
    def construct(self):
        time.sleep(5)
        self.play(Create(Circle()), run_time=3)
"""
BOARD = {
    "title": "Slow",
    "summary": "A slow one.",
    "beats": [
        {
            "title": "Slow",
            "narration": "A circle is drawn, and it takes its time until it is there.",
            "visual": {"kind": "manim", "code": SLOW.replace("Circle()", "NoSuchThing()")},
        }
    ],
}


async def qs(env: dict[str, str], *words: str | Path, typed: bytes | None = None) -> tuple[int, str, str]:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(QS, *words, env=env, stdin=pipe, stdout=pipe, stderr=pipe)
    out, err = await process.communicate(typed)
    return process.returncode or 0, out.decode(), err.decode()


async def until_rendering(env: dict[str, str]) -> str:
    """The id of the one video, once its beat is being rendered."""
    for _ in range(200):
        _, listed, _ = await qs(env, "list")
        if listed.strip():
            video_id = listed.split()[0]
            _, shown, _ = await qs(env, "show", video_id)
            if "rendering" in shown:
                return video_id
        await asyncio.sleep(0.2)
    raise AssertionError("nothing was ever rendered")


async def test_a_cancelled_run_goes_on_with_the_storyboard_and_the_scenes_it_had(
    qs_home: Path, tmp_path: Path
) -> None:
    async with ProviderEmulator(gemini(json.dumps(BOARD)), gemini(SLOW)) as emulator:
        env = {**os.environ, "QS_HOME": str(qs_home)}
        env |= {
            "GEMINI_API_KEY": "sk-0123456789",
            "GEMINI_API_BASE": emulator.url,
            "QS_MODELS": "google/gemini-2.5-flash",
        }
        words = ("render", "-", "-o", tmp_path / "slow.mp4", "--quality", "draft")
        rendering = asyncio.create_task(qs(env, *words, typed=b"What is slow?"))
        video_id = await until_rendering(env)
        code, _, said = await qs(env, "cancel", video_id)
        assert code == 0, said
        assert (await rendering)[0] == 1

        code, report, said = await qs(env, "resume", video_id, "--json")
        assert code == 0, said
        assert len(emulator.asked) == 2, "the storyboard or the scene was paid for twice"
    told = json.loads(report)
    assert told["storyboard_by"] == "google/gemini-2.5-flash"
    assert told["beats"][0]["outcome"] == "repaired", "what an earlier run mended is no less mended"
    assert [call["purpose"] for call in told["calls"]] == ["storyboard", "scene"]
    assert (tmp_path / "slow.mp4").stat().st_size > 0
