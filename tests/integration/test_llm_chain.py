"""The whole chain over HTTP: the agent loop asks through the real LiteLLM, model after model."""

from __future__ import annotations

from pydantic import SecretStr

from quantumsketch.agent.storyboarding import write_storyboard
from quantumsketch.llm.chain import models
from quantumsketch.llm.provider import Provider, close_connections
from quantumsketch.settings import DEFAULT_MODELS
from quantumsketch.storyboard import Beat, Storyboard
from quantumsketch.visuals import TitleCard
from tests.provider_calls import KEY
from tests.provider_emulator import ProviderEmulator, Scripted, anthropic_error, error, gemini, openai

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
