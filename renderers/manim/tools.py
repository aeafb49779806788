"""The tools on Manim, as the toolbox takes them. Imports no Manim: that happens inside the sandbox."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from quantumsketch.checking import Fault, FormulaReport, SceneCheck, SceneCheckRequest
from quantumsketch.storyboard import Storyboard
from quantumsketch.tools.tool import INPUTS, Ended, Ending, Policy, Tool, answer_in
from quantumsketch.video import RenderRequest, RenderResult
from renderers.manim.checking.answers import CHECK, FORMULAS, MANUAL
from renderers.manim.clip_format import CLIP, RESULT

__all__ = [
    "CHECK_FORMULAS",
    "CHECK_SCENE",
    "MANUAL",
    "RENDER_BEAT",
    "SceneFailure",
    "fault_of",
    "scene_failure",
]

_LARGEST_CLIP = 256 * 2**20
# a scene can write these itself, and they go into the run's history and into prompts
_LARGEST_RESULT, _LARGEST_CHECK = 64 * 2**10, 128 * 2**10
_LARGEST_REPORT = 2**20
_MOST_SAID = 300


class SceneFailure(BaseModel):
    """Why Manim source failed: what the next attempt at it needs to know."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    error: str
    line: int | None = None


def scene_failure(ending: Ending) -> SceneFailure | None:
    """What a call that ended in an error said about the Manim source, None if it said nothing."""
    try:
        return SceneFailure.model_validate_json(ending.last_line)
    except ValidationError:
        return None


def _rendered(_ending: Ending, files: Mapping[str, Path]) -> RenderResult:
    if CLIP not in files or RESULT not in files:
        raise ValueError("the renderer ended well but left no clip")
    return RenderResult.model_validate_json(files[RESULT].read_text(encoding="utf-8"))


RENDER_BEAT: Tool[RenderRequest, RenderResult] = Tool(
    name="render-beat",
    description="Draw one beat, or the rest of one, with Manim; silent.",
    request=RenderRequest,
    result=RenderResult,
    policy=Policy(python=True),
    command=lambda _: [sys.executable, "-m", "renderers.manim.inside"],
    answer=_rendered,
    outputs={CLIP: _LARGEST_CLIP, RESULT: _LARGEST_RESULT},
    preload=("renderers.manim.preloaded",),
)


CHECK_SCENE: Tool[SceneCheckRequest, SceneCheck] = Tool(
    name="check-scene",
    description="Mend a scene in Manim code and work through it without drawing; says what is wrong with it.",
    request=SceneCheckRequest,
    result=SceneCheck,
    policy=Policy(python=True),
    command=lambda _: [sys.executable, "-m", "renderers.manim.checking.inside", str(INPUTS / MANUAL)],
    answer=answer_in(CHECK, SceneCheck, missing="the scene ended the check before it was over"),
    outputs={CHECK: _LARGEST_CHECK},
    preload=("renderers.manim.preloaded",),
)
"""Takes an input named MANUAL, a ManimIndex in JSON; without it each call takes a second longer."""


CHECK_FORMULAS: Tool[Storyboard, FormulaReport] = Tool(
    name="check-formulas",
    description="Typeset every formula of a storyboard; says which ones TeX refuses, and why.",
    request=Storyboard,
    result=FormulaReport,
    policy=Policy(python=True),
    command=lambda _: [sys.executable, "-m", "renderers.manim.checking.formulas_inside"],
    answer=answer_in(FORMULAS, FormulaReport, missing="the check ended well but left no report"),
    outputs={FORMULAS: _LARGEST_REPORT},
    preload=("renderers.manim.preloaded",),
)

_ENDINGS = {
    Ended.TIMEOUT: ("endless", "the scene does not end: a loop or a computation goes on for ever"),
    Ended.OUT_OF_MEMORY: ("memory", "the scene needs more memory than there is: make fewer objects"),
    Ended.OUT_OF_DISK: ("outside", "the scene fills the disk: it may write no files"),
    Ended.KILLED: ("exit", "the scene was ended by force: it may start no processes and send no signals"),
    Ended.BAD_OUTPUT: ("exit", "the scene ended the program: let construct return instead"),
}


def fault_of(ending: Ending) -> Fault:
    """Why a scene did not survive its check, for a call that gave no SceneCheck."""
    rule, message = _ENDINGS.get(ending.ended, ("error", "the scene ended its check"))
    said = (
        ending.detail if ending.ended is not Ended.ERROR else ending.last_line[:_MOST_SAID] or ending.detail
    )
    return Fault(rule=rule, message=f"{message} ({said})" if said else message)
