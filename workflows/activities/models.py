"""Activities that touch models: which there are, one call to one of them, and the tier that needs none."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from typing import Protocol

from temporalio import activity

from quantumsketch.assets.keys import content_key
from quantumsketch.assets.store import AssetStore
from quantumsketch.call_book import CoolDown
from quantumsketch.errors import ModelFailed, QuantumSketchError
from quantumsketch.llm import offline
from quantumsketch.llm.metering import CallContext, Metered
from quantumsketch.llm.offline.version import offline_version
from quantumsketch.llm.reactions import reaction_to
from quantumsketch.llm.types import Answer, ModelEntry
from workflows.activities.context import heartbeats, tell_run
from workflows.activities.remembered import remember, remembered
from workflows.failures import to_temporal_after
from workflows.jobs import OFFLINE, AskJob, OfflineDraft, OfflineJob
from workflows.policies import CALL_ATTEMPTS

Embed = Callable[[list[str]], list[list[float]]]


class Entries(Protocol):
    """The chain's entries at this moment; ids that are `cooling` down come last within the free tier."""

    async def __call__(self, cooling: Collection[str] = ()) -> list[ModelEntry]: ...


async def in_order(entries: Entries, metered: Metered) -> list[ModelEntry]:
    """The chain as it is to be asked now: of the free models, those that are left alone come last."""
    listed = await entries()
    try:
        cooling = {entry.id for entry in listed if entry.free and await metered.cooling(entry)}
    except QuantumSketchError:
        return listed  # without the book: only the order is another
    return await entries(cooling) if cooling else listed


class ModelActivities:
    """Holds the chain and the keys (inside `metered`; they pass through no history), and the offline tier."""

    def __init__(
        self, entries: Entries, metered: Metered, *, offline_allowed: bool, embed: Embed, store: AssetStore
    ) -> None:
        self.entries = entries
        self.metered = metered
        self.offline_allowed = offline_allowed
        self.embed = embed
        self.store = store

    async def cooling(self) -> dict[str, CoolDown]:
        """Until when models of the chain are left alone, and why; those that may be asked are not in it."""
        found = {entry.id: await self.metered.cooling(entry) for entry in await self.entries()}
        return {name: cool_down for name, cool_down in found.items() if cool_down}

    @activity.defn
    async def list_models(self) -> list[ModelEntry]:
        """The chain, each entry saying whether it can be reached from here; the offline tier is its last."""
        why = "needs no model" if self.offline_allowed else "switched off by QS_OFFLINE"
        last = ModelEntry(id=OFFLINE, litellm_id="", reachable=self.offline_allowed, why=why)
        return [*await in_order(self.entries, self.metered), last]

    @activity.defn
    async def ask_model(self, job: AskJob) -> Answer:
        """One call to one model; whether and when it is tried again, the kind of its failure says."""
        info = activity.info()
        context = CallContext(
            tenant=job.tenant,
            video_id=job.video_id,
            call_id=f"{info.workflow_run_id}/{info.activity_id}/{info.attempt}",
            purpose=job.purpose,
            beat_id=job.beat_id,
            max_cost_usd=job.max_cost_usd,
            attempt=info.attempt,
            last_attempt=info.attempt >= CALL_ATTEMPTS,
            last_resort=job.last_resort,
        )
        async with heartbeats():
            if info.attempt > 1:
                await tell_run("model_waits", None)
            try:
                return await self.metered.ask(job.model, job.question, context=context)
            except ModelFailed as failure:
                reaction = reaction_to(
                    failure, attempt=info.attempt, free=job.model.free, last_resort=job.last_resort
                )
                if reaction.retry_in_s and not context.last_attempt:
                    await tell_run("model_waits", _waiting(job.model, failure, reaction.retry_in_s))
                raise to_temporal_after(failure, reaction.retry_in_s) from failure

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


def _waiting(model: ModelEntry, failure: ModelFailed, retry_in_s: float) -> str:
    """Which model is asked again, when and why, for whoever looks at the run meanwhile."""
    again = datetime.now(UTC) + timedelta(seconds=retry_in_s)
    return f"{model.id} is asked again at {again:%H:%M:%S} UTC: {type(failure).__name__}"
