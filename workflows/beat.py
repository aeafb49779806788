"""The story of one beat: as planned, else repaired, else simplified, else a plain card: always a picture."""

from __future__ import annotations

from dataclasses import dataclass

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from quantumsketch.agent.repair import card, repair_beat, simplified
    from quantumsketch.errors import ModelFailed, RunFailed
    from quantumsketch.llm.types import Answer, ModelEntry, Question, cost_of
    from quantumsketch.storyboard import Beat, Look
    from quantumsketch.video import BeatState, Clip, Outcome, RenderedBeat, RenderRequest
    from workflows.calls import call
    from workflows.failures import from_temporal
    from workflows.jobs import JoinJob, Part, RenderAttempt, RenderJob
    from workflows.ledger import Ledger
    from workflows.planning import ask_model, reachable_models
    from workflows.policies import REPAIRS_PER_BEAT, Work

MOST_PARTS = 20
"""Calls of up to 30 s that one beat may take."""
MOST_BEAT_S = 240
"""Seconds that one beat may play; the longest narration takes three minutes."""


@dataclass(frozen=True)
class Version:
    """One way of showing a beat, and who wrote it."""

    beat: Beat
    outcome: Outcome
    model: str
    repairs: int = 0


class Unrendered(Exception):
    """A version that gave no clip; the message is the complaint that its repair starts from."""


class BeatMaker:
    """Makes the beats of one video; adds up what their repairs cost (None once a price is not known)."""

    def __init__(self, look: Look, ledger: Ledger) -> None:
        self.look = look
        self.ledger = ledger
        self.cost_usd: float | None = 0.0

    async def make(self, beat_id: str, beat: Beat, author: str) -> RenderedBeat:
        """Render `beat`, or what stands in for it; says how it came out."""
        version = planned = Version(beat, Outcome.PLANNED, author)
        complaints: list[str] = []
        while True:
            try:
                clip, cached = await self._render(beat_id, version.beat)
            except Unrendered as unrendered:
                complaints.append(str(unrendered))
                self.ledger.beat(beat_id, BeatState.REPAIRING)
                version = await self._next(version, planned, complaints[-1])
                continue
            self.ledger.beat(beat_id, BeatState.DONE, outcome=version.outcome, cached=cached)
            return RenderedBeat(
                id=beat_id,
                beat=version.beat,
                outcome=version.outcome,
                attempts=len(complaints) + 1,
                model=version.model,
                clip=clip,
                cached=cached,
                complaint=complaints[0] if complaints else None,
            )

    async def _next(self, failed: Version, planned: Version, complaint: str) -> Version:
        """What to try after `failed`: a repair while there are any left, then ever plainer."""
        if failed.outcome is Outcome.CARD:
            raise RunFailed(f"not even a plain card could be rendered of {planned.beat.title!r}: {complaint}")
        if failed.outcome is Outcome.SIMPLIFIED:
            return Version(card(planned.beat), Outcome.CARD, planned.model)
        if failed.repairs < REPAIRS_PER_BEAT and (repaired := await self._repair(failed.beat, complaint)):
            return Version(*repaired, repairs=failed.repairs + 1)
        return Version(simplified(planned.beat), Outcome.SIMPLIFIED, planned.model)

    async def _render(self, beat_id: str, beat: Beat) -> tuple[Clip, bool]:
        """A clip, and whether every part of it was there already; raises Unrendered."""
        parts: list[Part] = []
        cached = True
        first_animation: int | None = 0
        while first_animation is not None:
            if len(parts) == MOST_PARTS:
                raise Unrendered(f"the beat needs more than {MOST_PARTS} calls of 30 s to render")
            request = RenderRequest(beat=beat, look=self.look, first_animation=first_animation)
            job = RenderJob(beat_id=beat_id, request=request)
            summary = f"{beat_id} {beat.title}"
            attempt = await call(Work.RENDER, "render_part", job, RenderAttempt, summary=summary)
            if attempt.part is None:
                raise Unrendered(attempt.complaint or "the render gave neither a clip nor a reason")
            parts.append(attempt.part)
            if sum(part.result.duration_s for part in parts) > MOST_BEAT_S:
                raise Unrendered(f"the scene plays longer than the {MOST_BEAT_S} s that a beat may")
            cached = cached and attempt.cached
            first_animation = attempt.part.result.next_animation
        return await self._joined(parts), cached

    async def _joined(self, parts: list[Part]) -> Clip:
        if len(parts) > 1:
            return await call(Work.MERGE, "join_parts", JoinJob(parts=parts), Clip)
        return clip_of(parts[0])

    async def _repair(self, beat: Beat, complaint: str) -> tuple[Beat, Outcome, str] | None:
        try:
            repaired = await repair_beat(beat, complaint, await reachable_models(), self._ask)
        except ActivityError as failure:
            if is_cancelled_exception(failure):
                raise
            self.ledger.notes.append(f"a repair of {beat.title!r} failed: {from_temporal(failure)}")
            return None
        return (repaired[0], Outcome.REPAIRED, repaired[1]) if repaired else None

    async def _ask(self, model: ModelEntry, question: Question) -> Answer:
        try:
            answer = await ask_model(model, question)
        except ModelFailed as failure:
            self._paid(cost_of(failure))
            raise
        self._paid(answer.cost_usd)
        return answer

    def _paid(self, usd: float | None) -> None:
        self.cost_usd = None if usd is None or self.cost_usd is None else self.cost_usd + usd


def clip_of(part: Part) -> Clip:
    """The clip that a beat rendered in one call is."""
    result = part.result
    return Clip(
        asset=part.asset, duration_s=result.duration_s, width=result.width, height=result.height,
        fps=result.fps, findings=result.findings,
    )  # fmt: skip
