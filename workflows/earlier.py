"""What earlier videos have for a beat to be animated: its own scene, to be used again, or one to learn by."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from quantumsketch.connections import EarlierScene
    from quantumsketch.errors import QuantumSketchError
    from quantumsketch.storyboard import Beat, VideoRequest, WrittenScene
    from quantumsketch.visuals import ManimCode
    from workflows.calls import call, our_errors
    from workflows.checks import check_scene
    from workflows.jobs import EarlierScenes, SceneJob
    from workflows.policies import Work

SCENES_ARE_REUSED = "the scene of the same beat is used again"


async def earlier_scenes(request: VideoRequest, beat: Beat) -> EarlierScenes:
    """What this tenant's videos have for a beat without code; nothing if the graph is away."""
    without_code = isinstance(beat.visual, ManimCode) and beat.visual.code is None
    if not without_code or not workflow.patched(SCENES_ARE_REUSED):
        return EarlierScenes()
    avoid = request.wording.avoid
    job = SceneJob(tenant=request.tenant, beat=beat, look=request.look, avoid=avoid)
    try:
        with our_errors():
            return await call(Work.LOOK_UP, "recall_scene", job, EarlierScenes, summary=beat.title)
    except QuantumSketchError:
        return EarlierScenes()


async def reused(
    request: VideoRequest, beat: Beat, earlier: EarlierScene
) -> tuple[Beat, WrittenScene] | None:
    """The beat with the scene that it had before, and how that was written; None if it does not pass now."""
    visual, before = beat.visual, earlier.beat.visual
    if not isinstance(visual, ManimCode) or not isinstance(before, ManimCode):
        return None
    check = await check_scene(_with_code(beat, visual, before.code), request.look)
    if not check.passes:
        return None
    # what it had to go through before is the earlier video's: this run wrote nothing
    scene = WrittenScene(by=earlier.by, repaired=False, mended=check.mended, reused=earlier.video_id)
    return _with_code(beat, visual, check.code), scene


def _with_code(beat: Beat, visual: ManimCode, code: str | None) -> Beat:
    return beat.model_copy(update={"visual": visual.model_copy(update={"code": code})})
