"""Makes a beat's clip: sets Manim up, runs the scene through the renderer, and reports. Knows no sandbox."""

from __future__ import annotations

import contextlib
from pathlib import Path

from manim import Camera, Scene
from manim.utils.exceptions import EndSceneEarlyException

from quantumsketch.storyboard import Beat, Look
from quantumsketch.video import Finding, RenderRequest, RenderResult
from quantumsketch.visuals import ManimCode
from renderers.manim.audit import Auditor
from renderers.manim.film.code_scene import camera_class, house_font, look_of_code, scene_class
from renderers.manim.film.renderer import ClipRenderer
from renderers.manim.film.tex_ahead import set_ahead
from renderers.manim.film.writer import ClipFile
from renderers.manim.scene import BeatScene, configure, frames_of_beat, hold
from renderers.manim.stage import stage_for
from renderers.manim.writing.inline import refused_formulas


def render(request: RenderRequest, path: Path, stop_at: float | None = None) -> RenderResult:
    """Render a beat from `request.first_animation` on into `path`; begins nothing after `stop_at`.

    Raises whatever a visual of kind 'manim' raises.
    """
    clip = ClipFile(path, request.look)
    auditor = Auditor(stage_for(request.look.aspect))
    with house_font():
        scene, renderer = _scene(request, clip, auditor, stop_at)
        _run(scene, renderer, frames_of_beat(request.beat, request.look), request.look.fps)
    clip.close()
    width, height = request.look.size
    return RenderResult(
        frames=clip.frames, width=width, height=height, fps=request.look.fps,
        next_animation=renderer.stopped_before,
        findings=[*auditor.findings, *([] if request.first_animation else _refused(request.beat))],
    )  # fmt: skip


def _refused(beat: Beat) -> list[Finding]:
    """Formulas that are shown as their source because TeX does not take them: never a silent downgrade."""
    return [
        Finding(
            rule="formula", objects=[formula.place], at_s=0.0,
            message=f"TeX refuses {formula.source.tex!r}: {why}",
        )
        for formula, why in refused_formulas(beat)
    ]  # fmt: skip


def audit_without_drawing(beat: Beat, look: Look) -> tuple[list[Finding], float]:
    """Lay a beat out and run it without drawing: the faults found, and its length in seconds."""
    auditor = Auditor(stage_for(look.aspect))
    with house_font():
        scene, renderer = _scene(RenderRequest(beat=beat, look=look), None, auditor, None)
        _run(scene, renderer, frames_of_beat(beat, look), look.fps)
    return auditor.findings, renderer.frame / look.fps


def _scene(
    request: RenderRequest, clip: ClipFile | None, auditor: Auditor, stop_at: float | None
) -> tuple[Scene, ClipRenderer]:
    visual = request.beat.visual
    look = look_of_code(request.look) if isinstance(visual, ManimCode) else request.look
    configure(look)
    written = _written(visual) if isinstance(visual, ManimCode) else None
    configure(look)  # again: the look is not the source's to choose
    renderer = ClipRenderer(
        clip, fps=request.look.fps, first_animation=request.first_animation, stop_at=stop_at,
        camera_class=camera_class(written) if written else Camera,
        after_animation=auditor.look_at,
    )  # fmt: skip
    if written:
        return written(renderer=renderer), renderer
    return BeatScene(request.beat, request.look, renderer), renderer


def _written(visual: ManimCode) -> type[Scene]:
    if visual.code is None:
        raise ValueError("the scene has not been written yet: there is only an idea of it")
    set_ahead(visual.code)
    return scene_class(visual.code)


def _run(scene: Scene, renderer: ClipRenderer, least_frames: int, fps: int) -> None:
    """Work through the scene, and hold its last picture until the beat is over."""
    with contextlib.suppress(EndSceneEarlyException):
        scene.setup()
        scene.construct()
        hold(scene, least_frames - renderer.frame, fps)
    scene.tear_down()
