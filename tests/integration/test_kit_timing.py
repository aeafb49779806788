"""Things appear when the narration speaks of them, and the picture never stands still for long."""

from __future__ import annotations

from itertools import pairwise

import pytest
from manim import RIGHT, Dot, FadeIn, Scene

from quantumsketch.narration import beat_seconds, phrase_at
from quantumsketch.storyboard import Beat, Look, Quality
from quantumsketch.visuals import Bullet, BulletPoints, Derivation, Step, TitleCard, Visual
from renderers.manim.film.renderer import ClipRenderer
from renderers.manim.scene import BeatScene, configure
from renderers.manim.writing.formulas import asked_for, prepare
from renderers.manim.writing.inline import formulas_of
from renderers.manim.writing.text import TextBlock

LOOK = Look(quality=Quality.DRAFT)
LONG = (
    "First we say one thing. " + "Then there is a lot to be said about it. " * 10 + "At last the other thing."
)


def played(visual: Visual, narration: str = LONG) -> list[tuple[float, bool, set[str]]]:
    """For each animation of a beat: when it ended, whether it stood still, and the texts then on screen."""
    steps: list[tuple[float, bool, set[str]]] = []

    def see(scene: Scene, at_s: float) -> None:
        texts = {
            part.text
            for mobject in scene.mobjects
            for part in mobject.get_family()
            if isinstance(part, TextBlock)
        }
        steps.append((at_s, scene.is_current_animation_frozen_frame(), texts))

    configure(LOOK)
    renderer = ClipRenderer(None, fps=LOOK.fps, after_animation=see)
    BeatScene(Beat(title="Title", narration=narration, visual=visual), LOOK, renderer).construct()
    return steps


def test_a_point_appears_as_its_cue_is_spoken() -> None:
    items = [Bullet(text="one"), Bullet(text="other", cue="at last")]
    appeared = next(at_s for at_s, _, texts in played(BulletPoints(items=items)) if "other" in texts)
    spoken = phrase_at(LONG, "at last")
    assert spoken is not None
    assert spoken <= appeared <= spoken + 1.0


def test_the_picture_never_stands_still_for_long() -> None:
    since, longest = 0.0, 0.0
    for at_s, still, _ in played(
        BulletPoints(items=[Bullet(text="one"), Bullet(text="other", cue="at last")])
    ):
        if not still:
            since = at_s
        longest = max(longest, at_s - since)
    assert 1.0 < longest <= 6.3


def test_a_pulse_while_an_animation_waits_for_the_same_thing_leaves_its_size_alone() -> None:
    configure(LOOK)
    renderer = ClipRenderer(None, fps=LOOK.fps)
    beat = Beat(title="Title", narration=LONG, visual=TitleCard(heading="Heading"))
    scene = BeatScene(beat, LOOK, renderer)
    dot = Dot(radius=1.0)
    scene.reveal(0.0, FadeIn(dot))
    scene.emphasise(dot)
    scene.reveal(12.0, dot.animate.shift(RIGHT))  # the pulses come before it
    assert dot.width == pytest.approx(2.0)
    assert dot.get_center()[0] == pytest.approx(1.0)


def test_a_title_card_goes_on_growing_while_it_is_spoken() -> None:
    steps = played(TitleCard(heading="A heading", subtitle="and what it is about"))
    moving = [at_s for at_s, still, _ in steps if not still]
    assert max(after - before for before, after in pairwise(moving)) <= 5.0
    assert moving[-1] > 0.8 * beat_seconds(LONG)


def test_more_parts_than_time_are_all_there_in_the_end_and_the_beat_is_no_longer() -> None:
    steps = played(Derivation(steps=[Step(tex=f"x = {index}", note="why") for index in range(6)]), "Short.")
    at_s, _, texts = steps[-1]
    assert at_s == pytest.approx(3.0)
    assert {f"x = {index}" for index in range(6)} <= texts


def test_drawing_a_beat_asks_tex_for_nothing_that_was_not_prepared() -> None:
    steps = [Step(tex=r"\frac{y}{7} = x", note="because of $z_7$", highlight=["x"]), Step(tex="y = 7x")]
    beat = Beat(title="On $t_7$", narration=LONG, visual=Derivation(steps=steps))
    prepare(formulas_of(beat))
    prepared = asked_for()
    played(beat.visual)
    assert asked_for() == prepared
    assert len(prepared) >= len(formulas_of(beat)) == 6
