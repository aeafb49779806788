"""How a run gets its storyboard: from a person, from the first model that delivers, or offline."""

from __future__ import annotations

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from quantumsketch.agent.storyboarding import write_storyboard
    from quantumsketch.errors import ModelFailed
    from quantumsketch.llm.types import Answer, ModelEntry, Question
    from quantumsketch.storyboard import Planned, Storyboard, VideoRequest
    from workflows.calls import call
    from workflows.failures import from_temporal
    from workflows.jobs import AskJob, OfflineDraft, OfflineJob
    from workflows.policies import Work


async def plan(request: VideoRequest) -> Planned:
    """The storyboard of a run, who wrote it, and what that cost."""
    if request.planned:
        return request.planned
    if request.storyboard:
        return Planned(storyboard=request.storyboard, storyboard_by="you", cost_usd=0.0)
    drafted = await write_storyboard(
        request.prompt,
        max_beats=request.max_beats,
        models=await reachable_models(),
        ask=ask_model,
        offline=_offline,
    )
    return Planned(
        storyboard=drafted.storyboard,
        storyboard_by=drafted.by,
        cost_usd=drafted.cost_usd,
        notes=[f"{attempt.model}: {attempt.ended}" for attempt in drafted.attempts if not attempt.succeeded],
    )


async def reachable_models() -> list[ModelEntry]:
    """The entries of the chain that there is a key or a server for, in order."""
    entries = await call(Work.LOOK_UP, "list_models", None, list[ModelEntry])
    return [entry for entry in entries if entry.reachable]


async def ask_model(model: ModelEntry, question: Question) -> Answer:
    """One call to one model, as an activity of its own; raises ModelFailed."""
    try:
        job = AskJob(model=model, question=question)
        return await call(Work.ASK_MODEL, "ask_model", job, Answer, summary=model.id)
    except ActivityError as failure:
        if is_cancelled_exception(failure):
            raise
        error = from_temporal(failure)
        if isinstance(error, ModelFailed):
            raise error from failure
        raise ModelFailed(error.what, mend=error.mend) from failure


async def _offline(prompt: str, max_beats: int) -> tuple[Storyboard, str]:
    job = OfflineJob(prompt=prompt, max_beats=max_beats)
    draft = await call(Work.OFFLINE, "write_offline", job, OfflineDraft)
    return draft.storyboard, draft.by
