"""The border to LiteLLM: how it is opened, the key that a call takes along, and what it raises read as ours.

LiteLLM is imported at the first call: it takes seconds and much memory. Knows not what is asked.
"""

from __future__ import annotations

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
from quantumsketch.llm.failures import failure, sentence
from quantumsketch.llm.types import ConnectionLost, ModelEntry, NotAuthorised, ProviderTimeout, Unreachable
from quantumsketch.llm.waiting import seconds_to_wait

Keys = Mapping[str, SecretStr]
"""By the names of their variables."""
_LOST = ("ReadError", "WriteError", "RemoteProtocolError")
"""httpx's names for connections that broke."""


@cache
def library() -> ModuleType:
    """Return LiteLLM, set to fetch nothing, write nothing and repeat nothing by itself."""
    for name in ("MODEL_COST_MAP", "ANTHROPIC_BETA_HEADERS"):  # else it fetches both lists from the network
        os.environ[f"LITELLM_LOCAL_{name}"] = "True"
    litellm: Any = importlib.import_module("litellm")  # so that the type checker need not read all of it
    litellm.suppress_debug_info = True
    litellm.DEFAULT_MAX_RETRIES = 0  # for embeddings it takes a 0 that it was given for nothing said
    # It writes models' words to the terminal. A filter, for who configures logging switches loggers on again.
    logging.getLogger("LiteLLM").addFilter(lambda _: False)
    http: Any = importlib.import_module("litellm.llms.custom_httpx.http_handler")
    http.AsyncHTTPHandler.single_connection_post_request = _ask_no_second_time
    return cast(ModuleType, litellm)


def key_for(model: ModelEntry, keys: Keys) -> str | None:
    """Return the key that an entry names; None: LiteLLM reads its own variables. Raises NotAuthorised."""
    if model.key_name:
        if model.key_name not in keys:
            raise NotAuthorised(f"{model.id} cannot be called: {model.key_name} is not set", mend="Set it")
        return keys[model.key_name].get_secret_value()
    # a server of one's own may need none, but LiteLLM wants one, or takes the provider's to it
    return "none" if model.base_url else None


def read_failure(litellm: ModuleType, name: str, error: Exception, keys: Keys) -> ModelFailed:
    """Return the failure that an exception of LiteLLM's is, without any of the `keys`."""
    causes = list(_causes(error))
    wording = _wording(causes)
    for key in keys.values():
        wording = wording.replace(key.get_secret_value(), "[key]")
    said = sentence(wording)
    status = next((s for e in causes[::-1] if isinstance(s := getattr(e, "status_code", None), int)), None)
    headers = getattr(error, "litellm_response_headers", None)
    if headers is None and any(isinstance(e, litellm.exceptions.Timeout | TimeoutError) for e in causes):
        return ProviderTimeout(f"{name} did not answer in time: {said}")
    if headers is None and any(map(_is_lost, causes)):
        return ConnectionLost(f"{name} broke the connection off: {said}")
    if headers is None and any(isinstance(e, OSError) for e in causes):
        return Unreachable(f"{name} cannot be reached: {said}", mend="Check the network")
    wait_s = seconds_to_wait(dict(headers or {}), wording, datetime.now(UTC))
    return failure(name, status, wording, wait_s)


async def _ask_no_second_time(*_: object, **request: Any) -> NoReturn:
    """What LiteLLM does when a connection breaks, in place of sending the request again unasked."""
    raise ConnectionError("the connection broke before an answer came")


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
