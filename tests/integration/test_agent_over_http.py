"""The loop that writes a scene, over HTTP and the real LiteLLM: tool calls in each language, and in words."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from quantumsketch.agent.budget import VideoBudget
from quantumsketch.agent.scenes import SceneVerbs, write_scene
from quantumsketch.llm.provider import Provider, close_connections
from quantumsketch.llm.types import ModelEntry
from quantumsketch.video import Outcome
from tests.provider_emulator import Asked, ProviderEmulator, Scripted, openai_error, said
from tests.scripted_scenes import CANVAS, IDEA, World, code_of, scene

pytestmark = pytest.mark.slow

FENCED = f"```python\n{scene('fine')}\n```"
MODELS = {
    "anthropic/claude-sonnet-4-6": "ANTHROPIC_API_KEY",
    "gemini/gemini-2.5-flash": "GEMINI_API_KEY",
    "openai/local": "OPENAI_API_KEY",
}


class ScriptedModel:
    """Uses tools in its first answer, natively or in words, and answers with a scene in its second."""

    def __init__(self, *, native: bool) -> None:
        self.native = native
        self.answers = 0

    def __call__(self, asked: Asked) -> Scripted:
        if not self.native and asked.body.get("tools"):
            return openai_error(400, "tools are not supported by this model")
        self.answers += 1
        if self.answers > 1:
            return said(asked, FENCED)
        if self.native:
            calls = ("check_scene", {"code": scene("fine")}), ("find_manim", {"query": "Brace"})
            return said(asked, "", *calls)
        return said(asked, 'Let me look.\n{"tool": "find_manim", "arguments": {"query": "Brace"}}')


@pytest.mark.parametrize("native", [True, False], ids=["native", "in words"])
@pytest.mark.parametrize("name", MODELS)
async def test_a_scene_is_written_with_tools_by_any_provider(name: str, native: bool) -> None:
    world = World([])
    async with ProviderEmulator(respond=ScriptedModel(native=native)) as emulator:
        provider = Provider({MODELS[name]: SecretStr("a-key-of-nobody")})
        entry = ModelEntry(
            id=name,
            litellm_id=name,
            reachable=True,
            why="a test",
            key_name=MODELS[name],
            base_url=emulator.url,
        )
        verbs = SceneVerbs(provider.ask, world.check, world.look_up, world.look_up)
        written = await write_scene(
            IDEA, CANVAS, author="a", models=[entry], verbs=verbs, budget=VideoBudget().for_beat()
        )
        words = emulator.asked[-1].words
    await close_connections()
    assert (written.outcome, code_of(written)) == (Outcome.PLANNED, scene("fine"))
    assert (world.looked_up, len(world.checked), len(written.calls)) == (["Brace"], 1, 2)
    assert "what is known of Brace" in words
