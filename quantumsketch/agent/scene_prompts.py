"""What the models are told when they write a scene in Manim code. Words only.

Knows Manim's language, not the installed package: what it knows of that, it looks up by the tools.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from quantumsketch.agent.fencing import fenced
from quantumsketch.agent.worked_scene import WORKED_SCENE
from quantumsketch.llm.types import Message
from quantumsketch.narration import LEAD_S, WORDS_PER_MINUTE, beat_seconds, words
from quantumsketch.storyboard import Beat
from quantumsketch.visuals import ManimCode

_LONGEST_COMPLAINT = 6000
_SENTENCE_END = re.compile(r"(?<=[.!?…:;。！？；])\s+|(?<=[。！？；])")
_MARGIN = 0.2
"""Units by which a scene is told to stay inside what the check allows: models count loosely."""


@dataclass(frozen=True)
class Canvas:
    """What a scene is drawn on. Lengths in Manim units, the origin in the middle, y upwards."""

    width: float
    height: float
    safe_x: float
    """Text stays between -safe_x and safe_x, and likewise for y."""
    safe_y: float
    captions_y: float
    """Below this y players may lay captions."""
    manim: str
    """The installed version of Manim Community."""


@dataclass(frozen=True)
class FaultyScene:
    """The source as it is, with what is wrong with it."""

    code: str
    complaint: str


_RULES = """\
You write one scene of an explainer video in Manim Community {manim} (not ManimGL, no older version).

Form
- `from manim import *` and exactly one class, `class Beat(Scene)` with `construct(self)`: running code.
  Beside Manim only math, itertools, numpy as np, and random with a fixed seed.
- No files, images, SVG, sounds, network, input, threads, no change of `config`, no `while True`. What Manim
  does not draw by shapes, Text and MathTex is not there.
- A flat `Scene`; MovingCameraScene or ThreeDScene only where the idea cannot do without.

Frame: {width} x {height} units, origin in the middle, {shape}. Everything stays within x from
-{x} to {x} and y from -{y} to {y}; words better above y = {captions}, where captions begin.
Plan first: for each moment give every object a place of its own, in numbers. Most faults are overlaps.
- At most seven things at a time. What is over leaves (FadeOut, or it is transformed) before the next comes.
- No text touches another text, nor a line or shape that is not its own: next_to(thing, UP, buff=0.25),
  VGroup(a, b).arrange(DOWN, buff=0.4). A word on top of something goes into a filled shape of its own.
- font_size 32 to 48, labels at least 28. A line of text wider than {line} units: break it, or
  scale_to_fit_width. Words in the language of the narration; other scripts than Latin and Greek only in Text.
- The background is dark and set. WHITE for text; BLUE_C, YELLOW_C, TEAL_C, RED_C, GREEN_C, PURPLE_B: one
  meaning each, the same from beginning to end. Fills with opacity 0.2 to 0.5.
- No heading (the beat's title is spoken of elsewhere) and not the narration as text.

Pace: spread the animations over the narration, as it comes to them (the data tells the seconds), by run_time
(0.5 to 3 s each) and self.wait(t), and end when the beat ends. The last picture is held until then.

Manim in short
- self.play(Create(shape), Write(text), FadeIn(x, shift=0.3 * UP), GrowArrow(arrow), run_time=1.5): together.
  LaggedStart(*[FadeIn(d) for d in dots], lag_ratio=0.1); Succession(...). FadeOut(a, b), Indicate(x),
  Circumscribe(x).
- self.play(x.animate.shift(RIGHT).set_color(RED_C)): one `.animate` an object a play.
- ReplacementTransform(a, b): then b is on screen, go on with b. Transform(a, b): then a is, looking like b.
  TransformMatchingTex(eq1, eq2) between equations. TransformFromCopy(a, b) keeps a.
- MathTex(r"a^2", "+", r"b^2", "=", r"c^2") has the parts eq[0] to eq[4]; no $ in it. Tex(r"area $\\pi r^2$")
  takes words. Raw strings always; no f-strings around TeX: r"\\frac" and str(n) are put together with +.
- Place: to_edge(DOWN, buff=0.5), to_corner(UL), move_to([x, y, 0]), next_to(x, RIGHT), align_to(x, LEFT),
  shift. Read: x.get_center(), x.get_top(), x.get_right(), x.width, x.height.
- Circle(radius=1), Square(side_length=2), Rectangle(width=3, height=1), Polygon(a, b, c),
  Line([0, 0, 0], [2, 1, 0]), DashedLine(a, b), Arrow(a, b, buff=0), Dot(a), Arc(radius=1, angle=PI / 3),
  Sector(radius=1, angle=PI / 3), Annulus(inner_radius=1, outer_radius=1.2), Angle(line1, line2, radius=0.5),
  RightAngle(line1, line2, length=0.3), Brace(x, DOWN) and brace.get_tex(r"2 \\pi r"),
  SurroundingRectangle(x, buff=0.15), NumberLine(x_range=[0, 5, 1], length=8, include_numbers=True).
- ax = Axes(x_range=[0, 4, 1], y_range=[0, 9, 3], x_length=6, y_length=4, tips=False);
  graph = ax.plot(lambda x: x**2, x_range=[0, 3], color=BLUE_C); ax.c2p(2, 4) is a point;
  ax.get_area(graph, x_range=[0, 2], opacity=0.4); ax.get_riemann_rectangles(graph, x_range=[0, 2], dx=0.25);
  ax.get_axis_labels(MathTex("x"), MathTex("y")); NumberPlane(...) has the same.
- t = ValueTracker(0); dot = always_redraw(lambda: Dot(ax.c2p(t.get_value(), t.get_value() ** 2)));
  self.add(dot); self.play(t.animate.set_value(3), run_time=3); then dot.clear_updaters().
- Matrix([[1, 2], [3, 4]]), BarChart(values=[1, 3], bar_names=["a", "b"], x_length=6, y_length=4).

Tools: find_manim tells what the installed Manim has: look up what you are not sure of. recall finds scenes
that came out well. check_scene runs a scene without drawing it and names every error and every overlap; your
answer is checked in the same way and comes back if it fails, so check only what you doubt. Use few tools.

Answer with the whole code in one ```python fence.

A scene as it should be, for a wide frame:
"""

_MEND = """\
Mend what the check names, look for the same fault elsewhere in the scene, and leave the rest as it is. Answer
with the whole code again."""
_EXAMPLE = """\
the scene of a similar beat of an earlier video, which came out without a fault. Take from it what serves this
beat; its words, numbers and seconds are not this beat's"""
_AVOIDED = "words, one a line, that no text of the scene may show: use others"
_CODELESS = "Your answer before held no code. Answer with the whole code in one ```python fence."


def scene_messages(
    beat: Beat,
    canvas: Canvas,
    *,
    faulty: FaultyScene | None = None,
    example: Beat | None = None,
    codeless: bool = False,
    avoid: Sequence[str] = (),
) -> list[Message]:
    """The question that asks for a scene's code, or for `faulty` mended; once more, if `codeless`.

    `example` has code that came out well for a similar beat; words to `avoid` are not to be shown. Raises
    ValueError unless the visual is Manim code, or the idea of it.
    """
    visual = beat.visual
    if not isinstance(visual, ManimCode):
        raise ValueError(f"a visual of kind {visual.kind!r} is drawn by the kit, no code is written for it")
    parts = [
        "Write the scene for this beat of a video.",
        fenced(
            _spoken(beat), "the beat's title, and its narration with the seconds at which each part begins"
        ),
    ]
    if visual.idea:
        parts.append(fenced(visual.idea, "the idea: what is to be seen and how it moves"))
    if avoid:
        parts.append(fenced("\n".join(avoid), _AVOIDED))
    if example and isinstance(example.visual, ManimCode) and example.visual.code:
        parts.append(fenced(f"# {example.title}\n{example.visual.code}", _EXAMPLE))
    if faulty:
        parts += [
            fenced(faulty.code, "the scene as it is now"),
            fenced(faulty.complaint[:_LONGEST_COMPLAINT], "what the check says of that scene"),
            _MEND,
        ]
    if codeless:
        parts.append(_CODELESS)
    return [
        Message(role="system", content=_rules(canvas)),
        Message(role="user", content="\n\n".join(parts)),
    ]


def _rules(canvas: Canvas) -> str:
    rules = _RULES.format(
        manim=canvas.manim,
        width=f"{canvas.width:.1f}",
        height=f"{canvas.height:.1f}",
        x=f"{canvas.safe_x - _MARGIN:.1f}",
        y=f"{canvas.safe_y - _MARGIN:.1f}",
        captions=f"{canvas.captions_y:.1f}",
        line=f"{2 * (canvas.safe_x - _MARGIN):.1f}",
        shape=_shape(canvas),
    )
    return f"{rules}```python\n{WORKED_SCENE}\n```"


def _shape(canvas: Canvas) -> str:
    if canvas.width > canvas.height:
        return "wide: things beside each other"
    return (
        "square: use the height as well" if canvas.width == canvas.height else "tall: things below each other"
    )


def _spoken(beat: Beat) -> str:
    """Title and narration, each sentence with the second at which it begins."""
    seconds = beat_seconds(beat.narration)
    lines, spoken = [f"Title: {beat.title}", f"Narration, in a beat of {seconds:.0f} s:"], 0
    for sentence in _SENTENCE_END.split(beat.narration):
        lines.append(f"{LEAD_S + spoken * 60 / WORDS_PER_MINUTE:.1f} s: {sentence}")
        spoken += len(words(sentence))
    return "\n".join(lines)
