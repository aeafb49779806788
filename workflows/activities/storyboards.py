"""Activities that lead to a storyboard: which models there are, one call to one of them, the offline tier."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from temporalio import activity

from quantumsketch.llm import offline
from quantumsketch.llm.chain import models
from quantumsketch.llm.provider import Provider
from quantumsketch.llm.types import Answer, ModelEntry
from workflows.activities.context import heartbeats
from workflows.jobs import AskJob, OfflineDraft, OfflineJob

Embed = Callable[[list[str]], list[list[float]]]


class StoryboardActivities:
    """Holds the keys (inside `provider`) and the embedding; neither passes through a history."""

    def __init__(self, chain: list[str], provider: Provider, embed: Embed) -> None:
        self.chain = chain
        self.provider = provider
        self.embed = embed

    @activity.defn
    async def list_models(self) -> list[ModelEntry]:
        """The chain, each entry saying whether it can be reached from here."""
        return models(self.chain, self.provider.key_names)

    @activity.defn
    async def ask_model(self, job: AskJob) -> Answer:
        """One call to one model."""
        async with heartbeats():
            return await self.provider.ask(job.model, job.messages, schema=job.answer_schema)

    @activity.defn
    async def write_offline(self, job: OfflineJob) -> OfflineDraft:
        """The storyboard that needs no model."""
        async with heartbeats():
            storyboard, by = await asyncio.to_thread(
                offline.storyboard, job.prompt, job.max_beats, self.embed
            )
        return OfflineDraft(storyboard=storyboard, by=by)
