"""A correct scene comes back byte for byte, and really is one: Manim constructs it."""

from __future__ import annotations

import pytest

from renderers.manim.lint import mend
from tests.correct_scenes import CORRECT_SCENES
from tests.manim_names import installed
from tests.scene_corpus import good_scenes


@pytest.mark.parametrize("name", CORRECT_SCENES)
def test_a_correct_scene_comes_back_byte_for_byte(name: str) -> None:
    mended = mend(CORRECT_SCENES[name], installed())
    assert mended.faults == []
    assert mended.mended == []
    assert mended.code == CORRECT_SCENES[name]


def test_every_good_scene_of_the_corpus_comes_back_byte_for_byte() -> None:
    scenes = good_scenes()
    assert len(scenes) > 5
    for one in scenes:
        mended = mend(one.code, installed())
        assert (one.name, mended.faults, mended.mended) == (one.name, [], [])
        assert mended.code == one.code
