"""Prices and providers, read from the lists of the installed LiteLLM without importing it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from quantumsketch.llm.prices import price
from quantumsketch.llm.shipped import price_list, provider_names
from quantumsketch.llm.types import Price
from quantumsketch.providers import PROVIDERS


@pytest.mark.parametrize(
    "litellm_id",
    [
        "anthropic/claude-sonnet-4-6",
        "gemini/gemini-2.5-flash",
        "openai/gpt-5",
        "deepseek/deepseek-chat",
        "mistral/mistral-large-latest",
        "cohere_chat/command-r-plus-08-2024",
    ],
)
def test_the_usual_models_have_a_price(litellm_id: str) -> None:
    found = price(litellm_id)
    assert found
    assert 0 < found.input_usd < found.output_usd < 1e-3


def test_the_price_is_the_providers_list_price_for_one_token() -> None:
    assert price("anthropic/claude-sonnet-4-6") == Price(input_usd=3e-06, output_usd=15e-06)


def test_a_model_that_no_list_knows_has_an_unknown_price_not_zero() -> None:
    for unknown in (
        "anthropic/claude-99",
        "openai/qwen3-8b",
        "openrouter/google/gemini-2.5-flash",
        "nobody/x",
    ):
        assert price(unknown) is None


def test_a_model_of_another_provider_lends_no_price() -> None:
    assert price("openai/claude-sonnet-4-6") is None


def test_a_zero_in_the_list_is_not_believed() -> None:
    at_zero = [
        name for name, row in price_list().items()
        if row.get("mode") == "chat" and name.startswith(f"{row.get('litellm_provider')}/")
        and row.get("input_cost_per_token") == 0 == row.get("output_cost_per_token")
    ]  # fmt: skip
    believed = {name.partition("/")[0] for name in at_zero if price(name)}
    assert at_zero
    assert believed <= {"ollama"}


def test_models_on_ones_own_machine_cost_nothing() -> None:
    assert price("ollama/anything") == Price(input_usd=0, output_usd=0)


def test_every_provider_of_our_table_is_one_that_litellm_knows() -> None:
    assert len(provider_names()) > 100
    assert {provider.litellm for provider in PROVIDERS.values()} <= provider_names()


def test_reading_the_lists_does_not_import_litellm() -> None:
    code = (
        "import sys; from quantumsketch.llm.chain import models; "
        "models(['anthropic/claude-sonnet-4-6', 'bedrock/x'], {'ANTHROPIC_API_KEY'}); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "quantumsketch.llm.prices" in loaded
    assert not loaded & {"litellm", "httpx"}
