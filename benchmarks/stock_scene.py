"""A beat of the demo as a plain Manim scene, for the stock command: `manim render stock_scene.py Demo`.

Draws with the same kit, but with Manim's own renderer, encoder and files, as anybody would run it.
BENCH_BEAT names a file that holds the beat as JSON.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from manim import Scene, config

from quantumsketch.storyboard import Beat, Look
from renderers.manim.scene import BeatScene, frames_of_beat
from renderers.manim.stage import stage_for
from renderers.manim.theme import theme_named

LOOK = Look()
BEAT = Beat.model_validate_json(Path(os.environ["BENCH_BEAT"]).read_text(encoding="utf-8"))
config.background_color = theme_named(LOOK.theme).background


class _Clock:
    """Manim's own clock in frames, as the kit's scenes read it."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    @property
    def frame(self) -> int:
        return round(self._scene.renderer.time * LOOK.fps)


class Demo(BeatScene):
    """The kit's scene on Manim's own renderer."""

    def __init__(self, **stock: Any) -> None:
        Scene.__init__(self, random_seed=0, **stock)
        self.beat = BEAT
        self.stage = stage_for(LOOK.aspect)
        self.theme = theme_named(LOOK.theme)
        self._clock = _Clock(self)  # type: ignore[assignment]  # only its frame is read
        self._fps = LOOK.fps
        self._last_frame = frames_of_beat(BEAT, LOOK)
        self._subject = None
