"""Which models are asked, and over which provider each is reached."""

from __future__ import annotations

import pytest

from quantumsketch.errors import BadInput
from quantumsketch.llm.chain import key_name, models
from quantumsketch.settings import DEFAULT_MODELS

ROUTES = [
    ("anthropic/claude-sonnet-4-6", {"ANTHROPIC_API_KEY"}, "anthropic/claude-sonnet-4-6"),
    (
        "anthropic/claude-sonnet-4-6",
        {"ANTHROPIC_API_KEY", "OPENROUTER_API_KEY"},
        "anthropic/claude-sonnet-4-6",
    ),
    ("anthropic/claude-sonnet-4-6", {"OPENROUTER_API_KEY"}, "openrouter/anthropic/claude-sonnet-4-6"),
    ("google/gemini-2.5-flash", {"GEMINI_API_KEY"}, "gemini/gemini-2.5-flash"),
    ("google/gemini-2.5-flash", {"OPENROUTER_API_KEY"}, "openrouter/google/gemini-2.5-flash"),
    ("gemini/gemini-2.5-flash", {"OPENROUTER_API_KEY"}, "openrouter/google/gemini-2.5-flash"),
    ("deepseek/deepseek-r1", {"DEEPSEEK_API_KEY"}, "deepseek/deepseek-r1"),
    (
        "deepseek/deepseek-r1:free",
        {"DEEPSEEK_API_KEY", "OPENROUTER_API_KEY"},
        "openrouter/deepseek/deepseek-r1:free",
    ),
    ("openrouter/meta/llama:free", {"OPENROUTER_API_KEY"}, "openrouter/meta/llama:free"),
    ("openai/gpt-5", {"OPENAI_API_KEY"}, "openai/gpt-5"),
    ("ollama/llama3", set(), "ollama/llama3"),
    ("groq/llama-4", {"ANTHROPIC_API_KEY"}, "groq/llama-4"),
]


@pytest.mark.parametrize(("model_id", "keys", "litellm_id"), ROUTES)
def test_a_model_is_reached_by_its_own_key_else_through_openrouter(
    model_id: str, keys: set[str], litellm_id: str
) -> None:
    (entry,) = models([model_id], keys)
    assert (entry.id, entry.litellm_id, entry.reachable) == (model_id, litellm_id, True)


@pytest.mark.parametrize(
    ("model_id", "keys", "missing"),
    [
        ("anthropic/claude-sonnet-4-6", set(), "ANTHROPIC_API_KEY or OPENROUTER_API_KEY"),
        ("google/gemini-2.5-flash", {"ANTHROPIC_API_KEY"}, "GEMINI_API_KEY or OPENROUTER_API_KEY"),
        ("deepseek/deepseek-r1:free", {"DEEPSEEK_API_KEY"}, "OPENROUTER_API_KEY"),
        ("openrouter/meta/llama", {"OPENAI_API_KEY"}, "OPENROUTER_API_KEY"),
    ],
)
def test_a_model_without_a_key_is_skipped_and_says_which_is_missing(
    model_id: str, keys: set[str], missing: str
) -> None:
    (entry,) = models([model_id], keys)
    assert not entry.reachable
    assert entry.why == f"{missing} is not set"


def test_the_chain_keeps_its_order_and_names_each_model_once() -> None:
    chain = [*DEFAULT_MODELS, DEFAULT_MODELS[0]]
    assert [entry.id for entry in models(chain, {"OPENROUTER_API_KEY"})] == list(DEFAULT_MODELS)


@pytest.mark.parametrize("bad", ["", "claude", "anthropic/", "/claude", "anthropic/claude sonnet"])
def test_an_entry_that_is_no_model_is_refused_by_name(bad: str) -> None:
    with pytest.raises(BadInput) as caught:
        models(["ollama/llama3", bad], set())
    assert repr(bad) in caught.value.what
    assert caught.value.mend


def test_a_key_belongs_to_the_provider_that_is_called() -> None:
    assert key_name("openrouter/anthropic/claude-sonnet-4-6") == "OPENROUTER_API_KEY"
    assert key_name("gemini/gemini-2.5-flash") == "GEMINI_API_KEY"
    assert key_name("ollama/llama3") is None
