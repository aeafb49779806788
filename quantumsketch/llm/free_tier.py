"""The models that cost nothing: which of OpenRouter's list are asked, in which order, and how often at most.

No free model is named here: they come and go. Without an OpenRouter key there is no free tier.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import SecretStr

from quantumsketch.call_book import FreeLimits
from quantumsketch.errors import ServiceUnavailable
from quantumsketch.llm.listing import ListedModel, Listing, free_calls_left, free_limits
from quantumsketch.llm.openrouter import TIMEOUT_S, Clock, Known, OpenRouter, utc_now
from quantumsketch.llm.prices import NOTHING
from quantumsketch.llm.routes import FREE, OVER_OPENROUTER
from quantumsketch.llm.types import ModelEntry
from quantumsketch.providers import OPENROUTER

MOST_ENTRIES = 3
"""The account's limits are the same for all of them: a longer chain would only burn the day's calls."""
LEAST_CONTEXT = 32_000
"""Tokens: the catalogue of visuals, a prompt and a storyboard fit in."""
LASTING = timedelta(hours=48)
"""A model that is withdrawn sooner is not begun with."""


@dataclass(frozen=True)
class Allowance:
    """What an account may do for free."""

    limits: FreeLimits
    left_today: int | None
    """Calls; None: OpenRouter does not tell."""


class FreeTier:
    """OpenRouter's free models for the account of `key`, asked at `base_url` (None: the usual address)."""

    def __init__(
        self,
        home: Path,
        key: SecretStr,
        base_url: str | None = None,
        *,
        key_name: str = OPENROUTER.key,
        timeout_s: float = TIMEOUT_S,
        now: Clock = utc_now,
    ) -> None:
        self._openrouter = OpenRouter(home, key, base_url, timeout_s=timeout_s, now=now)
        self._base_url = base_url
        self._key_name = key_name
        self._now = now

    async def known(self) -> Known:
        """What OpenRouter lists, paid models too."""
        return await self._openrouter.known()

    async def entries(self, cooling: Collection[str] = ()) -> list[ModelEntry]:
        """The best free models, the best first; those whose ids are `cooling` down come last."""
        known = await self.known()
        if known.listing is None:
            return []
        why = f"through OpenRouter's free tier, with {self._key_name}"
        if known.trouble:
            why += f"; the list is {age(known.listing, self._now())} old: {known.trouble}"
        best = ranked(known.listing.models, self._now(), cooling)[:MOST_ENTRIES]
        return [self._entry(model, why) for model in best]

    async def limits(self) -> FreeLimits:
        """How many free calls the account may make; the lower limits where OpenRouter does not tell."""
        return (await self.allowance()).limits

    async def allowance(self) -> Allowance:
        """What the account may do, and what it has left today; for this the key is asked about each time."""
        try:
            told = await self._openrouter.key()
        except ServiceUnavailable:
            return Allowance(FreeLimits(), None)
        return Allowance(free_limits(told), free_calls_left(told))

    def _entry(self, model: ListedModel, why: str) -> ModelEntry:
        return ModelEntry(
            id=model.id, litellm_id=f"{OVER_OPENROUTER}{model.id}", reachable=True, why=why,
            key_name=self._key_name, base_url=self._base_url, price=NOTHING, free=True,
        )  # fmt: skip


def ranked(models: Sequence[ListedModel], now: datetime, cooling: Collection[str] = ()) -> list[ListedModel]:
    """The free models that can write a storyboard, the best first."""

    def rank(model: ListedModel) -> tuple[bool, bool, bool, bool, float]:
        able = model.supported_parameters
        return (
            model.id in cooling,
            "structured_outputs" not in able,
            "response_format" not in able,
            "tools" not in able,
            -model.created,
        )

    return sorted((model for model in models if _is_eligible(model, now)), key=rank)


def is_free(model: ListedModel) -> bool:
    """Whether a model is free by its name and by each of its prices: one of the two is not enough."""
    return model.id.endswith(FREE) and model.costs_nothing


def age(listing: Listing, now: datetime) -> str:
    """How old a list is, in words."""
    hours = (now - listing.fetched_at) / timedelta(hours=1)
    if hours < 1:
        return f"{hours * 60:.0f} min"
    return f"{hours:.0f} h" if hours < 48 else f"{hours / 24:.0f} days"


def _is_eligible(model: ListedModel, now: datetime) -> bool:
    return (
        is_free(model)
        and (model.context_length or 0) >= LEAST_CONTEXT
        and "text" in model.architecture.input_modalities
        and model.architecture.output_modalities == ["text"]
        and not model.expires_by(now + LASTING)
    )
