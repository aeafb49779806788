"""The whole chain over HTTP: the agent loops ask through the real LiteLLM, model after model."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from pydantic import SecretStr

from quantumsketch.agent.budget import VideoBudget
from quantumsketch.agent.scenes import SceneVerbs, write_scene
from quantumsketch.agent.storyboarding import write_storyboard
from quantumsketch.llm.chain import models
from quantumsketch.llm.provider import Provider, close_connections
from quantumsketch.settings import DEFAULT_MODELS
from quantumsketch.storyboard import Beat, Storyboard
from quantumsketch.visuals import TitleCard
from tests.provider_calls import CLAUDE, GEMINI, KEY, OWN, entry, provider
from tests.provider_emulator import (
    Asked,
    ProviderEmulator,
    Scripted,
    anthropic_error,
    error,
    gemini,
    openai,
    openai_error,
    said,
)
from tests.scripted_scenes import CANVAS, IDEA, World, code_of, scene

pytestmark = pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecatedSince20")
BEAT = Beat(title="One", narration="It is one.", visual=TitleCard(heading="One"))
GOOD = Storyboard(title="Good", summary="About one.", beats=[BEAT])


async def offline(prompt: str, max_beats: int) -> tuple[Storyboard, str]:
    return GOOD.model_copy(update={"title": prompt}), "offline: a test"


async def drafted_by(*script: Scripted) -> tuple[str, list[str], float | None, list[str]]:
    """Who wrote it, how each attempt ended, what it cost, and the paths that were asked."""
    async with ProviderEmulator(*script) as emulator:
        names = ("ANTHROPIC", "GEMINI", "OPENROUTER")
        keys = {f"{name}_API_KEY": SecretStr(KEY) for name in names}
        chain = models(DEFAULT_MODELS, keys, {f"{name}_API_BASE": emulator.url for name in names})
        ask = Provider(keys, timeout_s=20).ask
        drafted = await write_storyboard("One", max_beats=3, models=chain, ask=ask, offline=offline)
    await close_connections()
    ended = [attempt.ended.partition(":")[0] for attempt in drafted.attempts]
    return drafted.by, ended, drafted.cost_usd, [asked.path for asked in emulator.asked]


async def test_an_overloaded_model_a_misfit_and_a_second_chance() -> None:
    overloaded = anthropic_error(529, "overloaded_error", "Overloaded")
    fenced = f"Here you are:\n```json\n{GOOD.model_dump_json()}\n```"
    by, ended, cost, paths = await drafted_by(overloaded, gemini('{"title": "No beats"}'), gemini(fenced))
    assert by == "google/gemini-2.5-flash"
    assert ended == ["Overloaded", "the answer does not fit", "answered"]
    assert cost is not None
    assert cost > 0
    assert paths == ["/v1/messages", *["/models/gemini-2.5-flash:generateContent"] * 2]


async def test_a_chain_that_is_used_up_ends_offline_with_every_cause_named() -> None:
    by, ended, cost, paths = await drafted_by(
        anthropic_error(401, "authentication_error", "invalid x-api-key"),
        gemini("", "SAFETY"),
        error(402, "Insufficient credits"),
    )
    assert by == "offline: a test"
    assert ended == ["NotAuthorised", "Refused", "QuotaExhausted"]
    assert cost is not None
    assert len(paths) == 3


async def test_a_free_model_that_answers_costs_nothing() -> None:
    busy = [error(503, "busy"), error(503, "busy")]
    by, _, cost, _ = await drafted_by(*busy, openai(GOOD.model_dump_json()))
    assert (by, cost) == ("deepseek/deepseek-r1:free", 0.0)


def writes_a_scene(asked: Asked) -> Scripted:
    """A model that looks up a name, tries a scene with a fault in it, and answers with a good one."""
    if "bad_name is not known" in asked.words:
        return said(asked, f"```python\n{scene()}\n```")
    wish = ("check_scene", {"code": scene("bad_name")})
    if "what is known of circle" not in asked.words:
        wish = ("find_manim", {"query": "circle"})
    if "tools" in asked.body:
        return said(asked, None, wish)
    return said(asked, json.dumps({"tool": wish[0], "arguments": wish[1]}))


def writes_but_takes_no_tools(asked: Asked) -> Scripted:
    """The same model at a server that refuses to offer it tools."""
    if "tools" in asked.body:
        return openai_error(400, "this model does not support tools")
    return writes_a_scene(asked)


@pytest.mark.parametrize(
    ("model_id", "respond", "requests"),
    [
        (CLAUDE, writes_a_scene, 3),
        (GEMINI, writes_a_scene, 3),
        (OWN, writes_a_scene, 3),
        (OWN, writes_but_takes_no_tools, 4),
    ],
)
async def test_a_scene_is_written_with_tools_by_models_that_take_them_and_by_one_that_only_writes(
    model_id: str, respond: Callable[[Asked], Scripted], requests: int
) -> None:
    world = World([])
    async with ProviderEmulator(respond=respond) as emulator:
        verbs = SceneVerbs(
            ask=provider().ask, check=world.check, find_manim=world.look_up, recall=world.look_up
        )
        written = await write_scene(
            IDEA, CANVAS, author="a model", models=[entry(emulator, model_id)], verbs=verbs,
            budget=VideoBudget().for_beat(),
        )  # fmt: skip
    await close_connections()
    assert (code_of(written), written.by) == (scene(), model_id)
    assert world.looked_up == ["circle"]
    assert world.checked == [scene("bad_name"), scene()]
    assert len(emulator.asked) == requests
    assert [call.ended for call in written.calls] == ["answered"] * 3
