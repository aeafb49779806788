"""One call to one model through LiteLLM: bounded in time, without hidden retries, every failure ours by type.

The only home of LiteLLM, which is imported at the first call: it takes seconds and much memory. Knows nothing
of chains; whoever asks decides what comes after a failure.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import re
from collections.abc import Iterator, Mapping
from functools import cache
from types import ModuleType
from typing import Any, cast

from pydantic import SecretStr

from quantumsketch.errors import ModelFailed
from quantumsketch.llm.chain import key_name
from quantumsketch.llm.failures import failure
from quantumsketch.llm.structured import rejects_schema, rungs
from quantumsketch.llm.types import (
    Answer,
    EmptyAnswer,
    ModelEntry,
    NotAuthorised,
    ProviderTimeout,
    Question,
    Refused,
    TruncatedAnswer,
    Unreachable,
)

TIMEOUT_S = 150.0
"""Seconds that one question may take, all rungs of the ladder together."""
MOST_TOKENS = 16_000
"""Tokens that an answer may have, thoughts included."""


class Provider:
    """Calls models with the keys and addresses it was given; shows neither."""

    def __init__(
        self, keys: Mapping[str, SecretStr], bases: Mapping[str, str], timeout_s: float = TIMEOUT_S
    ) -> None:
        self._keys = dict(keys)
        self._bases = dict(bases)
        self._timeout_s = timeout_s
        self._lowest_rung: dict[str, int] = {}

    @property
    def key_names(self) -> frozenset[str]:
        """The keys at hand, by variable name. A server of one's own at OpenAI's address needs none."""
        own_server = {"OPENAI_API_KEY"} if "OPENAI_API_BASE" in self._bases else set()
        return frozenset(self._keys) | own_server

    async def ask(self, model: ModelEntry, question: Question) -> Answer:
        """Ask one model once; the answer fits the schema only as far as the provider enforces it.

        Raises a subclass of ModelFailed.
        """
        if not model.reachable:
            raise NotAuthorised(f"{model.id} cannot be reached: {model.why}")
        litellm = await asyncio.to_thread(_litellm)
        try:
            async with asyncio.timeout(self._timeout_s):
                response = await self._climb_down(litellm, model, question)
        except TimeoutError:
            raise ProviderTimeout(f"{model.id} did not answer within {self._timeout_s:g} s") from None
        return _answer(model, response)

    async def _climb_down(self, litellm: ModuleType, model: ModelEntry, question: Question) -> Any:
        """Ask for the strictest form of answer that the model takes, and remember which that was."""
        ladder = rungs(question.messages, question.answer_schema)
        for rung in range(min(self._lowest_rung.get(model.id, 0), len(ladder) - 1), len(ladder)):
            outcome = await self._call(litellm, model, ladder[rung])
            if not isinstance(outcome, ModelFailed):
                return outcome
            if rung == len(ladder) - 1 or not rejects_schema(outcome):
                raise outcome
            self._lowest_rung[model.id] = rung + 1
        raise AssertionError("a ladder has at least one rung")

    async def _call(self, litellm: ModuleType, model: ModelEntry, options: Mapping[str, Any]) -> Any:
        """The response, or the failure: returned, so that it carries no foreign error that shows a key."""
        variable = key_name(model.litellm_id)
        base = self._bases.get(variable.replace("_KEY", "_BASE")) if variable else None
        key = self._keys.get(variable) if variable else None
        try:
            return await litellm.acompletion(
                model=model.litellm_id,
                api_key=key.get_secret_value() if key else "none" if base else None,
                api_base=base,
                timeout=self._timeout_s,
                max_tokens=MOST_TOKENS,
                num_retries=0,
                max_retries=0,
                **options,
            )
        except (litellm.exceptions.openai.OpenAIError, ValueError) as error:
            return self._read(litellm, model, error)

    def _read(self, litellm: ModuleType, model: ModelEntry, error: Exception) -> ModelFailed:
        causes = list(_causes(error))
        wording = self._without_keys(getattr(error, "message", "") or str(error))
        status = next(
            (s for e in causes[::-1] if isinstance(s := getattr(e, "status_code", None), int)), None
        )
        headers = getattr(error, "litellm_response_headers", None)
        if headers is None and isinstance(error, litellm.exceptions.Timeout):
            return ProviderTimeout(f"{model.id} did not answer in time: {wording[:200]}")
        if headers is None and any(isinstance(cause, OSError) for cause in causes):
            return Unreachable(f"{model.id} cannot be reached: {wording[:200]}", mend="Check the network")
        return failure(model.id, status, wording, _seconds((headers or {}).get("retry-after")))

    def _without_keys(self, text: str) -> str:
        for key in self._keys.values():
            text = text.replace(key.get_secret_value(), "[key]")
        return text


async def close_connections() -> None:
    """Close what calls have left open, if there were any; to be awaited before the event loop ends."""
    if not _litellm.cache_info().currsize:
        return
    await (await asyncio.to_thread(_litellm)).close_litellm_async_clients()


@cache
def _litellm() -> ModuleType:
    for name in ("MODEL_COST_MAP", "ANTHROPIC_BETA_HEADERS"):  # else it fetches both lists from the network
        os.environ[f"LITELLM_LOCAL_{name}"] = "True"
    litellm: Any = importlib.import_module("litellm")  # so that the type checker need not read all of it
    litellm.suppress_debug_info = True
    return cast(ModuleType, litellm)


def _answer(model: ModelEntry, response: Any) -> Answer:
    """The words of a response; raises the failure that an empty, cut or declined one is."""
    cost = _cost(response)
    if not response.choices:
        raise EmptyAnswer(f"{model.id} gave no answer", cost_usd=cost)
    choice, usage = response.choices[0], getattr(response, "usage", None)
    text = (choice.message.content or "").strip()
    match choice.finish_reason:
        case "length":
            raise TruncatedAnswer(f"{model.id} stopped in the middle of its answer", cost_usd=cost)
        case "content_filter":
            raise Refused(f"{model.id} declined to answer", cost_usd=cost)
    if not text:
        raise EmptyAnswer(f"{model.id} gave an answer without words", cost_usd=cost)
    return Answer(
        text=text,
        model=model.id,
        input_tokens=getattr(usage, "prompt_tokens", 0) or 0,
        output_tokens=getattr(usage, "completion_tokens", 0) or 0,
        cost_usd=cost,
    )


def _cost(response: Any) -> float | None:
    """USD by the provider's own statement or the price list; None if neither knows."""
    cost = getattr(response, "_hidden_params", {}).get("response_cost")
    return float(cost) if isinstance(cost, int | float) else None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what it came from, the nearest first."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _seconds(header: str | None) -> float | None:
    return float(header) if header and re.fullmatch(r"\d+(\.\d+)?", header.strip()) else None
