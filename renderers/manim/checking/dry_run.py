"""Works through a scene without drawing it: how long it plays, what is on screen after every animation."""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Iterator

from manim import Scene
from manim.utils.exceptions import EndSceneEarlyException

from quantumsketch.storyboard import Look
from quantumsketch.video import Finding
from renderers.manim.audit import Auditor
from renderers.manim.checking.pace import LONGEST_SCENE_S
from renderers.manim.film.code_scene import camera_class, house_font, look_of_code, scene_class
from renderers.manim.film.renderer import ClipRenderer
from renderers.manim.film.tex_ahead import set_ahead
from renderers.manim.scene import configure
from renderers.manim.stage import stage_for

_MOST_ANIMATIONS = 400


class PlaysTooLong(BaseException):
    """A scene goes on for longer than any may. No Exception: `except Exception` must not stop it."""


class DryRun:
    """One scene being worked through; what is known of it stays known when it fails halfway."""

    def __init__(self, look: Look) -> None:
        self.seconds = 0.0
        self.animations = 0
        """Times that something moved; a picture that is only held does not count."""
        self._look = look_of_code(look)
        self._auditor = Auditor(stage_for(look.aspect))

    @property
    def findings(self) -> list[Finding]:
        """The faults of layout so far."""
        return self._auditor.findings

    @property
    def shows_something(self) -> bool:
        """Whether anything could be seen at any time."""
        return self._auditor.saw_something

    def run(self, code: str) -> None:
        """Work through the scene of `code`. Raises whatever it raises, and PlaysTooLong."""
        configure(self._look)
        with _silence(), house_font():
            set_ahead(code)
            written = scene_class(code)
            configure(self._look)  # again, as for the clip: the look is not the source's to choose
            renderer = ClipRenderer(
                None, fps=self._look.fps, camera_class=camera_class(written), after_animation=self._after
            )
            scene = written(renderer=renderer)
            with contextlib.suppress(EndSceneEarlyException):
                scene.setup()
                scene.construct()
            scene.tear_down()
            self._auditor.look_at(scene, renderer.frame / self._look.fps)

    def _after(self, scene: Scene, at_s: float) -> None:
        self.seconds = at_s
        self.animations += not scene.is_current_animation_frozen_frame()
        self._auditor.look_at(scene, at_s)
        if at_s > LONGEST_SCENE_S or self.animations > _MOST_ANIMATIONS:
            raise PlaysTooLong(
                f"the scene has played {self.animations} animations in {at_s:.0f} s when it comes here, and"
                f" goes on; {LONGEST_SCENE_S:.0f} s and {_MOST_ANIMATIONS} animations are the most. End it"
                " with its narration"
            )


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Neither what the scene prints nor what Manim warns of is anybody's to read."""
    with (
        open(os.devnull, "w") as nowhere,  # noqa: PTH123  (a device)
        contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere), warnings.catch_warnings(),
    ):  # fmt: skip
        warnings.simplefilter("ignore")
        yield
