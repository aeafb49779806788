"""Which models are asked, in which order, and over which provider each is reached. Pure: no network, no keys.

People write the public spelling, provider/model; this is the edge at which it becomes LiteLLM's. A model is
reached by its provider's own key, else through OpenRouter.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from quantumsketch.errors import BadInput
from quantumsketch.llm.types import ModelEntry

OPENROUTER_KEY = "OPENROUTER_API_KEY"


@dataclass(frozen=True)
class _Provider:
    """How a provider is called by LiteLLM and by OpenRouter, and the variable that holds its key."""

    litellm: str
    openrouter: str | None
    key: str


_PROVIDERS = {
    "anthropic": _Provider("anthropic", "anthropic", "ANTHROPIC_API_KEY"),
    "google": _Provider("gemini", "google", "GEMINI_API_KEY"),
    "gemini": _Provider("gemini", "google", "GEMINI_API_KEY"),
    "deepseek": _Provider("deepseek", "deepseek", "DEEPSEEK_API_KEY"),
    "openai": _Provider("openai", "openai", "OPENAI_API_KEY"),
    "openrouter": _Provider("openrouter", None, OPENROUTER_KEY),
}
_FREE = ":free"
"""OpenRouter's mark for a model that costs nothing: no other provider has it."""


def models(chain: Sequence[str], keys: Collection[str]) -> list[ModelEntry]:
    """The chain's entries in order, each once, with the names of the keys at hand deciding how it is reached.

    Raises BadInput for an entry that is not spelled PROVIDER/MODEL.
    """
    return [_entry(model_id, keys) for model_id in dict.fromkeys(chain)]


def key_name(litellm_id: str) -> str | None:
    """The variable that holds the key for a LiteLLM id, None if it is a provider that we hold no key for."""
    prefix = litellm_id.partition("/")[0]
    return next((p.key for p in _PROVIDERS.values() if p.litellm == prefix), None)


def _entry(model_id: str, keys: Collection[str]) -> ModelEntry:
    name, slash, model = model_id.partition("/")
    if not (name and slash and model) or any(char.isspace() for char in model_id):
        raise BadInput(
            f"{model_id!r} in the model chain is not a model",
            mend="Write PROVIDER/MODEL, such as anthropic/claude-sonnet-4-6",
        )
    provider = _PROVIDERS.get(name)
    if provider is None:
        return _reached(model_id, model_id, "as LiteLLM reaches it")
    free = model.endswith(_FREE)
    if provider.key in keys and not free:
        return _reached(model_id, f"{provider.litellm}/{model}", f"with {provider.key}")
    if OPENROUTER_KEY in keys:
        routed = f"{provider.openrouter}/{model}" if provider.openrouter else model
        return _reached(model_id, f"openrouter/{routed}", f"through OpenRouter, with {OPENROUTER_KEY}")
    wanted = OPENROUTER_KEY if free or not provider.openrouter else f"{provider.key} or {OPENROUTER_KEY}"
    return ModelEntry(id=model_id, litellm_id="", reachable=False, why=f"{wanted} is not set")


def _reached(model_id: str, litellm_id: str, how: str) -> ModelEntry:
    return ModelEntry(id=model_id, litellm_id=litellm_id, reachable=True, why=how)
