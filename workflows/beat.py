"""The story of one beat: as planned, else repaired, else simplified, else a plain card: always a picture."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import TypeVar

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from quantumsketch.agent.budget import BeatBudget, VideoBudget
    from quantumsketch.agent.repair import card, repair_beat, same_complaint, simplified
    from quantumsketch.agent.scenes import PERSON, Written, write_scene
    from quantumsketch.errors import QuantumSketchError, RunFailed
    from quantumsketch.storyboard import Beat, VideoRequest, WrittenScene
    from quantumsketch.video import BeatState, Clip, Outcome, RenderedBeat, RenderRequest
    from quantumsketch.visuals import ManimCode
    from workflows.calls import call, our_errors
    from workflows.chain import asking, present_chain
    from workflows.checks import canvas_of, check_storyboard, scene_verbs
    from workflows.jobs import OFFLINE, JoinJob, Part, RenderAttempt, RenderJob
    from workflows.ledger import Ledger
    from workflows.policies import REPAIRS_PER_BEAT, Work

Tried = TypeVar("Tried")
SCENES_ARE_CHECKED = "scenes are checked before they are rendered"
COMPLAINTS_TOLD = 2
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
    mended: list[str] = field(default_factory=list)
    from_narration: bool = False
    """Made of the beat's own words, without a model: only a card is plainer."""


class Unrendered(Exception):
    """A version that gave no clip; the message is the complaint that its repair starts from."""


class BeatMaker:
    """Makes the beats of one video."""

    def __init__(self, request: VideoRequest, ledger: Ledger) -> None:
        self.request = request
        self.ledger = ledger
        self.budget = VideoBudget()
        self.written = dict(request.planned.written) if request.planned else {}
        """How scenes that have passed the check were written: not to be paid for again."""
        self.beats: dict[str, Beat] = {}
        """The beats with these scenes."""

    async def make(self, beat_id: str, beat: Beat, author: str) -> RenderedBeat:
        """Render `beat`, or what stands in for it; says how it came out."""
        planned = Version(beat, Outcome.PLANNED, author)
        budget = self.budget.for_beat()
        complaints: list[str] = []
        version = await self._written(beat_id, planned, complaints, budget)
        while True:
            try:
                clip, cached = await self._render(beat_id, version.beat)
                _check_shown(version, clip)
            except Unrendered as unrendered:
                complaints.append(str(unrendered))
                self.ledger.beat(beat_id, BeatState.REPAIRING)
                version = await self._next(beat_id, version, planned, complaints, budget)
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
                complaint=None if version.outcome is Outcome.PLANNED else next(iter(complaints), None),
                mended=version.mended,
            )

    async def _written(
        self, beat_id: str, planned: Version, complaints: list[str], budget: BeatBudget
    ) -> Version:
        """The beat with its scene written and checked; what is no Manim code is taken as it is."""
        if not isinstance(planned.beat.visual, ManimCode) or not workflow.patched(SCENES_ARE_CHECKED):
            return planned
        if earlier := self.written.get(beat_id):
            complaints += [earlier.complaint] if earlier.complaint else []
            return _version_of(earlier, planned.beat)
        written = await self._tried(f"{beat_id}: its scene", self._write(beat_id, planned, budget))
        if written is None:
            complaints.append("the scene could not be written: what that needs did not answer")
            return await self._next(beat_id, planned, planned, complaints, budget)
        self.ledger.notes.extend(f"{beat_id}: left as it is: {note}" for note in written.notes)
        if written.outcome is not Outcome.PLANNED:
            complaints.append(_first_of(written.complaints) or written.ended)
        if not written.ready:
            return await self._next(beat_id, planned, planned, complaints, budget)
        scene = WrittenScene(
            by=written.by,
            repaired=written.outcome is Outcome.REPAIRED,
            mended=written.mended,
            complaint=next(iter(complaints), None),
        )
        self.written[beat_id], self.beats[beat_id] = scene, written.beat
        return _version_of(scene, written.beat)

    async def _write(self, beat_id: str, planned: Version, budget: BeatBudget) -> Written:
        self.ledger.beat(beat_id, BeatState.WRITING)
        chain = await present_chain()
        written = await write_scene(
            planned.beat,
            canvas_of(self.request.look),
            author=planned.model,
            models=chain.models,
            verbs=scene_verbs(self.request, asking(chain, self.request, "scene", beat_id)),
            budget=budget,
            beat_id=beat_id,
        )
        self.ledger.calls.extend(written.calls)
        return written

    async def _next(
        self, beat_id: str, failed: Version, planned: Version, complaints: list[str], budget: BeatBudget
    ) -> Version:
        """What to try after `failed`: another visual from a model while that can help, then ever plainer."""
        if failed.outcome is Outcome.CARD:
            what = f"not even a plain card could be rendered of {planned.beat.title!r}: {complaints[-1]}"
            raise RunFailed(what)
        if failed.from_narration:
            return Version(card(planned.beat), Outcome.CARD, planned.model)
        again = failed.repairs > 0 and same_complaint(complaints[-2], complaints[-1])
        if failed.repairs < REPAIRS_PER_BEAT and not again:
            redrawing = self._redrawn(beat_id, failed, complaints[-1], budget)
            if redrawn := await self._tried(f"{beat_id}: a repair", redrawing):
                return redrawn
        return Version(simplified(planned.beat), Outcome.SIMPLIFIED, planned.model, from_narration=True)

    async def _redrawn(
        self, beat_id: str, failed: Version, complaint: str, budget: BeatBudget
    ) -> Version | None:
        """The beat with a typed visual of a model's, None if no model has one."""
        chain = await present_chain()
        redrawn = await repair_beat(
            failed.beat,
            complaint,
            models=chain.models,
            ask=asking(chain, self.request, "repair", beat_id),
            check=check_storyboard,
            budget=budget,
            beat_id=beat_id,
        )
        self.ledger.calls.extend(redrawn.calls)
        self.ledger.notes.extend(f"{beat_id}: {note}" for note in redrawn.notes)
        if redrawn.beat is None:
            return None
        was_animated = isinstance(failed.beat.visual, ManimCode) or failed.outcome is Outcome.SIMPLIFIED
        outcome = Outcome.SIMPLIFIED if was_animated else Outcome.REPAIRED
        return Version(redrawn.beat, outcome, redrawn.by, failed.repairs + 1)

    async def _tried(self, what: str, attempt: Awaitable[Tried]) -> Tried | None:
        """What came of an attempt; None if what it stands on failed: there is a video nevertheless."""
        try:
            with our_errors():
                return await attempt
        except QuantumSketchError as error:
            self.ledger.notes.append(f"{what} was given up: {error}")
            return None

    async def _render(self, beat_id: str, beat: Beat) -> tuple[Clip, bool]:
        """A clip, and whether every part of it was there already; raises Unrendered."""
        parts: list[Part] = []
        cached = True
        first_animation: int | None = 0
        while first_animation is not None:
            if len(parts) == MOST_PARTS:
                raise Unrendered(f"the beat needs more than {MOST_PARTS} calls of 30 s to render")
            request = RenderRequest(beat=beat, look=self.request.look, first_animation=first_animation)
            job = RenderJob(beat_id=beat_id, request=request)
            summary = f"{beat_id} {beat.title}"
            attempt = await call(Work.RENDER, "render_part", job, RenderAttempt, summary=summary)
            if attempt.part is None:
                raise Unrendered(attempt.complaint or "the render gave neither a clip nor a reason")
            parts.append(attempt.part)
            self.ledger.notice(attempt.part.notice)
            if sum(part.result.duration_s for part in parts) > MOST_BEAT_S:
                raise Unrendered(f"the scene plays longer than the {MOST_BEAT_S} s that a beat may")
            cached = cached and attempt.cached
            first_animation = attempt.part.result.next_animation
        return await self._joined(parts), cached

    async def _joined(self, parts: list[Part]) -> Clip:
        if len(parts) > 1:
            return await call(Work.MERGE, "join_parts", JoinJob(parts=parts), Clip)
        return clip_of(parts[0])


def _first_of(complaints: list[str]) -> str:
    """What the report tells of a scene's faults: the first ones cause many of the others."""
    more = len(complaints) - COMPLAINTS_TOLD
    return "; ".join(complaints[:COMPLAINTS_TOLD]) + (f" (and {more} more)" if more > 0 else "")


def _version_of(scene: WrittenScene, beat: Beat) -> Version:
    outcome = Outcome.REPAIRED if scene.repaired else Outcome.PLANNED
    return Version(beat, outcome, scene.by, mended=scene.mended)


def _check_shown(version: Version, clip: Clip) -> None:
    """Raise Unrendered if a model's formula would be shown as its source; a person's own is left as it is."""
    if version.model == PERSON or version.model.startswith(OFFLINE):
        return
    refused = [finding.message for finding in clip.findings if finding.rule == "formula"]
    if refused:
        raise Unrendered("; ".join(refused))


def clip_of(part: Part) -> Clip:
    """The clip that a beat rendered in one call is."""
    result = part.result
    return Clip(
        asset=part.asset, duration_s=result.duration_s, width=result.width, height=result.height,
        fps=result.fps, findings=result.findings,
    )  # fmt: skip
