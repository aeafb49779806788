"""What a model costs by the list that LiteLLM ships. Knows no account and no discount; unknown is unknown."""

from __future__ import annotations

from quantumsketch.llm.shipped import price_list
from quantumsketch.llm.types import Price

NOTHING = Price(input_usd=0, output_usd=0)
_ON_ONES_OWN_MACHINE = frozenset({"ollama", "ollama_chat", "hosted_vllm", "lm_studio", "llamafile"})


def price(litellm_id: str) -> Price | None:
    """Price of a model by its LiteLLM id, None if the list does not know it."""
    provider, _, model = litellm_id.partition("/")
    if provider in _ON_ONES_OWN_MACHINE:
        return NOTHING
    for name in (litellm_id, model):  # the list leaves some providers' names away
        listed = price_list().get(name, {})
        if listed.get("litellm_provider") == provider:
            return _price(listed.get("input_cost_per_token"), listed.get("output_cost_per_token"))
    return None


def _price(input_usd: object, output_usd: object) -> Price | None:
    """None also where the list says zero: that is what it writes for what it does not know."""
    if not isinstance(input_usd, int | float) or not isinstance(output_usd, int | float):
        return None
    if input_usd < 0 or output_usd < 0 or input_usd == output_usd == 0:
        return None
    return Price(input_usd=input_usd, output_usd=output_usd)
