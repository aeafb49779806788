"""The render tool, as the toolbox takes it. Imports no Manim: that happens inside the sandbox."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from quantumsketch.tools.tool import Ending, Policy, Tool
from quantumsketch.video import RenderRequest, RenderResult
from renderers.manim.clip_format import CLIP, RESULT

_LARGEST_CLIP = 256 * 2**20
_LARGEST_RESULT = 2**20


class SceneFailure(BaseModel):
    """Why Manim source failed: what the next attempt at it needs to know."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    error: str
    line: int | None = None


def scene_failure(ending: Ending) -> SceneFailure | None:
    """What a call that ended in an error said about the Manim source, None if it said nothing."""
    last_line = ending.stderr.decode("utf-8", errors="replace").strip().rpartition("\n")[2]
    try:
        return SceneFailure.model_validate_json(last_line)
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
    policy=Policy(python=True),
    command=lambda _: [sys.executable, "-m", "renderers.manim.inside"],
    answer=_rendered,
    outputs={CLIP: _LARGEST_CLIP, RESULT: _LARGEST_RESULT},
)
