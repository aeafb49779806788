"""Scenes for tests of the check: the body of `construct` is enough."""

from __future__ import annotations

import textwrap

from quantumsketch.checking import SceneCheck, SceneCheckRequest
from quantumsketch.storyboard import Aspect, Beat, Look, Quality
from quantumsketch.video import Finding
from quantumsketch.visuals import ManimCode
from renderers.manim.checking.dry_run import DryRun
from renderers.manim.checking.scene_check import check_scene

NARRATION = "Here is one thought, said in a few plain words."


def scene(body: str, base: str = "Scene") -> str:
    """The source of a scene with this body of `construct`."""
    indented = textwrap.indent(textwrap.dedent(body).strip("\n"), " " * 8)
    return f"from manim import *\n\n\nclass Shown({base}):\n    def construct(self):\n{indented}\n"


def request(code: str, narration: str = NARRATION, aspect: Aspect = Aspect.WIDE) -> SceneCheckRequest:
    beat = Beat(title="A title", narration=narration, visual=ManimCode(code=code))
    return SceneCheckRequest(beat=beat, look=Look(quality=Quality.DRAFT, aspect=aspect))


def checked(code: str, narration: str = NARRATION, seconds: float = 10.0) -> SceneCheck:
    """The whole check, in this process."""
    return check_scene(request(code, narration), seconds)


def audited(body: str, base: str = "Scene", aspect: Aspect = Aspect.WIDE) -> list[Finding]:
    """What the audit says of a scene with this body, without the linter and the pace."""
    run = DryRun(Look(quality=Quality.DRAFT, aspect=aspect))
    run.run(scene(body, base))
    return run.findings
