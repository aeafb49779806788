"""Models that the provider emulator answers for, each with the way to it."""

from __future__ import annotations

from pydantic import SecretStr

from quantumsketch.llm.provider import Provider
from quantumsketch.llm.types import Message, ModelEntry, Question
from tests.provider_emulator import ProviderEmulator

KEY = "a-key-in-no-usual-form-4711"
CLAUDE, GEMINI, FREE, PAID, OWN = (
    "anthropic/claude-sonnet-4-6",
    "google/gemini-2.5-flash",
    "deepseek/deepseek-r1:free",
    "deepseek/deepseek-r1",
    "openai/my-own-model",
)
_WAYS = {
    CLAUDE: ("anthropic/claude-sonnet-4-6", "ANTHROPIC_API_KEY", ""),
    GEMINI: ("gemini/gemini-2.5-flash", "GEMINI_API_KEY", ""),
    FREE: ("openrouter/deepseek/deepseek-r1:free", "OPENROUTER_API_KEY", "/api/v1"),
    PAID: ("openrouter/deepseek/deepseek-r1", "OPENROUTER_API_KEY", "/api/v1"),
    OWN: ("openai/my-own-model", None, "/v1"),
}
HELLO = Question(messages=[Message(role="user", content="Hello?")])


def provider(timeout_s: float = 20.0) -> Provider:
    """A provider with the key of every entry here that needs one."""
    keys = {name: SecretStr(KEY) for _, name, _ in _WAYS.values() if name}
    return Provider(keys, timeout_s=timeout_s)


def entry(emulator: ProviderEmulator, model_id: str) -> ModelEntry:
    """The way to a model of the emulator."""
    litellm_id, key_name, path = _WAYS[model_id]
    return ModelEntry(
        id=model_id, litellm_id=litellm_id, reachable=True, why="a test", key_name=key_name,
        base_url=f"{emulator.url}{path}", free=model_id == FREE,
    )  # fmt: skip
