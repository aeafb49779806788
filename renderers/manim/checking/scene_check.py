"""The check of one scene: mend it, compile it, work through it, and say what is wrong. Draws nothing.

Runs inside the sandbox; a test may run it on a scene of its own.
"""

from __future__ import annotations

from quantumsketch.checking import Fault, SceneCheck, SceneCheckRequest
from quantumsketch.visuals import ManimCode
from renderers.manim.checking.clock import at_most
from renderers.manim.checking.dry_run import DryRun
from renderers.manim.checking.excerpt import excerpt
from renderers.manim.checking.faults import fault_of_error
from renderers.manim.checking.pace import judge_pace

_NOTHING_MOVES = (
    "the scene shows a picture, but nothing in it ever moves: show its parts one after the other with"
    " self.play(Create(...)), Write, FadeIn or Transform"
)
_NOTHING_SHOWS = "the scene shows nothing: make objects in construct, and show them with self.play"


def check_scene(request: SceneCheckRequest, seconds: float) -> SceneCheck:
    """Check a beat's scene; what takes longer than `seconds` is endless. For the main thread only."""
    visual = request.beat.visual
    if not isinstance(visual, ManimCode) or visual.code is None:
        raise ValueError(
            f"there is no code to check in {request.beat.title!r}: its visual is {visual.kind!r}"
        )
    code = visual.code
    run = DryRun(request.look)
    faults = _failed(run, code, seconds) or _empty(run, code)
    findings = run.findings if faults else [*run.findings, *judge_pace(run.seconds, request.beat.narration)]
    return SceneCheck(
        code=code, mended=[], faults=faults, findings=findings, duration_s=run.seconds,
        animations=run.animations,
    )  # fmt: skip


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
    line = _line_of_construct(code)
    message = _NOTHING_MOVES if run.shows_something else _NOTHING_SHOWS
    return [Fault(rule="empty", message=message, line=line, excerpt=excerpt(code, line))]


def _line_of_construct(code: str) -> int | None:
    return next((number for number, line in enumerate(code.splitlines(), 1) if "def construct" in line), None)
