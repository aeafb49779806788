"""Hosted embedding models over real HTTP: their languages, their failures, and that no key is shown."""

from __future__ import annotations

import asyncio
import math
import traceback
from collections.abc import Sequence

import pytest
from pydantic import SecretStr

from quantumsketch.errors import BadInput, ModelFailed
from quantumsketch.llm.embedding import MOST_AT_ONCE, HostedEmbedder, Vector, embedding_model
from quantumsketch.llm.types import (
    CoolingDown,
    NotAuthorised,
    Overloaded,
    ProviderTimeout,
    Unreachable,
    UnusableAnswer,
)
from quantumsketch.settings import Settings
from tests.provider_emulator import (
    Asked,
    ProviderEmulator,
    Scripted,
    embedded,
    error,
    hang_up,
    openai,
    silence,
    texts_of,
)

KEY = "a-key-in-no-usual-form-4711"
OPENAI = "openai/text-embedding-3-small"
pytestmark = pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecatedSince20")


def hosted(
    emulator: ProviderEmulator, model: str = OPENAI, *, key: str | None = KEY, timeout_s: float = 20.0
) -> HostedEmbedder:
    """The embedder that the environment would describe, at the emulator's address."""
    name = {"openai": "OPENAI", "gemini": "GEMINI", "ollama": "OLLAMA"}[model.split("/")[0]]
    path = "/v1" if name == "OPENAI" else ""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("QS_EMBEDDER", model)
        environment.setenv(f"{name}_API_BASE", f"{emulator.url}{path}")
        if key:
            environment.setenv(f"{name}_API_KEY", key)
        settings = Settings()
        way = embedding_model(settings)
    assert way
    return HostedEmbedder(way, settings.provider_keys, timeout_s=timeout_s)


def by_length(asked: Asked) -> Scripted:
    """Vectors that differ by how long their texts are."""
    return embedded(asked, [[3.0 * len(text), 4.0 * len(text), 0.0] for text in texts_of(asked)])


def by_place(asked: Asked) -> Scripted:
    return embedded(asked, [[1.0, float(text.strip())] for text in texts_of(asked)])


async def embed(embedder: HostedEmbedder, texts: Sequence[str]) -> list[Vector]:
    return await asyncio.to_thread(embedder.embed, texts)


@pytest.mark.parametrize(
    ("model", "path"),
    [
        (OPENAI, "/v1/embeddings"),
        ("gemini/gemini-embedding-001", "/models/gemini-embedding-001:batchEmbedContents"),
    ],
)
async def test_each_provider_is_asked_in_its_language_with_its_key_and_vectors_have_length_one(
    model: str, path: str
) -> None:
    async with ProviderEmulator(respond=by_length) as emulator:
        embedder = hosted(emulator, model)
        assert await embed(embedder, ["one", "and another"]) == [[0.6, 0.8, 0.0]] * 2
    assert embedder.model == model
    (asked,) = emulator.asked
    assert asked.path == path
    assert KEY in str(asked.headers)


async def test_many_texts_are_asked_for_in_parts_and_come_back_in_their_order() -> None:
    numbers = [str(number) for number in range(2 * MOST_AT_ONCE + 1)]
    async with ProviderEmulator(respond=by_place) as emulator:
        vectors = await embed(hosted(emulator), numbers)
        assert await embed(hosted(emulator), []) == []
    assert [round(vector[1] / vector[0]) for vector in vectors] == [int(number) for number in numbers]
    assert all(math.isclose(math.hypot(*vector), 1) for vector in vectors)
    assert [len(texts_of(asked)) for asked in emulator.asked] == [MOST_AT_ONCE, MOST_AT_ONCE, 1]


@pytest.mark.parametrize("text", ["files/abc", "gs://bucket/a.png", "data:image/png;base64,AAAA", ""])
async def test_a_text_that_looks_like_a_file_is_sent_as_a_text_and_nothing_is_fetched(text: str) -> None:
    async with ProviderEmulator(respond=by_length) as emulator:
        await embed(hosted(emulator, "gemini/gemini-embedding-001"), [text])
    assert [sent.strip() for sent in texts_of(emulator.asked[0])] == [text]
    assert emulator.fetched == []


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (error(401, "no such key"), NotAuthorised),
        (error(400, "that is no request"), ModelFailed),
        (Scripted(200, {"data": [], "object": "list", "model": "m"}), ModelFailed),
    ],
)
async def test_what_cannot_be_mended_by_asking_again_is_asked_once(
    answer: Scripted, kind: type[ModelFailed]
) -> None:
    async with ProviderEmulator(answer, respond=by_length) as emulator:
        embedder = hosted(emulator)
        with pytest.raises(kind) as failure:
            await embed(embedder, ["a"])
        assert KEY not in "".join(traceback.format_exception(failure.value))
    assert len(emulator.asked) == 1


@pytest.mark.parametrize("vectors", [[], [[1.0, 0.0]] * 2, [[0.0, 0.0]]])
async def test_an_answer_with_other_vectors_than_were_asked_for_is_not_used(vectors: list[Vector]) -> None:
    async with ProviderEmulator(respond=lambda asked: embedded(asked, vectors)) as emulator:
        with pytest.raises(ModelFailed):
            await embed(hosted(emulator), ["a"])
    assert len(emulator.asked) >= 1


async def test_a_model_whose_vectors_change_their_length_is_not_believed() -> None:
    async with ProviderEmulator(
        respond=lambda asked: embedded(asked, [[1.0] * len(emulator.asked)])
    ) as emulator:
        embedder = hosted(emulator)
        assert await embed(embedder, ["a"]) == [[1.0]]
        with pytest.raises(UnusableAnswer, match=r"\[1, 2\] numbers"):
            await embed(embedder, ["b"])


@pytest.mark.parametrize("answer", [error(503, "overloaded"), openai("not a vector in sight")])
async def test_an_overloaded_model_is_asked_once_more_and_no_library_asks_by_itself(answer: Scripted) -> None:
    async with ProviderEmulator(answer, respond=by_length) as emulator:
        assert len(await embed(hosted(emulator), ["a"])) == 1
    assert len(emulator.asked) == 2


async def test_after_a_failure_it_rests_and_fails_at_once_without_asking() -> None:
    async with ProviderEmulator(respond=lambda _: error(503, "overloaded")) as emulator:
        embedder = hosted(emulator)
        with pytest.raises(Overloaded):
            await embed(embedder, ["a"])
        asked = len(emulator.asked)
        with pytest.raises(CoolingDown, match="overloaded"):
            await embed(embedder, ["a"])
        assert len(emulator.asked) == asked == 2


async def test_a_silent_or_lost_or_absent_provider_is_given_up_in_time() -> None:
    async with ProviderEmulator(silence(), hang_up(), hang_up()) as emulator:
        with pytest.raises(ProviderTimeout):
            await embed(hosted(emulator, timeout_s=1), ["a"])
        with pytest.raises(Unreachable):
            await embed(hosted(emulator), ["a"])
    with pytest.raises(Unreachable):
        await embed(hosted(emulator), ["a"])


async def test_a_server_of_ones_own_needs_no_key() -> None:
    async with ProviderEmulator(respond=by_length) as emulator:
        assert len(await embed(hosted(emulator, key=None), ["a"])) == 1


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("openai/text-embedding-3-small", "OPENAI_API_KEY"),
        ("nobody-knows/this", "nobody-knows"),
    ],
)
def test_an_embedder_that_cannot_be_reached_is_told_before_it_is_needed(
    named: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QS_EMBEDDER", named)
    with pytest.raises(BadInput, match=f"QS_EMBEDDER is '{named}'.*{said}"):
        embedding_model(Settings())


async def test_where_others_do_the_work_a_missing_key_is_told_when_it_is_needed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("QS_EMBEDDER", OPENAI)
    way = embedding_model(Settings(worker="external"))
    assert way
    with pytest.raises(NotAuthorised, match="OPENAI_API_KEY"):
        await embed(HostedEmbedder(way, {"OTHER": SecretStr(KEY)}), ["a"])


def test_without_the_setting_no_model_is_hosted() -> None:
    assert embedding_model(Settings()) is None
