"""How a scene class is written: its construct method, and the CONFIG of older Manims."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from quantumsketch.checking import Fault
from renderers.manim.knowledge.nearest import distance
from renderers.manim.lint.edits import Edit
from renderers.manim.lint.objects import Objects, objects_of
from renderers.manim.lint.script import Script

_CALLED_BY_MANIM = {"construct", "setup", "tear_down", "__init__"}


def check_definitions(script: Script) -> Iterator[Edit | Fault]:
    """Every class of the source that derives from one of Manim's."""
    objects = objects_of(script)
    for defined in objects.classes.values():
        if objects.manim_bases(defined):
            for node in defined.body:
                yield from _configuration(script, node)
            if objects.scene_base(defined):
                yield from _construct(script, objects, defined)


def _configuration(script: Script, node: ast.stmt) -> Iterator[Edit]:
    """`CONFIG = {"a": 1}` becomes the class attribute `a = 1`."""
    match node:
        case ast.Assign(targets=[ast.Name(id="CONFIG")], value=ast.Dict(keys=keys, values=values)):
            names = [
                key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str)
            ]
            if len(names) != len(keys) or not all(name.isidentifier() for name in names):
                return
            between = f"\n{' ' * node.col_offset}"
            lines = [f"{n} = {script.source(v)}" for n, v in zip(names, values, strict=True)] or ["pass"]
            yield script.replacing(node, between.join(lines), "CONFIG is not read any more: class attributes")


def _construct(script: Script, objects: Objects, defined: ast.ClassDef) -> Iterator[Edit]:
    methods = [node for node in defined.body if isinstance(node, ast.FunctionDef)]
    for method in methods:
        if method.name == "construct" and not (
            method.args.args or method.args.posonlyargs or method.args.vararg
        ):
            place = script.text.index("(", script.span(method)[0]) + 1
            yield Edit(place, place, "self", script.noted(method, "construct takes self"))
    if not methods or _CALLED_BY_MANIM & objects.own_members(defined):
        return
    alike = [one for one in methods if distance(one.name.lower(), "construct", 2) <= 2]
    if len(alike) == 1 and not _is_called(script, alike[0].name):
        start = script.text.index(alike[0].name, script.span(alike[0])[0] + len("def"))
        note = script.noted(alike[0], f"the method that Manim calls is construct, not {alike[0].name}")
        yield Edit(start, start + len(alike[0].name), "construct", note)


def _is_called(script: Script, name: str) -> bool:
    return any(isinstance(node, ast.Attribute) and node.attr == name for node in ast.walk(script.tree))
