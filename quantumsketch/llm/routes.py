"""How one model is reached: where the public spelling becomes LiteLLM's. Pure: no network, no keys.

A model is reached by its provider's own key, else through OpenRouter. An entry with an address of its own
goes there, and takes along no key but the one that it names: a provider's key is not for others' servers.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from pydantic import BaseModel, ConfigDict

from quantumsketch.errors import BadInput
from quantumsketch.llm.shipped import provider_names
from quantumsketch.llm.types import ModelEntry, Price
from quantumsketch.providers import OPENROUTER, PROVIDERS, ModelProvider

FREE = ":free"
"""OpenRouter's mark for a model that costs nothing: no other provider has it."""
OVER_OPENROUTER = f"{OPENROUTER.litellm}/"


class NamedModel(BaseModel):
    """A model as a person names it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    base_url: str | None = None
    key: str | None = None
    price: Price | None = None


def route(named: NamedModel, keys: Collection[str], bases: Mapping[str, str]) -> ModelEntry:
    """Find the way to a model, by the names of the keys and the addresses at hand; looks up no price.

    Raises BadInput for an id that is not PROVIDER/MODEL, or whose provider LiteLLM does not know.
    """
    name, model = _parts(named.id)
    provider = PROVIDERS.get(name)
    vendor = provider.openrouter if provider else name
    if vendor and model.endswith(FREE) and not named.base_url:
        return _through_openrouter(named, vendor, model, keys, bases)
    if provider is None:
        _check_that_litellm_knows(name, named.id)
    litellm_id = f"{provider.litellm}/{_own_spelling(provider, model)}" if provider else named.id
    if named.key or named.base_url:
        return _as_it_says(named, litellm_id, keys)
    if provider is None:
        return _reached(named, litellm_id, "as LiteLLM reaches it")
    base = bases.get(provider.base or "")
    if provider.key in keys:
        return _reached(named, litellm_id, f"with {provider.key}", provider.key, base)
    if provider.keyless == "always" or (provider.keyless == "at its address" and base):
        return _reached(
            named, litellm_id, f"at {base}, without a key" if base else "without a key", base=base
        )
    if provider.openrouter:
        return _through_openrouter(named, provider.openrouter, model, keys, bases, instead_of=provider.key)
    return _missing(named, provider.base if provider.keyless != "never" and provider.base else provider.key)


def _parts(model_id: str) -> tuple[str, str]:
    name, slash, model = model_id.partition("/")
    if not (name and slash and model) or not model_id.isprintable() or " " in model_id:
        raise BadInput(
            f"{model_id!r} in the model chain is not a model",
            mend="Write PROVIDER/MODEL, such as anthropic/claude-sonnet-4-6",
        )
    return name, model


def _check_that_litellm_knows(provider: str, model_id: str) -> None:
    if provider not in provider_names():
        raise BadInput(
            f"{model_id!r} in the model chain is of the provider {provider!r}, which is not known",
            mend=f"Correct it; a model at OpenRouter is written openrouter/{model_id}, one of a server that "
            "speaks as OpenAI does openai/MODEL",
        )


def _own_spelling(provider: ModelProvider, model: str) -> str:
    """A model's name at its provider: people also copy OpenRouter's, with a dot in Anthropic's versions."""
    if provider is OPENROUTER:
        vendor, slash, rest = model.partition("/")
        return f"{vendor}/{_spelling_at_openrouter(vendor, rest)}" if slash else model
    return model.replace(".", "-") if provider.litellm == "anthropic" else model


def _spelling_at_openrouter(vendor: str, model: str) -> str:
    """A model's name there: claude-sonnet-4-6 is claude-sonnet-4.6, and dated releases have no date."""
    if vendor != "anthropic":
        return model
    undated = re.sub(r"-20\d{6}(?=$|:)", "", model)
    return re.sub(r"(?<=\d)-(?=\d{1,2}($|\D))", ".", undated, count=1)


def _as_it_says(named: NamedModel, litellm_id: str, keys: Collection[str]) -> ModelEntry:
    """The way of an entry that names its own key or address."""
    if named.key and named.key not in keys:
        return _missing(named, named.key)
    how = f"with {named.key}" if named.key else "without a key"
    why = f"at {named.base_url}, {how}" if named.base_url else how
    return _reached(named, litellm_id, why, named.key, named.base_url)


def _through_openrouter(
    named: NamedModel,
    vendor: str,
    model: str,
    keys: Collection[str],
    bases: Mapping[str, str],
    *,
    instead_of: str = "",
) -> ModelEntry:
    key = named.key or OPENROUTER.key
    if key not in keys:
        return _missing(named, *([instead_of] if instead_of else []), key)
    litellm_id = f"{OVER_OPENROUTER}{vendor}/{_spelling_at_openrouter(vendor, model)}"
    base = bases.get(OPENROUTER.base or "")
    return _reached(named, litellm_id, f"through OpenRouter, with {key}", key, base)


def _missing(named: NamedModel, *variables: str) -> ModelEntry:
    why = f"neither {' nor '.join(variables)} is set" if variables[1:] else f"{variables[0]} is not set"
    return ModelEntry(id=named.id, litellm_id="", reachable=False, why=why, price=named.price)


def _reached(
    named: NamedModel, litellm_id: str, how: str, key: str | None = None, base: str | None = None
) -> ModelEntry:
    return ModelEntry(
        id=named.id, litellm_id=litellm_id, reachable=True, why=how, key_name=key, base_url=base,
        price=named.price, free=litellm_id.startswith(OVER_OPENROUTER) and litellm_id.endswith(FREE),
    )  # fmt: skip
