"""What a run lets its agent loops do beside asking: check what a model wrote, look things up, remember."""

from __future__ import annotations

from collections.abc import Sequence

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from quantumsketch.agent.review import Checked
    from quantumsketch.agent.scene_prompts import Canvas
    from quantumsketch.agent.scenes import SceneVerbs
    from quantumsketch.checking import SceneCheck, SceneCheckRequest
    from quantumsketch.errors import QuantumSketchError
    from quantumsketch.incidents import Complaint, Hint
    from quantumsketch.llm.types import Ask
    from quantumsketch.storyboard import Beat, Look, Storyboard, VideoRequest
    from renderers.manim.stage import stage_for
    from renderers.manim.version import manim_version
    from workflows.calls import call, our_errors
    from workflows.jobs import FindJob, HintsJob, RecallJob
    from workflows.policies import Work

MANIM = manim_version()
HINTS_ARE_TOLD = "what is known of a fault is told with it"


async def check_storyboard(storyboard: Storyboard) -> Checked:
    """The mathematics and the formulas that a storyboard puts on screen, checked in the sandbox."""
    try:
        with our_errors():
            return await call(Work.CHECK, "check_storyboard", storyboard, Checked)
    except QuantumSketchError as error:
        return Checked(notes=[f"the mathematics on screen was not checked: {error}"])


async def check_scene(beat: Beat, look: Look) -> SceneCheck:
    """A beat's code worked through in the sandbox, without drawing it."""
    job = SceneCheckRequest(beat=beat, look=look)
    with our_errors():
        return await call(Work.CHECK, "check_scene", job, SceneCheck, summary=beat.title)


def canvas_of(look: Look) -> Canvas:
    """The frame that whoever writes a scene has to fill, in Manim units."""
    stage = stage_for(look.aspect)
    return Canvas(
        width=stage.frame.width,
        height=stage.frame.height,
        safe_x=stage.safe.right,
        safe_y=stage.safe.top,
        captions_y=stage.content.bottom,
        manim=MANIM,
    )


async def recalled_storyboards(request: VideoRequest) -> list[Storyboard]:
    """Storyboards of this tenant's videos on like subjects; none if the graph is away."""
    job = RecallJob(tenant=request.tenant, query=request.prompt, avoid=request.wording.avoid)
    try:
        with our_errors():
            return await call(Work.LOOK_UP, "recall_storyboards", job, list[Storyboard])
    except QuantumSketchError:
        return []


async def recalled_hints(request: VideoRequest, complaints: Sequence[Complaint]) -> list[Hint]:
    """What this tenant's videos tell of such faults; nothing if the graph is away."""
    if not complaints or not workflow.patched(HINTS_ARE_TOLD):
        return []
    job = HintsJob(tenant=request.tenant, complaints=list(complaints), quality=request.look.quality)
    try:
        with our_errors():
            return await call(Work.LOOK_UP, "recall_hints", job, list[Hint])
    except QuantumSketchError:
        return []


def scene_verbs(request: VideoRequest, ask: Ask) -> SceneVerbs:
    """Everything that the writing of a scene may do, each call an activity of its own."""

    async def check(beat: Beat) -> SceneCheck:
        return await check_scene(beat, request.look)

    async def find_manim(query: str) -> str:
        with our_errors():
            return await call(Work.CHECK, "find_manim", FindJob(query=query), str)

    async def recall(query: str) -> str:
        job = RecallJob(tenant=request.tenant, query=query, avoid=request.wording.avoid)
        with our_errors():
            return await call(Work.LOOK_UP, "recall_scenes", job, str)

    async def hints(complaints: Sequence[Complaint]) -> list[Hint]:
        return await recalled_hints(request, complaints)

    return SceneVerbs(ask=ask, check=check, find_manim=find_manim, recall=recall, hints=hints)
