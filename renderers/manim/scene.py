"""The scene of one beat: its header, its visual, and its time, which is the narration's to a frame.

Visuals draw through this; it knows no particular visual.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from manim import (
    RIGHT,
    UP,
    Animation,
    FadeIn,
    Mobject,
    RoundedRectangle,
    Scene,
    Transform,
    VGroup,
    there_and_back,
)
from manim.mobject.mobject import _AnimationBuilder

from quantumsketch.narration import beat_seconds, cue_times
from quantumsketch.storyboard import Beat, Look
from quantumsketch.visuals import Revealed
from renderers.manim.film.renderer import ClipRenderer
from renderers.manim.stage import stage_for
from renderers.manim.theme import theme_named
from renderers.manim.visuals import draw_function
from renderers.manim.writing.text import fitted_text

Playable = Animation | _AnimationBuilder | Mobject
"""Whatever Manim's `play` takes; the type of `mobject.animate…` includes the mobject."""
SEED = 0
"""Chance is repeatable: the same beat is the same clip, and its parts fit together."""
_HEADER_S = 0.5
_STILL_FOR_S, _NO_MATTER_S = 5.0, 0.5
"""Longest time without any motion while there is something to emphasise, give or take a little."""
_PULSE_S = 0.8
_SWELL, _MOST_SWELL = 0.12, 1.1
"""How much wider or higher a pulse makes its subject, in frame units, and at most, as a factor."""
_LONGEST_HOLD_S = 4.0
_SHORTEST_REVEAL_S = 0.2


class BeatScene(Scene):
    """A beat on the stage of its look. Times are seconds from the beat's start."""

    def __init__(self, beat: Beat, look: Look, renderer: ClipRenderer) -> None:
        super().__init__(renderer=renderer, random_seed=SEED)
        self.beat = beat
        self.stage = stage_for(look.aspect)
        self.theme = theme_named(look.theme, self.stage.type_factor)
        self._clock = renderer
        self._fps = look.fps
        self._last_frame = frames_of_beat(beat, look)
        self._header: Mobject | None = None
        self._subject: Mobject | None = None

    def construct(self) -> None:
        """Show the header, then the visual, then hold until the beat is over."""
        if self.beat.visual.kind != "title":
            self._show_header()
        draw_function(self.beat.visual.kind)(self, self.beat.visual)
        self._wait_until(self._last_frame)

    def cues(self, parts: Sequence[Revealed]) -> list[float]:
        """When each of `parts` appears, never decreasing."""
        return cue_times(self.beat.narration, [part.cue for part in parts])

    def reveal(self, at: float, *animations: Playable, run_time: float = 0.8) -> None:
        """Play `animations` at `at`; when that moment has passed, at once and faster, to catch up.

        Never makes the beat longer: with no frame left, the animations' result is simply there.
        """
        self._wait_until(round(at * self._fps))
        late = self._clock.frame - round(at * self._fps)
        frames = max(round(_SHORTEST_REVEAL_S * self._fps), round(run_time * self._fps) - late)
        frames = min(frames, self._last_frame - self._clock.frame - 1)
        if frames < 1:
            self._jump_to_end_of(animations)
        else:
            # half a frame short: Manim counts frames by rounding up
            self.play(*animations, run_time=(frames - 0.5) / self._fps)

    def emphasise(self, subject: Mobject | None) -> None:
        """Name what is being spoken of: it pulses softly when nothing else moves for long.

        Without a subject the title pulses.
        """
        self._subject = subject or self._header

    def seconds_left(self) -> float:
        """Time until the end of the beat."""
        return (self._last_frame - self._clock.frame) / self._fps

    def _show_header(self) -> None:
        box = self.stage.header
        title = fitted_text(
            self.beat.title, width=box.width - 0.35, height=box.height, bold=True,
            size=self.theme.type.heading, color=self.theme.text,
        )  # fmt: skip
        accent = RoundedRectangle(
            width=0.09, height=title.height * 0.82, corner_radius=0.045, stroke_width=0,
            fill_color=self.theme.accent, fill_opacity=1,
        )  # fmt: skip
        header = VGroup(accent, title).arrange(RIGHT, buff=0.26)
        header.move_to((box.left + header.width / 2, (box.bottom + box.top) / 2, 0))
        self.reveal(0.0, FadeIn(header, shift=0.12 * UP), run_time=_HEADER_S)
        self._header = self._subject = header

    def _wait_until(self, frame: int) -> None:
        while (left := min(frame, self._last_frame) - self._clock.frame) > 0:
            still = round(_STILL_FOR_S * self._fps)
            pulse = round(_PULSE_S * self._fps)
            if self._subject is None or left <= still + round(_NO_MATTER_S * self._fps):
                self._hold(left)
            else:
                self._hold(still - pulse)
                self.play(_pulse(self._subject), run_time=(pulse - 0.5) / self._fps)

    def _hold(self, frames: int) -> None:
        hold(self, frames, self._fps)

    def _jump_to_end_of(self, animations: Sequence[Playable]) -> None:
        compiled = self.compile_animations(*animations)
        self.add_mobjects_from_animations(compiled)
        for animation in compiled:
            animation._setup_scene(self)
            animation.begin()
            animation.finish()
            animation.clean_up_from_scene(self)


def _pulse(subject: Mobject) -> Animation:
    """A soft swell and back; not by `subject.animate`, whose target another animation may be waiting for."""
    size = max(float(subject.width), float(subject.height), 1e-3)
    swollen = subject.copy().scale(min(_MOST_SWELL, 1 + _SWELL / size))
    return Transform(subject, swollen, rate_func=there_and_back)


def hold(scene: Scene, frames: int, fps: int) -> None:
    """Keep the picture as it is for `frames`; in several steps, so that a call can end between them."""
    while frames > 0:
        step = min(frames, round(_LONGEST_HOLD_S * fps))
        # half a frame more: Manim counts the frames of a still by rounding down
        scene.wait((step + 0.5) / fps, frozen_frame=True)
        frames -= step


def frames_of_beat(beat: Beat, look: Look) -> int:
    """How many frames a beat lasts."""
    return round(beat_seconds(beat.narration) * look.fps)


def configure(look: Look, **more: Any) -> None:
    """Set Manim up for `look`: size, rate, background; nothing read from files, nothing printed."""
    from manim import config

    stage = stage_for(look.aspect)
    width, height = look.size
    config.update(
        {
            "pixel_width": width,
            "pixel_height": height,
            "frame_rate": look.fps,
            "frame_width": stage.frame.width,
            "frame_height": stage.frame.height,
            "background_color": theme_named(look.theme).background,
            "disable_caching": True,
            "dry_run": True,
            "progress_bar": "none",
            "verbosity": "ERROR",
            "seed": SEED,
            **more,
        }
    )
