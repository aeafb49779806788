"""Activities that lead to a storyboard: which models there are, one call to one of them, the offline tier."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from temporalio import activity

from quantumsketch.assets.keys import content_key
from quantumsketch.assets.store import AssetStore
from quantumsketch.llm import offline
from quantumsketch.llm.chain import models
from quantumsketch.llm.offline.version import offline_version
from quantumsketch.llm.provider import Provider
from quantumsketch.llm.types import Answer, ModelEntry
from workflows.activities.context import heartbeats
from workflows.activities.remembered import remember, remembered
from workflows.jobs import AskJob, OfflineDraft, OfflineJob

Embed = Callable[[list[str]], list[list[float]]]


class StoryboardActivities:
    """Holds the keys (inside `provider`; they pass through no history), and the store, which keeps drafts."""

    def __init__(self, chain: list[str], provider: Provider, embed: Embed, store: AssetStore) -> None:
        self.chain = chain
        self.provider = provider
        self.embed = embed
        self.store = store

    @activity.defn
    async def list_models(self) -> list[ModelEntry]:
        """The chain, each entry saying whether it can be reached from here."""
        return models(self.chain, self.provider.key_names)

    @activity.defn
    async def ask_model(self, job: AskJob) -> Answer:
        """One call to one model."""
        async with heartbeats():
            return await self.provider.ask(job.model, job.question)

    @activity.defn
    async def write_offline(self, job: OfflineJob) -> OfflineDraft:
        """The storyboard that needs no model."""
        key = content_key("offline", offline_version(), job)
        async with heartbeats():
            if found := await remembered(self.store, key, OfflineDraft, lambda _: []):
                return found
            storyboard, by = await asyncio.to_thread(
                offline.storyboard, job.prompt, job.max_beats, self.embed
            )
            draft = OfflineDraft(storyboard=storyboard, by=by)
            await remember(self.store, key, draft)
        return draft
