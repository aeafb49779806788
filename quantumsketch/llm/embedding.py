"""A hosted embedding model through LiteLLM: bounded in time, every failure ours by type, vectors of length 1.

Knows nothing of what the texts are for, nor where vectors are kept. Its calls are in no book and no budget.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Mapping, Sequence
from queue import Empty, SimpleQueue
from typing import Any

from pydantic import SecretStr

from quantumsketch.errors import BadInput, ModelFailed
from quantumsketch.llm.border import key_for, library, read_failure
from quantumsketch.llm.reactions import reaction_to
from quantumsketch.llm.routes import NamedModel, route
from quantumsketch.llm.types import CoolingDown, ModelEntry, NotAuthorised, ProviderTimeout, UnusableAnswer
from quantumsketch.settings import LOCAL_EMBEDDER, Settings

TIMEOUT_S = 10.0
"""Seconds for one call: a search may be waiting."""
MOST_AT_ONCE = 64
"""Texts in a call: fewer than any provider takes."""
_LONGEST_REST_S = 60.0
_EMBEDS_AS = {"ollama_chat": "ollama"}
"""Providers that LiteLLM knows by another name where vectors are asked for."""

Vector = list[float]


class HostedEmbedder:
    """Asks one embedding model, with the keys it was given by variable name; shows none. For several threads.

    After a failure it rests for up to a minute, and fails at once: each search would wait for it.
    """

    def __init__(self, way: ModelEntry, keys: Mapping[str, SecretStr], timeout_s: float = TIMEOUT_S) -> None:
        self.model = way.id
        self._way = way
        self._keys = dict(keys)
        self._timeout_s = timeout_s
        self._dimensions: int | None = None
        self._rests_until = 0.0
        self._why = ""

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        """Return a vector of length 1 for each text; raises ModelFailed. Blocking: a call for 64 texts."""
        vectors: list[Vector] = []
        for start in range(0, len(texts), MOST_AT_ONCE):
            vectors += self._ask(texts[start : start + MOST_AT_ONCE])
        return vectors

    def _ask(self, texts: Sequence[str]) -> list[Vector]:
        """Ask for some texts, again if the kind of failure is one that passes within seconds."""
        if (left_s := self._rests_until - time.monotonic()) > 0:
            raise CoolingDown(f"{self.model} failed a short while ago: {self._why}", retry_after_s=left_s)
        attempt = 1
        while isinstance(outcome := self._call(texts), ModelFailed):
            reaction = reaction_to(outcome, attempt=attempt)
            if reaction.retry_in_s is None:
                self._rests_until = time.monotonic() + min(reaction.cool_s, _LONGEST_REST_S)
                self._why = outcome.what
                raise outcome
            time.sleep(reaction.retry_in_s)
            attempt += 1
        return outcome

    def _call(self, texts: Sequence[str]) -> list[Vector] | ModelFailed:
        """The vectors, or the failure: returned, so that it carries no foreign error that shows a key."""
        if not self._way.reachable:
            return NotAuthorised(f"{self.model} cannot be reached: {self._way.why}")
        litellm = library()
        try:
            request = {
                "model": self._way.litellm_id,
                # a text that begins as the address of a file would be taken for that file, and that fetched
                "input": [f" {text}" for text in texts],
                "api_key": key_for(self._way, self._keys),
                "api_base": self._way.base_url,
                "timeout": self._timeout_s,
                "num_retries": 0,
                "max_retries": 0,
                "encoding_format": "float",
                "drop_params": True,  # not every provider has a choice of formats
            }
            return self._checked(_in_time(litellm.embedding, request, self._timeout_s), len(texts))
        except ModelFailed as failed:
            return failed
        except Exception as error:  # whatever a library makes of a strange response is one of our failures
            return read_failure(litellm, self.model, error, self._keys)

    def _checked(self, response: Any, count: int) -> list[Vector]:
        """The vectors of a response, in the order of the texts, each of length 1 and all equally long."""
        items = sorted(response.data, key=lambda item: item["index"])
        if [item["index"] for item in items] != list(range(count)):
            raise UnusableAnswer(f"{self.model} answered {len(items)} vectors for {count} texts")
        vectors = [_of_length_1(item["embedding"]) for item in items]
        lengths = {len(vector) for vector in vectors} | {self._dimensions or len(vectors[0])}
        if len(lengths) > 1:
            raise UnusableAnswer(f"{self.model} answered with vectors of {sorted(lengths)} numbers")
        (self._dimensions,) = lengths
        return vectors


def embedding_model(settings: Settings) -> ModelEntry | None:
    """Return how the embedding model of this installation is reached; None: it is the local one.

    Raises BadInput if there is no such model, or no way to it for a process that does the work.
    """
    if settings.embedder == LOCAL_EMBEDDER:
        return None
    named = f"QS_EMBEDDER is {settings.embedder!r}"
    try:
        way = route(NamedModel(id=settings.embedder), settings.provider_keys, settings.provider_bases)
    except BadInput as error:
        raise BadInput(f"{named}: {error.what}", mend=error.mend) from None
    if not way.reachable and settings.worker == "inline":
        raise BadInput(f"{named}, and {way.why}", mend="Set it, or unset QS_EMBEDDER for the local model.")
    provider, _, model = way.litellm_id.partition("/")
    return way.model_copy(update={"litellm_id": f"{_EMBEDS_AS.get(provider, provider)}/{model}"})


def _of_length_1(numbers: Sequence[float]) -> Vector:
    """Raises UnusableAnswer for what points nowhere."""
    length = math.hypot(*numbers)
    if not 0 < length < math.inf:
        raise UnusableAnswer(f"a vector of {len(numbers)} numbers has the length {length}")
    return [number / length for number in numbers]


def _in_time(call: Any, request: Mapping[str, Any], timeout_s: float) -> Any:
    """What a call gives or raises; given up when its time is over, for not every provider's keeps to it."""
    outcomes: SimpleQueue[tuple[Any, Exception | None]] = SimpleQueue()

    def run() -> None:
        try:
            outcomes.put((call(**request), None))
        except Exception as error:  # raised again below, in the thread that waits
            outcomes.put((None, error))

    threading.Thread(target=run, name="embedding", daemon=True).start()
    try:
        response, error = outcomes.get(timeout=timeout_s)
    except Empty:
        raise ProviderTimeout(f"{request['model']} did not answer within {timeout_s:g} s") from None
    if error:
        raise error
    return response
