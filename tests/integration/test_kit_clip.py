"""Clips: exact in time and colour, the same bytes for the same beat, and whole after having been split."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest

from quantumsketch.narration import beat_seconds
from quantumsketch.storyboard import Aspect, Beat, Look, Quality, Theme
from quantumsketch.video import RenderRequest, RenderResult
from quantumsketch.visuals import Bullet, BulletPoints, ManimCode, Step, TitleCard, Visual
from quantumsketch.visuals import Derivation as DerivationVisual
from renderers.manim.film import clip
from renderers.manim.theme import NIGHT, PAPER
from renderers.manim.tools import SceneFailure

LOOK = Look(quality=Quality.DRAFT)
NARRATION = "One thing is said here, and then another, so that there is something to see."


def beat(visual: Visual, narration: str = NARRATION) -> Beat:
    return Beat(title="A title", narration=narration, visual=visual)


BULLETS = beat(
    BulletPoints(items=[Bullet(text="first of $x^2$"), Bullet(text="second"), Bullet(text="third")])
)
DOT = ManimCode(code="class A(Scene):\n    def construct(self):\n        self.play(Create(Dot()))\n")


def pictures(path: Path) -> list[npt.NDArray[np.uint8]]:
    with av.open(str(path)) as container:
        frames = container.decode(video=0)
        return [frame.to_ndarray(format="gray").astype(np.uint8) for frame in frames]


def run_inside(folder: Path, request: RenderRequest) -> subprocess.CompletedProcess[str]:
    (folder / "request.json").write_text(request.model_dump_json(), encoding="utf-8")
    command = [sys.executable, "-m", "renderers.manim.inside"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_a_clip_is_as_long_as_its_narration_to_a_frame_and_is_tagged_for_players(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    result = clip.render(RenderRequest(beat=BULLETS, look=LOOK), path)
    assert result.frames == round(beat_seconds(NARRATION) * LOOK.fps)
    assert (result.width, result.height, result.fps) == (854, 480, 15)
    assert result.next_animation is None
    assert result.findings == []
    with av.open(str(path)) as container:
        (stream,) = container.streams.video
        context = stream.codec_context
        frames = list(container.decode(video=0))
        assert (context.name, context.profile, context.pix_fmt) == ("h264", "High", "yuv420p")
        assert (context.colorspace, context.color_primaries, context.color_trc) == (1, 1, 1)
        assert stream.time_base == Fraction(1, 15 * 512)
        assert [frame.pts for frame in frames] == [index * 512 for index in range(result.frames)]
        assert not context.has_b_frames
        assert [index for index, frame in enumerate(frames) if frame.key_frame] == list(
            range(0, len(frames), 30)
        )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("visual", "theme", "ground"),
    [
        (TitleCard(heading="Colour"), Theme.NIGHT, NIGHT.background),
        (TitleCard(heading="Colour"), Theme.PAPER, PAPER.background),
        (DOT, Theme.PAPER, NIGHT.background),  # whoever writes code is told that it is dark
    ],
)
def test_the_background_comes_back_in_the_themes_colour(
    visual: Visual, theme: Theme, ground: str, tmp_path: Path
) -> None:
    path = tmp_path / "clip.mp4"
    look = Look(quality=Quality.DRAFT, theme=theme)
    clip.render(RenderRequest(beat=beat(visual, "Short."), look=look), path)
    with av.open(str(path)) as container:
        planes = next(container.decode(video=0)).to_ndarray()
    luma, blue, red = planes[0, 0], planes[480, 0], planes[480 + 120, 0]
    r, g, b = (int(ground[start : start + 2], 16) / 255 for start in (1, 3, 5))
    y = 0.2126 * r + 0.7152 * g + 0.0722 * b  # BT.709
    expected = (16 + 219 * y, 128 + 224 * (b - y) / 1.8556, 128 + 224 * (r - y) / 1.5748)
    assert (luma, blue, red) == pytest.approx(expected, abs=1.1)


@pytest.mark.slow
def test_the_same_beat_gives_the_same_bytes(tmp_path: Path) -> None:
    request = RenderRequest(beat=BULLETS, look=Look(quality=Quality.DRAFT, aspect=Aspect.SQUARE))
    for name in ("first.mp4", "second.mp4"):
        clip.render(request, tmp_path / name)
    assert (tmp_path / "first.mp4").read_bytes() == (tmp_path / "second.mp4").read_bytes()


@pytest.mark.slow
def test_a_beat_that_is_split_by_animations_shows_the_same_pictures_as_a_whole_one(tmp_path: Path) -> None:
    whole = clip.render(RenderRequest(beat=BULLETS, look=LOOK), tmp_path / "whole.mp4")
    parts: list[RenderResult] = []
    first: int | None = 0
    while first is not None:
        request = RenderRequest(beat=BULLETS, look=LOOK, first_animation=first)
        parts.append(clip.render(request, tmp_path / f"{len(parts)}.mp4", stop_at=time.monotonic()))
        first = parts[-1].next_animation
    assert len(parts) > 3
    assert sum(part.frames for part in parts) == whole.frames
    split = [picture for index in range(len(parts)) for picture in pictures(tmp_path / f"{index}.mp4")]
    differences = [
        np.abs(a.astype(int) - b.astype(int)).mean()
        for a, b in zip(pictures(tmp_path / "whole.mp4"), split, strict=True)
    ]
    assert max(differences) < 0.5  # of 255: the encoder starts anew with each part, the drawing does not


@pytest.mark.slow
def test_tex_that_fails_does_not_fail_the_beat_and_is_told_of(tmp_path: Path) -> None:
    steps = [Step(tex=r"\frac{a}{"), Step(tex=r"x & \nothing", note="$\\no$"), Step(tex="x = 1")]
    request = RenderRequest(beat=beat(DerivationVisual(steps=steps)), look=LOOK)
    done = run_inside(tmp_path, request)
    assert done.returncode == 0, done.stderr
    result = RenderResult.model_validate_json((tmp_path / "result.json").read_text())
    assert [(finding.rule, finding.objects) for finding in result.findings] == [
        ("formula", ["step 1"]), ("formula", ["step 2"]), ("formula", ["step 2, note"]),
    ]  # fmt: skip
    assert "\\nothing" in result.findings[1].message
    assert len(pictures(tmp_path / "clip.mp4")) == result.frames


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "error", "line"),
    [
        ("class A(Scene):\n    def construct(self):\n        self.play(Create(nothing))\n", "NameError", 3),
        ("class A(Scene):\n    def construct(self)\n        pass\n", "SyntaxError", 2),
        ("x = 1\n", "exactly one Scene", None),
    ],
)
def test_manim_code_that_fails_says_what_and_where(
    tmp_path: Path, code: str, error: str, line: int | None
) -> None:
    done = run_inside(tmp_path, RenderRequest(beat=beat(ManimCode(code=code)), look=LOOK))
    assert done.returncode == 1
    failure = SceneFailure.model_validate(json.loads(done.stderr.strip().splitlines()[-1]))
    assert error in failure.error
    assert failure.line == line
    assert not (tmp_path / "result.json").exists()


@pytest.mark.slow
def test_manim_code_is_audited_and_held_until_the_narration_ends(tmp_path: Path) -> None:
    code = """
class Moving(MovingCameraScene):
    def construct(self):
        circle = Circle()
        self.play(Create(circle), run_time=0.5)
        self.add(Text("left and"), Text("right"))
        self.play(self.camera.frame.animate.scale(0.9), run_time=0.5)
"""
    look = Look(quality=Quality.DRAFT, aspect=Aspect.TALL)
    result = clip.render(RenderRequest(beat=beat(ManimCode(code=code)), look=look), tmp_path / "clip.mp4")
    assert result.frames == round(beat_seconds(NARRATION) * look.fps)
    assert "overlap" in {finding.rule for finding in result.findings}
