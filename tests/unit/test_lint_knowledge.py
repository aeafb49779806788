"""What is known of the installed Manim is what it does; and it is found by what one would ask."""

from __future__ import annotations

import inspect

import pytest

from renderers.manim.knowledge import ManimIndex
from renderers.manim.knowledge.lookup import best, entry_of, exactly
from renderers.manim.knowledge.naming import named
from renderers.manim.knowledge.nearest import distance, nearest, the_one_meant
from renderers.manim.knowledge.renames import CALLS, KEYWORDS, MEMBERS, NAMES
from tests.manim_names import installed


def test_the_index_survives_being_written_down() -> None:
    index = installed()
    assert ManimIndex.model_validate_json(index.model_dump_json(exclude_defaults=True)) == index


def test_everything_that_a_star_import_gives_is_known() -> None:
    import manim

    given = {name for name in vars(manim) if not name.startswith(("_", "OpenGL"))}
    assert given - installed().exported <= {"annotations"}
    assert {"Circle", "Create", "UP", "PI", "RED", "config", "rate_functions", "np", "smooth"} <= given


@pytest.mark.parametrize(
    "name", ["Circle", "Square", "Dot", "Axes", "Text", "MathTex", "Arrow", "NumberLine"]
)
def test_a_class_takes_exactly_the_keywords_that_its_entry_tells(name: str) -> None:
    """Checked against Manim itself: it refuses an unknown keyword, and takes a known one."""
    import manim

    entry = installed().entry(name)
    assert entry is not None
    constructor = getattr(manim, name)
    with pytest.raises(TypeError, match="no_such_keyword"):
        constructor(**_needed(name), no_such_keyword=1)
    for keyword in ("color", "stroke_width", "fill_opacity", "z_index"):
        assert keyword in entry.keywords
        constructor(**{**_needed(name), keyword: "#ff0000" if keyword == "color" else 1})


def _needed(name: str) -> dict[str, str]:
    return {"text": "a"} if name == "Text" else {}


def test_every_method_of_a_class_is_among_its_members() -> None:
    import manim

    for name in ("Circle", "Axes", "MathTex", "VGroup", "ThreeDScene", "Write", "ValueTracker", "Table"):
        public = {one for one, _ in inspect.getmembers(getattr(manim, name)) if not one.startswith("_")}
        assert public - installed().members(name) == set()


def test_what_passes_through_keywords_is_followed_to_where_it_goes() -> None:
    index = installed()
    plot = index.method("Axes", "plot")
    assert plot is not None
    assert {"color", "x_range", "use_smoothing", "stroke_width"} <= plot.keywords
    square = index.entry("Square")
    assert square is not None
    assert {"side_length", "grid_xstep"} <= square.keywords
    assert "width" not in square.keywords


def test_every_rename_leads_to_what_is_there_and_from_what_is_not() -> None:
    index = installed()
    for old, new in NAMES.items():
        assert old not in index.exported
        assert new in index.exported or not new.isidentifier(), old
    for old, call in CALLS.items():
        assert old not in index.exported
        assert exactly(index, call.partition("(")[0]) or not call.endswith(")"), old
    for member in MEMBERS:
        owners = [entry.name for entry in index.entries if index.is_a(entry.name, member.owner)]
        assert owners, member
        assert any(member.new.partition(".")[0] in index.members(owner) for owner in owners), member
        assert member.old not in index.members(member.owner), member
    taken = {name for entry in index.entries for one in (entry, *entry.methods) for name in one.keywords}
    assert {rename.new for rename in KEYWORDS} <= taken | {"run_time"}


CODE = {
    ("class", "manim.mobject.geometry.arc.Circle"): "Circle",
    ("method", "manim.mobject.geometry.arc.Circle.surround"): "Circle.surround",
    ("method", "manim.mobject.mobject.Mobject.next_to"): "Mobject.next_to",
    ("function", "manim.utils.space_ops.rotate_vector"): "rotate_vector",
    ("function", "manim.utils.rate_functions.smoothstep"): "smoothstep",
    ("class", "manim.mobject.opengl.opengl_geometry.OpenGLCircle"): None,
    ("method", "manim.mobject.geometry.arc.Circle.generate_points"): None,
    ("method", "manim.cli.default_group.DefaultGroup.command"): None,
    ("class", "elsewhere.Circle"): None,
    ("function", "manim.utils.commands.get_dir_layout"): None,
    ("function", "manim.mobject.text.text_mobject.register_font"): None,
    ("method", "manim.mobject.opengl.opengl_mobject.OpenGLMobject.set_width"): None,
    ("method", "manim.mobject.mobject.Mobject.interpolate"): None,
}


@pytest.mark.parametrize("code", CODE)
def test_a_piece_of_code_is_an_entry_if_a_scene_has_a_use_for_it(code: tuple[str, str]) -> None:
    entry = entry_of(installed(), *code)
    assert (entry and entry.name) == CODE[code]


def test_at_most_two_methods_of_a_class_are_among_the_best() -> None:
    axes = named(
        installed(), "Axes.plot Axes.get_area Axes.c2p Axes NumberPlane.plot Circle Axes.plot"
    ).entries
    assert [entry.name for entry in best(axes)] == [
        "Axes.plot", "Axes.get_area", "Axes", "NumberPlane.plot", "Circle",
    ]  # fmt: skip
    assert len(best(axes, limit=3)) == 3


def test_distance_counts_changed_missing_and_swapped_letters() -> None:
    assert [distance("circle", other) for other in ("circle", "cirlce", "circel", "crcle", "cirkel")] == [
        0,
        1,
        1,
        1,
        2,
    ]
    assert distance("a", "abcdefgh", 3) == 4


def test_only_one_name_can_be_the_one_meant() -> None:
    assert the_one_meant("font_sise", {"font_size", "font"}) == "font_size"
    assert the_one_meant("fontsize", {"font_size", "font"}) == "font_size"
    assert the_one_meant("x_rang", {"x_range", "y_range"}) == "x_range"
    assert the_one_meant("z_range", {"x_range", "y_range"}) is None
    assert nearest("Numberbox", {"NumberLine", "Circle"}) == ["NumberLine"]
