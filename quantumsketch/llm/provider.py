"""One call to one model through LiteLLM: bounded in time, without hidden retries, every failure ours by type.

Knows nothing of chains; whoever asks decides what comes after a failure.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from pydantic import SecretStr

from quantumsketch.errors import ModelFailed
from quantumsketch.llm.border import key_for, library, read_failure
from quantumsketch.llm.budget import MOST_TOKENS
from quantumsketch.llm.responses import answer
from quantumsketch.llm.structured import lost_in_form, rejects_form, rejects_length, rungs
from quantumsketch.llm.types import (
    Answer,
    ModelEntry,
    NotAuthorised,
    ProviderTimeout,
    Question,
)

TIMEOUT_S = 150.0
"""Seconds that one question may take, all rungs of the ladder together."""
OWN_SERVER_PATIENCE = 6
"""Times as long for a server of one's own: all beats of a video may stand in its queue."""

_OPENROUTER = "openrouter/"
_NO_PRICE = {"provider": {"max_price": {"prompt": 0, "completion": 0}}}
"""OpenRouter then takes no route that costs anything, and fails if there is no other."""


class Provider:
    """Calls models where their entries say, with the keys it was given by variable name; shows none."""

    def __init__(self, keys: Mapping[str, SecretStr], timeout_s: float = TIMEOUT_S) -> None:
        self._keys = dict(keys)
        self._timeout_s = timeout_s
        self._lowest_rung: dict[tuple[str, bool], int] = {}

    async def ask(self, model: ModelEntry, question: Question, *, most_tokens: int = MOST_TOKENS) -> Answer:
        """Ask one model once, for at most so many tokens; with tools, the answer may be tool calls.

        The answer fits the schema only as far as the provider enforces it. Raises a subclass of ModelFailed.
        """
        if not model.reachable:
            raise NotAuthorised(f"{model.id} cannot be reached: {model.why}")
        litellm = await asyncio.to_thread(library)
        timeout_s = self._patience_with(model)
        try:
            async with asyncio.timeout(timeout_s):
                return await self._climb_down(litellm, model, question, most_tokens)
        except TimeoutError:
            raise ProviderTimeout(f"{model.id} did not answer within {timeout_s:g} s") from None

    def _patience_with(self, model: ModelEntry) -> float:
        """Seconds for one question: a server of one's own answers one after the other, and slowly."""
        return self._timeout_s * (OWN_SERVER_PATIENCE if model.is_own_server else 1)

    async def _climb_down(
        self, litellm: ModuleType, model: ModelEntry, question: Question, most_tokens: int
    ) -> Answer:
        """Ask in the strictest form that the model takes, and remember which that was."""
        ladder, remembered = rungs(question, own_server=model.is_own_server), (model.id, bool(question.tools))
        lowest = min(self._lowest_rung.get(remembered, 0), len(ladder) - 1)
        for rung in range(lowest, len(ladder)):
            options = {**ladder[rung], **({"extra_body": _NO_PRICE} if _is_routed_for_free(model) else {})}
            outcome = await self._call(litellm, model, question, {**options, "max_tokens": most_tokens})
            if isinstance(outcome, ModelFailed) and rejects_length(outcome):
                # then the model itself allows less, so that most_tokens still holds
                outcome = await self._call(litellm, model, question, options)
            if isinstance(outcome, Answer):
                if lost_in_form(outcome):
                    self._lowest_rung[remembered] = len(ladder) - 1
                return outcome
            if rung == len(ladder) - 1 or not rejects_form(question, outcome):
                raise outcome
            self._lowest_rung[remembered] = rung + 1
        raise AssertionError("a ladder has at least one rung")

    async def _call(
        self, litellm: ModuleType, model: ModelEntry, question: Question, options: Mapping[str, Any]
    ) -> Answer | ModelFailed:
        """The answer, or the failure: returned, so that it carries no foreign error that shows a key."""
        try:
            response = await litellm.acompletion(
                model=model.litellm_id,
                api_key=key_for(model, self._keys),
                api_base=model.base_url,
                timeout=self._patience_with(model),
                num_retries=0,
                max_retries=0,
                _skip_mcp_handler=True,  # with tools it would import a package that it does not bring
                **options,
            )
            return answer(model, question, response)
        except ModelFailed as failed:
            return failed
        except Exception as error:  # whatever a library makes of a strange response is one of our failures
            return read_failure(litellm, model.id, error, self._keys)


async def close_connections() -> None:
    """Close what calls have left open, if there were any; to be awaited before the event loop ends."""
    if library.cache_info().currsize:
        await library().close_litellm_async_clients()


def _is_routed_for_free(model: ModelEntry) -> bool:
    return model.free and model.litellm_id.startswith(_OPENROUTER)
