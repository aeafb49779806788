"""Words of scenes in Manim code are set in the kit's font, as those of the typed visuals are."""

from __future__ import annotations

import pytest
from manim import MarkupText, Paragraph, Text

from quantumsketch.storyboard import Look
from renderers.manim.checking.dry_run import DryRun
from renderers.manim.theme import NIGHT
from tests.checked_scenes import scene

FONTS = """
    texts = [Text("a"), MarkupText("a"), Paragraph("a").lines_text, Text("a", font="Mono")]
    self.play(Create(Circle()))
    raise LookupError([text.font for text in texts])
"""


def test_words_have_the_kits_font_unless_the_scene_names_another() -> None:
    with pytest.raises(LookupError) as said:
        DryRun(Look()).run(scene(FONTS))
    assert said.value.args[0] == [NIGHT.font, NIGHT.font, NIGHT.font, "Mono"]


def test_manims_own_default_comes_back_after_a_scene() -> None:
    before = [kind("a").font for kind in (Text, MarkupText)]
    DryRun(Look()).run(scene("self.play(Write(Text('a')))"))
    assert [kind("a").font for kind in (Text, MarkupText)] == before
    assert Paragraph("a").lines_text.font == before[0]
