"""The model chain as a run sees it: which models there are, and one question to one of them."""

from __future__ import annotations

from dataclasses import dataclass

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from quantumsketch.errors import ModelFailed, QuantumSketchError
    from quantumsketch.llm.types import Answer, Ask, ModelEntry, Question
    from quantumsketch.storyboard import VideoRequest
    from workflows.calls import call, our_errors
    from workflows.jobs import OFFLINE, AskJob
    from workflows.policies import Work


@dataclass(frozen=True)
class Chain:
    """Who can be asked, in order, and whether the tier without a model comes last."""

    models: list[ModelEntry]
    offline: bool


async def present_chain() -> Chain:
    """The chain at this moment: the entries that there is a key or a server for."""
    entries = await call(Work.LOOK_UP, "list_models", None, list[ModelEntry])
    models = [entry for entry in entries if entry.reachable and entry.id != OFFLINE]
    return Chain(models, offline=all(entry.reachable for entry in entries if entry.id == OFFLINE))


def asking(chain: Chain, request: VideoRequest, purpose: str, beat_id: str | None = None) -> Ask:
    """One call to one model, as an activity of its own, on the account of this run; raises ModelFailed."""
    video_id = workflow.info().workflow_id.partition("/")[2]

    async def ask(model: ModelEntry, question: Question) -> Answer:
        job = AskJob(
            model=model, question=question, purpose=purpose, beat_id=beat_id,
            last_resort=model == chain.models[-1],
            tenant=request.tenant, video_id=video_id, max_cost_usd=request.max_cost_usd,
        )  # fmt: skip
        summary = " ".join(filter(None, [model.id, "for", beat_id, purpose]))
        try:
            with our_errors():
                return await call(Work.ASK_MODEL, "ask_model", job, Answer, summary=summary)
        except ModelFailed:
            raise
        except QuantumSketchError as error:
            raise ModelFailed(error.what, mend=error.mend) from error

    return ask
