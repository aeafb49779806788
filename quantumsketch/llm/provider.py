"""One call to one model through LiteLLM: bounded in time, without hidden retries, every failure ours by type.

The only home of LiteLLM, which is imported at the first call: it takes seconds and much memory. Knows nothing
of chains; whoever asks decides what comes after a failure.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import logging
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from types import ModuleType
from typing import Any, NoReturn, cast

from pydantic import SecretStr

from quantumsketch.errors import ModelFailed
from quantumsketch.llm.budget import MOST_TOKENS
from quantumsketch.llm.failures import failure, sentence
from quantumsketch.llm.responses import answer
from quantumsketch.llm.structured import lost_in_form, rejects_form, rejects_length, rungs
from quantumsketch.llm.types import (
    Answer,
    ConnectionLost,
    ModelEntry,
    NotAuthorised,
    ProviderTimeout,
    Question,
    Unreachable,
)
from quantumsketch.llm.waiting import seconds_to_wait

TIMEOUT_S = 150.0
"""Seconds that one question may take, all rungs of the ladder together."""
OWN_SERVER_PATIENCE = 6
"""Times as long for a server of one's own: all beats of a video may stand in its queue."""

_OPENROUTER = "openrouter/"
_NO_PRICE = {"provider": {"max_price": {"prompt": 0, "completion": 0}}}
"""OpenRouter then takes no route that costs anything, and fails if there is no other."""
_LOST = ("ReadError", "WriteError", "RemoteProtocolError")
"""httpx's names for connections that broke."""


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
        litellm = await asyncio.to_thread(_litellm)
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
        if model.key_name and model.key_name not in self._keys:
            return NotAuthorised(f"{model.id} cannot be called: {model.key_name} is not set", mend="Set it")
        try:
            response = await litellm.acompletion(
                model=model.litellm_id,
                api_key=self._key(model),
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
            return self._read(litellm, model, error)

    def _key(self, model: ModelEntry) -> str | None:
        """The key that an entry names; None where LiteLLM reads its own variables."""
        if model.key_name:
            return self._keys[model.key_name].get_secret_value()
        # a server of one's own may need none, but LiteLLM wants one, or takes the provider's to it
        return "none" if model.base_url else None

    def _read(self, litellm: ModuleType, model: ModelEntry, error: Exception) -> ModelFailed:
        """The failure that an exception of LiteLLM's is."""
        causes = list(_causes(error))
        wording = self._without_keys(_wording(causes))
        said = sentence(wording)
        status = next(
            (s for e in causes[::-1] if isinstance(s := getattr(e, "status_code", None), int)), None
        )
        headers = getattr(error, "litellm_response_headers", None)
        if headers is None and any(isinstance(e, litellm.exceptions.Timeout | TimeoutError) for e in causes):
            return ProviderTimeout(f"{model.id} did not answer in time: {said}")
        if headers is None and any(map(_is_lost, causes)):
            return ConnectionLost(f"{model.id} broke the connection off: {said}")
        if headers is None and any(isinstance(e, OSError) for e in causes):
            return Unreachable(f"{model.id} cannot be reached: {said}", mend="Check the network")
        wait_s = seconds_to_wait(dict(headers or {}), wording, datetime.now(UTC))
        return failure(model.id, status, wording, wait_s)

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
    logging.getLogger("LiteLLM").disabled = True  # it writes models' words to the terminal
    http: Any = importlib.import_module("litellm.llms.custom_httpx.http_handler")
    http.AsyncHTTPHandler.single_connection_post_request = _ask_no_second_time
    return cast(ModuleType, litellm)


async def _ask_no_second_time(*_: object, **request: Any) -> NoReturn:
    """What LiteLLM does when a connection breaks, in place of sending the request again unasked."""
    raise ConnectionError("the connection broke before an answer came")


def _is_routed_for_free(model: ModelEntry) -> bool:
    return model.free and model.litellm_id.startswith(_OPENROUTER)


def _is_lost(cause: BaseException) -> bool:
    """Whether the connection was there before it broke, so that the request may have arrived."""
    return isinstance(cause, ConnectionResetError | BrokenPipeError) or type(cause).__name__ in _LOST


def _wording(causes: list[BaseException]) -> str:
    """What was said, with the provider's own body where a library has kept it apart."""
    told = getattr(causes[0], "message", "") or str(causes[0])
    # what follows holds the answer: no word of a model's may tell which failure it is
    said = told.partition("Traceback (most recent call last)")[0]
    bodies = (body for cause in causes if isinstance(body := getattr(cause, "body", None), dict))
    body = next(bodies, None)
    return f"{said} {json.dumps({'error': body}, default=str)}" if body and "{" not in said else said


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what it came from, the nearest first."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
