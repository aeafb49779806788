"""Scenes that are laid out wrong: the audit must say so, of which objects, when, and what to do."""

from __future__ import annotations

import pytest

from quantumsketch.storyboard import Aspect
from tests.checked_scenes import audited

pytestmark = pytest.mark.slow

FOUND = {
    "texts on each other": (
        """
        self.play(Write(Text("first")), Write(Text("second").shift(0.3 * RIGHT)))
        """,
        ["overlap"], ["'first'", "'second'", "next_to"],
    ),
    "a label moved onto another": (
        """
        a, b = Text("left").shift(3 * LEFT), Text("right").shift(3 * RIGHT)
        self.play(Write(a), Write(b))
        self.wait(1)
        self.play(a.animate.move_to(b))
        """,
        ["overlap"], ["'left'", "'right'"],
    ),
    "labels of crowded points": (
        """
        dots = VGroup(*[Dot(0.4 * i * RIGHT) for i in range(3)])
        names = VGroup(*[Text(f"point {i}", font_size=24).next_to(dot, UP) for i, dot in enumerate(dots)])
        self.play(FadeIn(dots), Write(names))
        """,
        ["overlap", "overlap", "overlap"], ["'point 0'"],
    ),
    "a formula that should have gone": (
        """
        self.play(Write(MathTex("x^2 = 4", font_size=72)))
        self.wait(1)
        self.play(Write(MathTex("x = \\\\pm 2", font_size=72)))
        """,
        ["left-over"], ["still there since 1.0 s", "FadeOut", "ReplacementTransform"],
    ),
    "the name that Transform leaves on screen": (
        """
        one, two, three = (Text(word, font_size=72) for word in ("solid", "liquid", "gas"))
        self.play(Write(one))
        self.play(Transform(one, two))
        self.wait(1)
        self.play(FadeOut(two))
        self.play(Write(three))
        """,
        ["left-over"], ["'liquid'", "'gas'"],
    ),
    "a picture that should have gone": (
        """
        self.play(Create(Triangle().scale(2)))
        self.wait(1)
        self.play(Write(Text("And now something else", font_size=44)))
        """,
        ["left-over"], ["Triangle", "still there since 1.0 s", "FadeOut"],
    ),
    "a text behind a filled shape": (
        """
        self.play(Write(Text("kernel")))
        self.play(FadeIn(Rectangle(width=4, height=2, fill_color=BLUE_E, fill_opacity=1)))
        """,
        ["hidden"], ["'kernel'", "Rectangle", "set_z_index"],
    ),
    "a text put behind by z_index": (
        """
        box = Square(3, fill_color=RED_E, fill_opacity=0.9).set_z_index(2)
        self.play(FadeIn(box), Write(Text("behind")))
        """,
        ["hidden"], ["'behind'", "Square"],
    ),
    "a line through words": (
        """
        self.play(Write(Text("crossed")), Create(Line([-5, -1, 0], [5, 1, 0], color=YELLOW)))
        """,
        ["overlap"], ["Line", "'crossed'"],
    ),
    "an arrow from middle to middle": (
        """
        a, b = Text("cause").shift(3 * LEFT), Text("effect").shift(3 * RIGHT)
        self.play(Write(a), Write(b), Create(Arrow(a.get_center(), b.get_center(), buff=0)))
        """,
        ["overlap", "overlap"], ["Arrow", "'cause'"],
    ),
    "words wider than their box": (
        """
        self.play(Create(Square(1.5)), Write(Text("much too long")))
        """,
        ["overlap"], ["Square", "'much too long'"],
    ),
    "words on a plane's lines": (
        """
        self.add(NumberPlane())
        self.play(Write(Text("on the grid").shift(0.5 * UP)))
        """,
        ["overlap"], ["add_background_rectangle"],
    ),
    "a text out of the safe area": (
        """
        self.play(Write(Text("a line that is by far too long for the frame it is in", font_size=60)))
        """,
        ["outside"], ["safe area", "scale_to_fit_width"],
    ),
    "a shape out of the frame": (
        """
        self.play(Create(Circle(2, color=GREEN).shift(3 * UP)))
        """,
        ["outside"], ["the green Circle in the upper middle", "frame", "top"],
    ),
    "a text that nobody ever sees": (
        """
        self.add(Text("nowhere").shift(20 * RIGHT))
        self.play(Create(Circle()))
        """,
        ["outside"], ["'nowhere'", "outside the frame"],
    ),
    "a text that leaves and stays": (
        """
        words = Text("leaving")
        self.play(Write(words))
        self.play(words.animate.shift(20 * RIGHT))
        """,
        ["outside"], ["'leaving'", "FadeOut"],
    ),
    "a list that runs out of the frame": (
        """
        self.play(Write(VGroup(*[Text(f"line {n}") for n in range(11)]).arrange(DOWN)))
        """,
        ["outside", "outside"], ["'line 0'", "top"],
    ),
    "a curve that goes to infinity": (
        """
        axes = Axes(x_range=[0, 4], y_range=[-3, 3], x_length=6, y_length=5)
        with np.errstate(divide="ignore"):
            self.play(Create(axes), Create(axes.plot(np.log)))
        """,
        ["outside"], ["infinity", "x_range"],
    ),
    "tiny words": (
        """
        self.play(Write(Text("a footnote", font_size=9)))
        """,
        ["small"], ["'a footnote'", "pixels high", "enlarge"],
    ),
    "words that are shrunk": (
        """
        words = MathTex("a + b")
        self.play(Write(words))
        self.play(words.animate.scale(0.2))
        """,
        ["small"], ["'a + b'"],
    ),
    "black on the dark ground": (
        """
        self.play(Write(Text("night", color=BLACK)))
        """,
        ["contrast"], ["#000000", "'night'"],
    ),
    "white on a white shape": (
        """
        self.play(FadeIn(Square(4, fill_color=WHITE, fill_opacity=1)))
        self.play(Write(Text("snow")))
        """,
        ["contrast"], ["#FFFFFF", "'snow'"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("body", "rules", "said"), FOUND.values(), ids=FOUND.keys())
def test_what_is_laid_out_wrong_is_told(body: str, rules: list[str], said: list[str]) -> None:
    found = audited(body)
    assert [finding.rule for finding in found] == rules
    told = " ".join(finding.message for finding in found)
    assert [words for words in said if words not in told] == []


def test_the_time_of_a_finding_is_when_it_was_first_seen() -> None:
    body = """
        self.play(Write(Text("first")))
        self.wait(2)
        self.play(Write(Text("second")))
        self.wait(3)
    """
    (found,) = audited(body)
    assert (found.at_s, found.objects) == (4.0, ["text 'first'", "text 'second'"])


def test_the_same_words_may_be_too_small_for_a_tall_frame() -> None:
    body = """
        self.play(Write(Text("just about", font_size=12)))
    """
    assert audited(body) == []
    assert [finding.rule for finding in audited(body, aspect=Aspect.TALL)] == ["small"]


def test_words_that_the_camera_makes_small_are_told() -> None:
    body = """
        self.play(Write(Text("far away", font_size=24)))
        self.play(self.camera.frame.animate.scale(4))
    """
    assert [finding.rule for finding in audited(body, "MovingCameraScene")] == ["small"]


def test_a_scene_of_thousands_of_objects_is_audited_within_seconds() -> None:
    body = """
        dots = VGroup(*[Dot([x / 5, y / 5, 0], radius=0.02) for x in range(-30, 30) for y in range(-15, 15)])
        self.play(FadeIn(dots), Write(VGroup(*[Text(f"{n}").shift(n * DOWN) for n in range(-3, 4)])))
        for _ in range(60):
            self.wait(0.1)
    """
    assert audited(body)  # under pytest's own clock, and the check's
