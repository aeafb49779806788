"""find_manim as a worker answers it: the installed Manim in a real Postgres, its index from the sandbox."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from temporalio.testing import ActivityEnvironment

from quantumsketch.assets.store import AssetStore
from quantumsketch.memory.codebases.installed import InstalledPackage
from quantumsketch.memory.database import open_database
from quantumsketch.memory.embedding import LocalEmbedder
from quantumsketch.memory.films.graph import Graph
from renderers.manim.knowledge.place import manim_folder
from renderers.manim.knowledge.tools import DESCRIBE_MANIM
from renderers.manim.version import manim_version
from tests.sandbox_calls import toolbox
from workflows.activities.manual import Manual
from workflows.jobs import FindJob

pytestmark = pytest.mark.slow

LONGEST = 2_100

NAMES = {
    "Circle": "Circle(radius=None, color=RED, also arc_center",
    "manim.Circle": "Circle(radius=None, color=RED, also arc_center",
    "Circle.move_to": "Circle.move_to(point_or_mobject, aligned_edge=ORIGIN",
    "Axes.plot": "Axes.plot(function, x_range=None",
    "how is Axes.plot called": "Axes.plot(function, x_range=None",
    "Scene.play": "Scene.play(*args",
    "ShowCreation": "Create(mobject, lag_ratio=1.0",
    "get_graph": "CoordinateSystem.plot(function, x_range=None",
    "Cirlce": "Circle(radius=None",
    "TexMobject": "MathTex(",
    "RED": "RED: color #",
    "UP": "UP: direction [0.0, 1.0, 0.0]",
    "ease_in_out_sine": "rate_functions.ease_in_out_sine(t",
}
"""What somebody writes, and how the first thing that he is told begins."""

WISHES = {
    "fade something out": "FadeOut",
    "source code with line numbers": "Code",
    "draw attention to a formula": "FocusOn",
    "circle around an object": "Circle.surround",
    "put text next to an object": "Text",
    "move along a path": "MoveAlongPath",
    "area under a curve": "CoordinateSystem.get_area",
    "riemann sum rectangles": "CoordinateSystem.get_riemann_rectangles",
    "rotate the camera in 3d": "ThreeDScene.begin_3dillusion_camera_rotation",
    "morph one shape into another": "Transform",
    "write text letter by letter": "AddTextLetterByLetter",
    "arrange objects in a grid": "Mobject.arrange_in_grid",
    "bar chart": "BarChart",
    "matrix with brackets": "Matrix",
    "brace under a formula with label": "BraceLabel",
    "dashed line": "DashedLine",
    "angle mark between two lines": "Angle",
    "graph with vertices and edges": "Graph",
    "vector field": "ArrowVectorField",
    "rectangle around text": "SurroundingRectangle",
    "highlight a cell of a table": "Table.add_highlighted_cell",
    "3d sphere": "Sphere",
    "set fill colour and opacity": "VMobject.set_fill",
    "number line with ticks": "NumberLine",
    "image from a file": "ImageMobject",
    "intersection of two shapes": "Intersection",
    "bullet list": "BulletedList",
    "plot a function on axes": "CoordinateSystem.plot",
    "wait": "Wait",
    "tangent line of a graph": "TangentLine",
}
SENTENCES = {
    "how do I make a label that follows a moving dot": "LabeledDot",
    "I want a 3D surface plot": "Surface",
    "Count from 1 to 10": "DecimalNumber",
    "Draw a Line": "Line",
    "Make text bold": "Text",
}
"""A wish, and what is among the first four things told."""
NOTE = re.compile(r" is not in this Manim|: keyword of |: attribute, ")
FOUND = 27
"""Of the 30 wishes: equal ranks fall one way or the other."""


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where what was read of Manim is kept for all tests."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture
def manual(graph: Graph, embedder: LocalEmbedder, kept: Path, tmp_path: Path) -> Manual:
    manim = InstalledPackage(graph.database, embedder, manim_folder(), manim_version())
    return Manual(toolbox(tmp_path / "scratch", DESCRIBE_MANIM), AssetStore(kept), manim)


async def asked(manual: Manual, query: str) -> list[str]:
    """The lines that are answered, without the heading."""
    text = await ActivityEnvironment().run(manual.find_manim, FindJob(query=query))
    assert len(text) <= LONGEST
    heading, *lines = text.splitlines()
    assert heading == f"Manim {manim_version()}:"
    return lines


def entries_in(lines: list[str]) -> list[str]:
    """The lines that begin an entry; what is noted before them is none."""
    return [line for line in lines if not line.startswith(" ") and not NOTE.search(line)]


async def test_a_name_is_answered_with_how_it_is_called(manual: Manual) -> None:
    for query, told in NAMES.items():
        assert entries_in(await asked(manual, query))[0].startswith(told), query


async def test_an_old_name_is_said_to_be_old_before_what_took_its_place(manual: Manual) -> None:
    first, second, *_ = await asked(manual, "FadeInFromDown")
    assert first == "FadeInFromDown is not in this Manim; now FadeIn(…, shift=UP)"
    assert second.startswith("FadeIn(*mobjects")


async def test_a_keyword_is_answered_with_what_takes_it(manual: Manual) -> None:
    first, second, *_ = await asked(manual, "include_numbers")
    assert first == "include_numbers: keyword of NumberLine"
    assert second.startswith("NumberLine(")


async def test_words_of_a_sentence_are_not_answered_as_names(manual: Manual) -> None:
    for query, name in SENTENCES.items():
        told = [line.split("(")[0] for line in await asked(manual, query) if not line.startswith(" ")]
        assert name in told[:4], (query, told)


async def test_the_other_renderer_and_helpers_of_manim_itself_are_not_told(manual: Manual) -> None:
    for query in ("set_color_by_gradient", "add_updater", "path of a sound file", "directory layout"):
        told = "\n".join(await asked(manual, query))
        assert not re.search("OpenGL|get_full_sound_file_path|get_dir_layout", told), query


async def test_without_a_database_names_are_told_all_the_same(
    embedder: LocalEmbedder, kept: Path, tmp_path: Path
) -> None:
    async with open_database("postgresql://nobody@127.0.0.1:9/none", at_once=False) as nowhere:
        manim = InstalledPackage(nowhere, embedder, manim_folder(), manim_version())
        manual = Manual(toolbox(tmp_path / "scratch", DESCRIBE_MANIM), AssetStore(kept), manim)
        note, *lines = await asked(manual, "Circle")
    assert note.startswith("the memory does not answer now: only names were looked up")
    assert lines[0].startswith("Circle(radius=None")


async def test_a_wish_is_answered_with_what_does_it(manual: Manual) -> None:
    missed = []
    for query, name in WISHES.items():
        told = [line.split("(")[0] for line in await asked(manual, query) if not line.startswith(" ")]
        if name not in told:
            missed.append((query, told))
    assert len(WISHES) - len(missed) >= FOUND, missed


async def test_what_belongs_together_is_told(manual: Manual) -> None:
    circle, plot = await asked(manual, "Circle"), await asked(manual, "Axes.plot")
    assert "  a Arc < TipableVMobject < VMobject" in circle
    assert "  special ones: Annulus, Dot, Ellipse, ArrowCircleTip" in circle
    assert any("stroke_width" in line for line in circle[:1]), "what passes through **kwargs"
    assert "  makes use of: ParametricFunction" in plot


async def test_nonsense_is_answered_too(manual: Manual) -> None:
    for query in ("\x00", "?!", "😀" * 100, "' OR 1=1 --", "x" * 5_000):
        assert await asked(manual, query)
