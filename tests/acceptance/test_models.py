"""With keys: `qs render` over the whole chain, a repaired beat, what it cost, and where keys do not go."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.left_behind import assert_nowhere
from tests.provider_emulator import Asked, ProviderEmulator, Scripted, anthropic_error, gemini

pytestmark = pytest.mark.slow

KEY = "sk-secret-0123456789abcdef"
BROKEN = (
    "from manim import *\n\nclass Broken(Scene):\n    def construct(self):\n        self.play(Nothing())\n"
)
BOARD = {
    "title": "One",
    "summary": "About one.",
    "beats": [
        {
            "title": "One",
            "narration": "This is one, drawn slowly as a circle, and there is nothing more to it.",
            "visual": {"kind": "manim", "code": BROKEN},
        }
    ],
}
MENDED = "```python\n" + BROKEN.replace("Nothing()", "Create(Circle())") + "```"
OVERLOADED = anthropic_error(529, "overloaded_error", "Overloaded")


async def render(home: Path, film: Path, emulator: ProviderEmulator) -> tuple[dict[str, Any], str]:
    """The report of a render with keys for two providers, and what it printed beside it."""
    providers = ("ANTHROPIC", "GEMINI")
    env = {**os.environ, "QS_HOME": str(home)}
    env |= {f"{name}_API_KEY": KEY for name in providers} | {
        f"{name}_API_BASE": emulator.url for name in providers
    }
    qs = Path(sys.executable).with_name("qs")
    process = await asyncio.create_subprocess_exec(
        qs, "render", "-", "--quality", "draft", "--json", "-o", film, env=env,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate(b"What is one?")
    assert process.returncode == 0, err.decode()
    return json.loads(out), err.decode()


async def test_the_chain_writes_and_mends_a_video_and_keys_stay_where_they_are(
    qs_home: Path, tmp_path: Path
) -> None:
    def respond(asked: Asked) -> Scripted:
        if asked.path == "/v1/messages":
            return OVERLOADED
        return gemini(json.dumps(BOARD) if "Write the storyboard" in asked.words else MENDED)

    async with ProviderEmulator(respond=respond) as emulator:
        report, printed = await render(qs_home, tmp_path / "one.mp4", emulator)
    [beat] = report["beats"]
    assert report["storyboard_by"] == beat["model"] == "google/gemini-2.5-flash"
    assert (beat["outcome"], beat["kind"]) == ("repaired", "manim")
    assert report["cost_usd"] > 0
    assert any("anthropic/claude-sonnet-4-6: Overloaded" in note for note in report["notes"])
    assert any("Nothing" in note for note in report["notes"]), report["notes"]

    paths = [asked.path for asked in emulator.asked]
    assert paths[:3] == ["/v1/messages"] * 2 + ["/models/gemini-2.5-flash:generateContent"]
    assert paths.count("/models/gemini-2.5-flash:generateContent") == 2
    assert "What is one?" in emulator.asked[2].words
    assert "Nothing" in emulator.asked[-1].words, "the model was not told what failed"

    assert "waiting: anthropic/claude-sonnet-4-6 is asked again at" in printed

    assert_nowhere(KEY, qs_home)
    assert KEY not in printed
