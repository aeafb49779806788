"""What the graph of Manim's code adds to an entry of its index."""

from __future__ import annotations

from quantumsketch.memory.codebases.installed import Piece, Surroundings
from renderers.manim.knowledge import Entry, ManimIndex, Method
from workflows.activities.manual import remarks_on


def of_class(name: str, *lineage: str, methods: tuple[str, ...] = ()) -> Entry:
    return Entry(
        name=name, kind="class", module="manim.shapes", about=f"A {name}.", lineage=list(lineage),
        methods=[Method(name=one, about="Do it.") for one in methods],
    )  # fmt: skip


INDEX = ManimIndex(
    version="1",
    entries=[
        of_class("Mobject", methods=("shift",)),
        of_class("Arc", "Mobject"),
        of_class("Circle", "Arc", "Mobject", methods=("shift",)),
        of_class("Dot", "Circle", "Arc", "Mobject"),
        of_class("Color"),
    ],
)


def piece(name: str, kind: str = "class") -> Piece:
    return Piece(kind=kind, name=f"manim.shapes.{name}")


def around(name: str, kind: str = "class", **told: object) -> Surroundings:
    nothing: dict[str, object] = {
        "deprecated": False, "deprecated_since": None, "replaced_by": None,
        "inherits": [], "inherited_by": [], "uses": [], "overridden_by": [],
    }  # fmt: skip
    return Surroundings.model_validate({**piece(name, kind).model_dump(), **nothing, **told})


def test_what_is_deprecated_is_told_with_what_took_its_place() -> None:
    old = around("Circle", deprecated=True)
    assert remarks_on(INDEX, "Circle", old) == ["deprecated"]
    old = around("Circle", deprecated=True, deprecated_since="0.9", replaced_by=piece("Arc"))
    assert remarks_on(INDEX, "Circle", old) == ["deprecated since 0.9: use Arc"]
    method = around("Circle.move", "method", deprecated=True, replaced_by=piece("Mobject.shift", "method"))
    assert remarks_on(INDEX, "Circle.move", method) == ["deprecated: use Mobject.shift"]
    function = around("old", "function", deprecated=True, replaced_by=piece("new", "function"))
    assert remarks_on(INDEX, "old", function) == ["deprecated: use new"]


def test_special_ones_and_what_is_made_use_of_are_told_if_a_scene_has_a_use_for_them() -> None:
    circle = around(
        "Circle", inherited_by=[piece("Dot"), piece("Hidden")], uses=[piece("Arc"), piece("Color")]
    )
    assert remarks_on(INDEX, "Circle", circle) == ["special ones: Dot", "makes use of: Arc"]


def test_a_method_is_told_with_those_who_do_it_otherwise_and_without_its_own_class() -> None:
    shift = around(
        "Mobject.shift", "method",
        uses=[piece("Mobject"), piece("Dot")], overridden_by=[piece("Circle.shift", "method")],
    )  # fmt: skip
    assert remarks_on(INDEX, "Mobject.shift", shift) == [
        "done otherwise by: Circle.shift", "makes use of: Dot"
    ]  # fmt: skip


def test_an_entry_that_stands_alone_has_no_remarks() -> None:
    assert remarks_on(INDEX, "Color", around("Color")) == []
