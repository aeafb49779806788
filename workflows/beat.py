"""The story of one beat: as planned, else repaired, else simplified, else a plain card: always a picture."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from quantumsketch.agent.budget import BeatBudget, VideoBudget
    from quantumsketch.agent.hints import bounded
    from quantumsketch.agent.incidents import complaint_of_render, redrawn, unverified
    from quantumsketch.agent.repair import card, repair_beat, same_complaint, simplified
    from quantumsketch.agent.scene_versions import PERSON
    from quantumsketch.agent.scenes import Written, write_scene
    from quantumsketch.errors import QuantumSketchError, RunFailed
    from quantumsketch.incidents import Hint, Incident
    from quantumsketch.storyboard import Beat, VideoRequest, WrittenScene
    from quantumsketch.video import BeatState, Outcome, RenderedBeat
    from quantumsketch.visuals import ManimCode
    from workflows.calls import our_errors
    from workflows.chain import asking, present_chain
    from workflows.checks import canvas_of, check_storyboard, recalled_hints, scene_verbs
    from workflows.earlier import earlier_scenes, reused
    from workflows.jobs import OFFLINE
    from workflows.ledger import Ledger
    from workflows.policies import REPAIRS_PER_BEAT
    from workflows.rendering import Unrendered, check_shown, render

Tried = TypeVar("Tried")
SCENES_ARE_CHECKED = "scenes are checked before they are rendered"
SCENES_AVOID_WORDS = "a scene that shows a word to avoid is sent back"
COMPLAINTS_TOLD = 2


@dataclass(frozen=True)
class Version:
    """One way of showing a beat, and who wrote it."""

    beat: Beat
    outcome: Outcome
    model: str
    repairs: int = 0
    mended: list[str] = field(default_factory=list)
    reused: str | None = None
    """The video whose scene this is."""
    from_narration: bool = False
    """Made of the beat's own words, without a model: only a card is plainer."""


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
        self.incidents: dict[str, list[Incident]] = defaultdict(list)
        """The faults that the beats have had."""

    async def make(self, beat_id: str, beat: Beat, author: str) -> RenderedBeat:
        """Render `beat`, or what stands in for it; says how it came out."""
        planned = Version(beat, Outcome.PLANNED, author)
        budget = self.budget.for_beat()
        complaints: list[str] = []
        version = await self._written(beat_id, planned, complaints, budget)
        while True:
            try:
                drawn = await render(beat_id, version.beat, self.request.look, self.ledger.notice)
                if version.model != PERSON and not version.model.startswith(OFFLINE):
                    check_shown(drawn.clip)
            except Unrendered as unrendered:
                complaints.append(str(unrendered))
                self.incidents[beat_id].append(_incident(version, unrendered))
                self.ledger.beat(beat_id, BeatState.REPAIRING)
                version = await self._next(beat_id, version, planned, complaints, budget)
                continue
            self.ledger.beat(beat_id, BeatState.DONE, outcome=version.outcome, cached=drawn.cached)
            return RenderedBeat(
                id=beat_id,
                beat=version.beat,
                outcome=version.outcome,
                attempts=len(complaints) + 1,
                model=version.model,
                clip=drawn.clip,
                cached=drawn.cached,
                complaint=None if version.outcome is Outcome.PLANNED else next(iter(complaints), None),
                mended=version.mended,
                reused=version.reused,
                incidents=_seen_from(version, self.incidents[beat_id]),
                render_s=drawn.took_s,
            )

    async def _written(
        self, beat_id: str, planned: Version, complaints: list[str], budget: BeatBudget
    ) -> Version:
        """The beat with its scene written and checked; what is no Manim code is taken as it is."""
        if not isinstance(planned.beat.visual, ManimCode) or not workflow.patched(SCENES_ARE_CHECKED):
            return planned
        if known := self.written.get(beat_id):
            return self._taken(beat_id, known, planned.beat, complaints)
        earlier = await earlier_scenes(self.request, planned.beat)
        if earlier.same:
            using = reused(self.request, planned.beat, earlier.same)
            if again := await self._tried(f"{beat_id}: the scene of {earlier.same.video_id}", using):
                return self._taken(beat_id, again[1], again[0], complaints)
        example = earlier.like.beat if earlier.like else None
        writing = self._write(beat_id, planned, budget, example)
        written = await self._tried(f"{beat_id}: its scene", writing)
        if written is None:
            complaints.append("the scene could not be written: what that needs did not answer")
            return await self._next(beat_id, planned, planned, complaints, budget)
        self.ledger.notes.extend(f"{beat_id}: left as it is: {note}" for note in written.notes)
        self.incidents[beat_id] += written.incidents
        if written.outcome is not Outcome.PLANNED:
            complaints.append(_first_of(written.complaints) or written.ended)
        if not written.ready:
            return await self._next(beat_id, planned, planned, complaints, budget)
        scene = WrittenScene(
            by=written.by,
            repaired=written.outcome is Outcome.REPAIRED,
            mended=written.mended,
            complaint=next(iter(complaints), None),
            incidents=written.incidents,
        )
        self.written[beat_id], self.beats[beat_id] = scene, written.beat
        return _version_of(scene, written.beat)

    def _taken(self, beat_id: str, scene: WrittenScene, beat: Beat, complaints: list[str]) -> Version:
        """The beat with a scene that was written and checked before, in whatever run."""
        complaints += [scene.complaint] if scene.complaint else []
        self.incidents[beat_id] += scene.incidents
        self.written[beat_id], self.beats[beat_id] = scene, beat
        return _version_of(scene, beat)

    async def _write(
        self, beat_id: str, planned: Version, budget: BeatBudget, example: Beat | None
    ) -> Written:
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
            example=example,
            avoid=self._avoided_by_scenes(),
        )
        self.ledger.calls.extend(written.calls)
        return written

    def _avoided_by_scenes(self) -> Sequence[str]:
        """The words that a scene is sent back for; none in a run that has begun without that."""
        avoid = self.request.wording.avoid
        return avoid if avoid and workflow.patched(SCENES_AVOID_WORDS) else ()

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
        answer = await repair_beat(
            failed.beat,
            complaint,
            models=chain.models,
            ask=asking(chain, self.request, "repair", beat_id),
            check=check_storyboard,
            budget=budget,
            beat_id=beat_id,
            hints=await self._hints(beat_id),
            avoid=self.request.wording.avoid,
        )
        self.ledger.calls.extend(answer.calls)
        self.ledger.notes.extend(f"{beat_id}: {note}" for note in answer.notes)
        if answer.beat is None:
            return None
        was_animated = isinstance(failed.beat.visual, ManimCode) or failed.outcome is Outcome.SIMPLIFIED
        outcome = Outcome.SIMPLIFIED if was_animated else Outcome.REPAIRED
        return Version(answer.beat, outcome, answer.by, failed.repairs + 1)

    async def _hints(self, beat_id: str) -> list[Hint]:
        """What is remembered of the visual that could not be rendered just now."""
        incidents = self.incidents[beat_id]
        if not incidents or incidents[-1].visual is None:
            return []
        hints = bounded(await recalled_hints(self.request, [incidents[-1].complaint]))
        names = [hint.repair for hint in hints if hint.repair]
        incidents[-1] = incidents[-1].model_copy(update={"hints": names})
        return hints

    async def _tried(self, what: str, attempt: Awaitable[Tried]) -> Tried | None:
        """What came of an attempt; None if what it stands on failed: there is a video nevertheless."""
        try:
            with our_errors():
                return await attempt
        except QuantumSketchError as error:
            self.ledger.notes.append(f"{what} was given up: {error}")
            return None


def _first_of(complaints: list[str]) -> str:
    """What the report tells of a scene's faults: the first ones cause many of the others."""
    more = len(complaints) - COMPLAINTS_TOLD
    return "; ".join(complaints[:COMPLAINTS_TOLD]) + (f" (and {more} more)" if more > 0 else "")


def _version_of(scene: WrittenScene, beat: Beat) -> Version:
    outcome = Outcome.REPAIRED if scene.repaired else Outcome.PLANNED
    return Version(beat, outcome, scene.by, mended=scene.mended, reused=scene.reused)


def _incident(version: Version, unrendered: Unrendered) -> Incident:
    complaint = complaint_of_render(str(unrendered), slow=unrendered.slow)
    return Incident(complaint=complaint, visual=version.beat.visual.kind)


def _seen_from(shown: Version, incidents: list[Incident]) -> list[Incident]:
    """The faults of a beat, and what became of each now that it is known which version is shown."""
    if shown.from_narration or shown.outcome is Outcome.CARD:
        return unverified(incidents)
    if shown.repairs:
        return redrawn(unverified(incidents), shown.beat.visual.kind, shown.model)
    return incidents
