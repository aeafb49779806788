"""Draws a scene's animations into a clip: some of them, for some of the time, counting every frame.

A call may start in the middle of a scene (earlier animations are worked through without drawing) and stops at
an animation's boundary when its time is over. Knows nothing of beats and visuals.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

from manim import Animation, Camera, Scene, TracedPath
from manim.renderer.cairo_renderer import CairoRenderer
from manim.typing import PixelArray
from manim.utils.exceptions import EndSceneEarlyException

from renderers.manim.film.writer import ClipFile, FrameWriter

_OVERTIME_S = 3.0
"""An animation may be expected to end this much after the time is over."""


class ClipRenderer(CairoRenderer):
    """Manim's Cairo renderer with one output and a clock. Without a clip nothing is drawn at all."""

    def __init__(
        self,
        clip: ClipFile | None,
        *,
        fps: int,
        camera_class: type[Camera] = Camera,
        first_animation: int = 0,
        stop_at: float | None = None,
        after_animation: Callable[[Scene, float], None] | None = None,
    ) -> None:
        """Draw into `clip` from `first_animation` on until `stop_at` (of time.monotonic())."""
        super().__init__(camera_class=camera_class)
        self.frame = 0
        """Frames since the start of the scene, drawn or not."""
        self.stopped_before: int | None = None
        """The animation that the time did not reach."""
        self._writer = FrameWriter(clip)
        self._began = time.monotonic()
        self._drawn = 0
        self._fps = fps
        self._first = first_animation
        self._stop_at = stop_at
        self._after_animation = after_animation

    def init_scene(self, scene: Scene, *_: Any, **__: Any) -> None:
        """Take frames to the clip instead of Manim's own files."""
        self.file_writer = self._writer
        _let_time_pass_in_steps(scene, traces=self._writer.clip is not None)

    def play(self, scene: Scene, *args: Any, **kwargs: Any) -> None:
        """Play one animation, if it is this call's to draw and there is time.

        Raises EndSceneEarlyException when the time is over.
        """
        self._stop_if_late(_longest(args, kwargs))
        earlier = self.num_plays < self._first
        if self.num_plays == self._first:
            self._began = time.monotonic()
        self._original_skipping_status = earlier or self._writer.clip is None
        super().play(scene, *args, **kwargs)
        if self.skip_animations:
            self.frame += self._frames_of(scene)
        self.time = self.frame / self._fps
        if self._after_animation and not earlier:
            self._after_animation(scene, self.time)

    def update_frame(self, *args: Any, **kwargs: Any) -> None:
        """Draw, unless the frame would be thrown away."""
        if not self.skip_animations:
            super().update_frame(*args, **kwargs)

    def add_frame(self, frame: PixelArray, num_frames: int = 1) -> None:
        """Write the frame `num_frames` times."""
        if not self.skip_animations:
            self.frame += num_frames
            self._drawn += num_frames
            self._writer.write_frame(frame, repeat=num_frames)

    def _stop_if_late(self, coming_s: float) -> None:
        """Stop when the time is over, or would be far over after an animation of `coming_s` seconds."""
        if self._stop_at is None or self.num_plays <= self._first:
            return
        seconds_per_frame = (time.monotonic() - self._began) / max(1, self._drawn)
        expected = seconds_per_frame * coming_s * self._fps
        if time.monotonic() + max(0.0, expected - _OVERTIME_S) > self._stop_at:
            self.stopped_before = self.num_plays
            raise EndSceneEarlyException

    def _frames_of(self, scene: Scene) -> int:
        """How many frames the last animation has when drawn: counted as Manim does, rounding included."""
        step = 1 / self._fps
        if scene.is_current_animation_frozen_frame():
            return int(scene.duration / step)
        return math.ceil(scene.duration / step)  # the length of np.arange(0, duration, step)


def _let_time_pass_in_steps(scene: Scene, traces: bool) -> None:
    """Let what moves by steps of time do so when it is not drawn too: one great step leads elsewhere.

    With `traces` what draws its own trace does so too: it matters to the picture, hardly to the layout.
    """
    progression = scene.get_time_progression

    def in_steps(run_time: float, description: str, n: int | None = None, steps: bool = False) -> Any:
        moving = bool(scene.mobjects) and any(
            one.has_time_based_updater() and (traces or not isinstance(one, TracedPath))
            for one in scene.get_mobject_family_members()
        )
        return progression(run_time, description, n, steps or moving or bool(scene.updaters))

    scene.get_time_progression = in_steps  # type: ignore[method-assign,assignment]  # of this scene only


def _longest(animations: tuple[Any, ...], options: dict[str, Any]) -> float:
    """How many seconds of film an animation asks for, as far as it can be told before it begins."""
    asked = [animation.run_time for animation in animations if isinstance(animation, Animation)]
    return float(options.get("run_time") or max(asked, default=1.0))
