"""Bodies that no documentation knows: a good answer with any one part of it spoiled, for every provider."""

from __future__ import annotations

import copy
from collections.abc import Awaitable, Iterator
from typing import Any

import pytest

from quantumsketch.errors import ModelFailed
from quantumsketch.llm.provider import close_connections
from quantumsketch.llm.types import Answer, EmptyAnswer, Overloaded, UnusableAnswer
from tests.integration.test_llm_tools import WISHES, WITH_TOOLS
from tests.provider_calls import CLAUDE, FREE, GEMINI, HELLO, OWN, entry, provider
from tests.provider_emulator import Json, ProviderEmulator, Scripted, anthropic, gemini, openai

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecatedSince20"),
]
SPOILS: list[Any] = [None, [], {}, "odd", -1, float("nan")]
_Place = list[str | int]


def places(value: Any, above: _Place) -> Iterator[_Place]:
    """Every place in a body, the outermost first."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        yield [*above, key]
        yield from places(item, [*above, key])


def spoiled(body: Json) -> Iterator[Json]:
    """The body with one part missing or replaced, each in turn."""
    for *path, last in places(body, []):
        for spoil in [*SPOILS, "missing"]:
            odd: Any = copy.deepcopy(body)
            holder = odd
            for key in path:
                holder = holder[key]
            if spoil == "missing":
                del holder[last]
            else:
                holder[last] = spoil
            yield odd


async def ending(asking: Awaitable[Answer]) -> type:
    """The type of an answer, or of the failure to give one; anything else is raised."""
    try:
        return type(await asking)
    except ModelFailed as failure:
        return type(failure)


@pytest.mark.parametrize(
    ("model_id", "good"),
    [
        (CLAUDE, anthropic("A", calls=(*WISHES,))),
        (GEMINI, gemini("A", calls=(*WISHES,))),
        (FREE, openai("A", calls=(WISHES[0],), cost=0.0)),
        (OWN, openai("A", calls=(WISHES[0],))),
    ],
)
async def test_an_odd_body_is_an_answer_or_one_of_our_failures(model_id: str, good: Scripted) -> None:
    assert isinstance(good.body, dict)
    bodies = list(spoiled(good.body))
    ended: list[type] = []
    async with ProviderEmulator(*(Scripted(200, body) for body in bodies)) as emulator:
        given = provider()
        for _ in bodies:
            ended.append(await ending(given.ask(entry(emulator, model_id), WITH_TOOLS)))
    await close_connections()
    assert len(bodies) > 150
    assert {Answer} < set(ended), "some are answers, some are not"
    assert set(ended) <= {Answer, EmptyAnswer, Overloaded}, "no word of an answer says which failure it is"


async def test_an_answer_that_no_history_can_hold_is_cut_off_from_it_but_paid_for() -> None:
    halves = openai("half a character: \ud800", cost=0.25)
    endless = openai("word " * 250_000, cost=0.25)
    async with ProviderEmulator(halves, endless) as emulator:
        given = provider()
        read = await given.ask(entry(emulator, OWN), HELLO)
        with pytest.raises(UnusableAnswer, match="far too long") as failed:
            await given.ask(entry(emulator, OWN), HELLO)
    await close_connections()
    assert (read.text, read.cost_usd) == ("half a character: ?", 0.25)
    assert failed.value.cost_usd == 0.25
