"""The check of one scene: mend it, compile it, work through it, and say what is wrong. Draws nothing.

Runs inside the sandbox; a test may run it on a scene of its own.
"""

from __future__ import annotations

from quantumsketch.checking import Fault, SceneCheck, SceneCheckRequest
from quantumsketch.storyboard import Beat
from quantumsketch.time_limit import at_most
from quantumsketch.visuals import ManimCode
from renderers.manim.checking.dry_run import DryRun
from renderers.manim.checking.excerpt import excerpt
from renderers.manim.checking.faults import fault_of_error
from renderers.manim.checking.pace import judge_pace
from renderers.manim.knowledge.index import ManimIndex
from renderers.manim.knowledge.introspection import describe
from renderers.manim.lint import mend

_NOT_TO_BE_RUN = {"syntax", "no-scene", "endless", "outside"}
"""Faults that the linter sees in the source, with which a run would tell no more."""
_NOTHING_MOVES = (
    "the scene shows a picture, but nothing in it ever moves: show its parts one after the other with"
    " self.play(Create(...)), Write, FadeIn or Transform"
)
_NOTHING_SHOWS = "the scene shows nothing: make objects in construct, and show them with self.play"


def check_scene(request: SceneCheckRequest, seconds: float, known: ManimIndex | None = None) -> SceneCheck:
    """Check a beat's scene; what takes longer than `seconds` is endless. For the main thread only.

    `known` is what the linter goes by; without it the installed Manim is looked through, for a second.
    """
    mended = mend(_code(request.beat), known or describe())
    run = DryRun(request.look)
    faults = mended.faults
    if not any(fault.rule in _NOT_TO_BE_RUN for fault in faults):
        lines = {fault.line for fault in faults}
        seen = _failed(run, mended.code, seconds) or _empty(run, mended.code)
        faults = [*faults, *(fault for fault in seen if fault.line is None or fault.line not in lines)]
    findings = run.findings if faults else [*run.findings, *judge_pace(run.seconds, request.beat.narration)]
    return SceneCheck(
        code=mended.code, mended=mended.mended, faults=faults, findings=findings,
        duration_s=run.seconds, animations=run.animations,
    )  # fmt: skip


def _code(beat: Beat) -> str:
    if not isinstance(beat.visual, ManimCode) or beat.visual.code is None:
        raise ValueError(f"there is no code to check in the beat {beat.title!r}")
    return beat.visual.code


def _failed(run: DryRun, code: str, seconds: float) -> list[Fault]:
    try:
        with at_most(seconds):
            run.run(code)
    except BaseException as error:  # somebody else's code: it may raise anything
        return [fault_of_error(error, code)]
    return []


def _empty(run: DryRun, code: str) -> list[Fault]:
    if run.animations and run.shows_something:
        return []
    lines = enumerate(code.splitlines(), 1)
    line = next((number for number, text in lines if "def construct" in text), None)
    message = _NOTHING_MOVES if run.shows_something else _NOTHING_SHOWS
    return [Fault(rule="empty", message=message, line=line, excerpt=excerpt(code, line))]
