"""Who answers for models: their names at LiteLLM and OpenRouter, the variables of their keys. No I/O.

The table holds the providers that people use; LiteLLM knows more, and those are called as it calls them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

Keyless = Literal["never", "at its address", "always"]


@dataclass(frozen=True)
class ModelProvider:
    """One provider of models."""

    litellm: str
    """Its name at the start of LiteLLM's ids."""
    key: str
    """The variable that holds its key."""
    base: str | None = None
    """The variable that may hold an address instead of its usual one."""
    openrouter: str | None = None
    """Its name at the start of OpenRouter's ids; None: its models are not reached there."""
    keyless: Keyless = "never"
    """Whether it answers without a key: servers that people run themselves do."""


OPENROUTER = ModelProvider("openrouter", "OPENROUTER_API_KEY", "OPENROUTER_API_BASE")

_ANTHROPIC = ModelProvider("anthropic", "ANTHROPIC_API_KEY", "ANTHROPIC_API_BASE", "anthropic")
_GOOGLE = ModelProvider("gemini", "GEMINI_API_KEY", "GEMINI_API_BASE", "google")
_OPENAI = ModelProvider("openai", "OPENAI_API_KEY", "OPENAI_API_BASE", "openai", "at its address")
_DEEPSEEK = ModelProvider("deepseek", "DEEPSEEK_API_KEY", "DEEPSEEK_API_BASE", "deepseek")
_MISTRAL = ModelProvider("mistral", "MISTRAL_API_KEY", "MISTRAL_API_BASE", "mistralai")
_XAI = ModelProvider("xai", "XAI_API_KEY", "XAI_API_BASE", "x-ai")
_MOONSHOT = ModelProvider("moonshot", "MOONSHOT_API_KEY", "MOONSHOT_API_BASE", "moonshotai")
_ZAI = ModelProvider("zai", "ZAI_API_KEY", "ZAI_API_BASE", "z-ai")
_COHERE = ModelProvider("cohere_chat", "COHERE_API_KEY", "COHERE_API_BASE", "cohere")

PROVIDERS: Mapping[str, ModelProvider] = {
    "anthropic": _ANTHROPIC,
    "google": _GOOGLE, "gemini": _GOOGLE,
    "openai": _OPENAI,
    "deepseek": _DEEPSEEK,
    "openrouter": OPENROUTER,
    "mistral": _MISTRAL, "mistralai": _MISTRAL,
    "xai": _XAI, "x-ai": _XAI,
    "moonshot": _MOONSHOT, "moonshotai": _MOONSHOT,
    "zai": _ZAI, "z-ai": _ZAI,
    "cohere": _COHERE, "cohere_chat": _COHERE,
    "perplexity": ModelProvider(
        "perplexity", "PERPLEXITYAI_API_KEY", openrouter="perplexity"
    ),
    "groq": ModelProvider("groq", "GROQ_API_KEY"),
    "cerebras": ModelProvider("cerebras", "CEREBRAS_API_KEY"),
    "together_ai": ModelProvider("together_ai", "TOGETHERAI_API_KEY"),
    "fireworks_ai": ModelProvider("fireworks_ai", "FIREWORKS_AI_API_KEY"),
    "deepinfra": ModelProvider("deepinfra", "DEEPINFRA_API_KEY"),
    "nvidia_nim": ModelProvider("nvidia_nim", "NVIDIA_NIM_API_KEY"),
    "sambanova": ModelProvider("sambanova", "SAMBANOVA_API_KEY"),
    "ollama": ModelProvider("ollama_chat", "OLLAMA_API_KEY", "OLLAMA_API_BASE", keyless="always"),
    "ollama_chat": ModelProvider("ollama_chat", "OLLAMA_API_KEY", "OLLAMA_API_BASE", keyless="always"),
    "hosted_vllm": ModelProvider(
        "hosted_vllm", "HOSTED_VLLM_API_KEY", "HOSTED_VLLM_API_BASE", keyless="at its address"
    ),
    "lm_studio": ModelProvider(
        "lm_studio", "LM_STUDIO_API_KEY", "LM_STUDIO_API_BASE", keyless="at its address"
    ),
}  # fmt: skip
"""By the names that people write: LiteLLM's, and OpenRouter's where it calls a provider differently."""

KEY_VARIABLES = tuple(dict.fromkeys(provider.key for provider in PROVIDERS.values()))
BASE_VARIABLES = tuple(dict.fromkeys(provider.base for provider in PROVIDERS.values() if provider.base))


def fault_of_address(address: str) -> str:
    """What keeps an address from being one of a provider, in words; empty if nothing does.

    It becomes part of a run's history, so it may hold no secret: no password, no query.
    """
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "is not an address"
    if parts.scheme not in ("http", "https") or not host or any(char.isspace() for char in address):
        return "is not an address that starts with http:// or https://"
    if "@" in parts.netloc or parts.query or parts.fragment:
        return "holds more than an address: a name, a password or a query"
    return ""
