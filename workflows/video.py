"""The story of one video: storyboard, beats in parallel, merge, record.

Decides only; whatever touches a model, a disk, a process or a database is an activity.
"""

from __future__ import annotations

import asyncio

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from quantumsketch.errors import QuantumSketchError
    from quantumsketch.storyboard import Beat, Planned, Storyboard, VideoRequest
    from quantumsketch.usage import ModelCall, total
    from quantumsketch.video import (
        AssetRef,
        BeatState,
        Film,
        Progress,
        RenderedBeat,
        Stage,
        Video,
    )
    from workflows.beat import BeatMaker
    from workflows.calls import call, our_errors
    from workflows.failures import to_temporal
    from workflows.jobs import CallsJob, FilmBeat, FilmJob, JoinedFilm, PosterJob
    from workflows.ledger import Ledger, beat_name, dark_beats, shortfalls
    from workflows.planning import kept_in_the_end, plan
    from workflows.policies import BEATS_AT_ONCE, Work
    from workflows.versions import MADE_WITH


@workflow.defn
class StoryboardWorkflow:
    """Only the plan, for a person to read and edit before anything is rendered."""

    @workflow.run
    async def run(self, request: VideoRequest) -> Planned:
        try:
            return await plan(request)
        except QuantumSketchError as error:
            raise to_temporal(error) from error


@workflow.defn
class VideoGenerationWorkflow:
    """From a prompt to a published video; its id is the video's."""

    @workflow.init
    def __init__(self, request: VideoRequest) -> None:
        self.request = request
        self.plan: Planned | None = None
        self.ledger = Ledger(workflow.time())
        self.maker = BeatMaker(request, self.ledger)

    @property
    def _id(self) -> str:
        return workflow.info().workflow_id.partition("/")[2]

    @workflow.query
    def progress(self) -> Progress:
        """A snapshot of the run."""
        return self.ledger.snapshot()

    @workflow.query
    def planned(self) -> Planned | None:
        """The storyboard, its scenes as far as they are written, for a run that takes this one's place."""
        if self.plan is None:
            return None
        storyboard = self.plan.storyboard
        written = self.maker.beats
        beats = [written.get(beat_name(n), beat) for n, beat in enumerate(storyboard.beats)]
        return self.plan.model_copy(
            update={
                "storyboard": storyboard.model_copy(update={"beats": beats}),
                "written": self.maker.written,
                "calls": self.ledger.calls,
                "cost_usd": self._cost(self.plan),
            }
        )

    @workflow.signal
    def beat_started(self, beat_id: str) -> None:
        """A slot has taken the beat."""
        self.ledger.beat(beat_id, BeatState.RENDERING)

    @workflow.signal
    def model_waits(self, waiting: str | None) -> None:
        """A model is asked again later; None: now."""
        self.ledger.waiting = waiting

    @workflow.run
    async def run(self, request: VideoRequest) -> Video:
        try:
            return await self._make()
        except QuantumSketchError as error:
            raise to_temporal(error) from error

    async def _make(self) -> Video:
        planned = self.plan = await plan(self.request)
        self.ledger.notes.extend(planned.notes)
        self.ledger.because.extend(planned.because)
        self.ledger.calls.extend(planned.calls)
        ids = self.ledger.planned(planned.storyboard, planned.storyboard_by)

        self.ledger.enter(Stage.BEATS, workflow.time())
        beats = await self._beats(ids, planned)

        self.ledger.enter(Stage.MERGE, workflow.time())
        film = await self._merge(planned.storyboard, beats)

        self.ledger.enter(Stage.RECORD, workflow.time())
        await self._account()
        video = self._video(planned, beats, film)
        return await self._record(video)

    async def _account(self) -> None:
        """Take the calls from the book: it has those that were tried again, or made in an earlier run."""
        if not self.ledger.calls:
            return
        job = CallsJob(tenant=self.request.tenant, video_id=self._id)
        try:
            with our_errors():
                self.ledger.calls = await call(Work.LOOK_UP, "list_calls", job, list[ModelCall])
        except QuantumSketchError as error:
            self.ledger.notes.append(f"some calls to models may be missing from the account: {error}")

    async def _beats(self, ids: dict[str, int], planned: Planned) -> list[RenderedBeat]:
        slots = asyncio.Semaphore(BEATS_AT_ONCE)

        async def one(name: str, beat: Beat) -> RenderedBeat:
            async with slots:
                return await self.maker.make(name, beat, planned.storyboard_by)

        storyboard = planned.storyboard
        tasks = [asyncio.create_task(one(name, storyboard.beats[index])) for name, index in ids.items()]
        try:
            return list(await asyncio.gather(*tasks))
        except (Exception, asyncio.CancelledError):  # not the GeneratorExit of a run that is put away
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            raise

    async def _merge(self, storyboard: Storyboard, beats: list[RenderedBeat]) -> Film:
        job = FilmJob(
            title=storyboard.title,
            summary=storyboard.summary,
            beats=[
                FilmBeat(title=b.beat.title, narration=b.beat.narration, clip=b.clip.asset) for b in beats
            ],
        )
        joined = await call(Work.MERGE, "merge_clips", job, JoinedFilm)
        moment = PosterJob(video=joined.video, at_s=joined.poster_s)
        poster = await call(Work.MERGE, "take_poster", moment, AssetRef)
        return Film(poster=poster, **joined.model_dump(exclude={"poster_s"}))

    def _cost(self, planned: Planned) -> float | None:
        """USD so far; None once a price is not known."""
        return total(self.ledger.calls).cost_usd if self.ledger.calls else planned.cost_usd

    def _video(self, planned: Planned, beats: list[RenderedBeat], film: Film) -> Video:
        because, not_kept = kept_in_the_end(planned, self.request.wording, [b.beat for b in beats])
        return Video(
            id=self._id,
            prompt=self.request.prompt,
            tenant=self.request.tenant,
            storyboard=planned.storyboard,
            storyboard_by=planned.storyboard_by,
            look=self.request.look,
            beats=beats,
            film=film,
            stages=self.ledger.stages,
            cost_usd=self._cost(planned),
            notes=[
                *self.ledger.notes,
                *self.ledger.notices,
                *dark_beats(beats, self.request.look),
                *shortfalls(beats, self.ledger.notes),
                *not_kept,
            ],
            because=because,
            calls=sorted(self.ledger.calls, key=lambda call: call.beat_id or ""),
            mathematics=planned.mathematics,
            made_with=MADE_WITH,
        )

    async def _record(self, video: Video) -> Video:
        try:
            with our_errors():
                await call(Work.RECORD, "record_video", video, type(None))
        except QuantumSketchError as error:
            # the film is made: a database that is away is no reason to withhold it
            self.ledger.notes.append(f"not completely recorded in the graph: {error}")
        self.ledger.enter(Stage.DONE, workflow.time())
        late = [note for note in self.ledger.notes if note not in video.notes]
        return video.model_copy(update={"stages": dict(self.ledger.stages), "notes": [*video.notes, *late]})
