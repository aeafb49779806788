"""Points of two coordinates where Manim takes three. Which arguments are points, Manim's annotations tell."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from quantumsketch.checking import Fault
from renderers.manim.knowledge.index import Callable, Parameter
from renderers.manim.lint.calls import calls, definition
from renderers.manim.lint.edits import Edit
from renderers.manim.lint.objects import Objects, objects_of
from renderers.manim.lint.script import Script

_IN_SPACE = ("Point3DLike", "Vector3DLike")
_IN_A_PLANE = ("Point2DLike", "Vector2DLike")
_MOVING = {"move_to", "shift", "next_to"}
"""Methods that only mobjects have: known even where the object's class is not."""


def check_points(script: Script) -> Iterator[Edit | Fault]:
    """Every literal point that lacks its third coordinate."""
    objects = objects_of(script)
    for call in calls(script):
        for argument, parameter in _arguments(script, objects, call):
            pair = _pair(argument)
            if pair and _takes_a_point(parameter) and not any(map(script.manim_name, pair)):
                end = script.span(pair[1])[1]
                yield Edit(end, end, ", 0", script.noted(argument, "a point has three coordinates"))


def _arguments(script: Script, objects: Objects, call: ast.Call) -> Iterator[tuple[ast.expr, Parameter]]:
    called = _called(script, objects, call)
    if called is None or any(isinstance(argument, ast.Starred) for argument in call.args):
        return
    by_name = {parameter.name: parameter for parameter in called.parameters}
    for place, argument in enumerate(call.args):
        if place < len(called.parameters) and called.parameters[place].kind == "ordinary":
            yield argument, called.parameters[place]
        elif called.parameters and (rest := _rest(called.parameters)):
            yield argument, rest
    for keyword in call.keywords:
        if keyword.arg in by_name:
            yield keyword.value, by_name[keyword.arg]


def _rest(parameters: list[Parameter]) -> Parameter | None:
    return next((parameter for parameter in parameters if parameter.kind == "rest"), None)


def _called(script: Script, objects: Objects, call: ast.Call) -> Callable | None:
    """What a call calls; a constructor that hands its positions on is that of the ancestor who takes them."""
    found = definition(script, objects, call)
    if found is None:
        method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        return script.index.method("Mobject", method) if method in _MOVING else None
    called, owner = found
    if called.name != owner:
        return called
    for ancestor in script.index.ancestry(owner):
        rest = _rest(ancestor.parameters[:1])
        if rest is None or rest.annotation not in {"", "Any"}:
            return ancestor
    return called


def _takes_a_point(parameter: Parameter) -> bool:
    kinds = parameter.annotation
    return any(one in kinds for one in _IN_SPACE) and not any(one in kinds for one in _IN_A_PLANE)


def _pair(node: ast.expr) -> list[ast.expr] | None:
    """The two coordinates of a literal point, `[x, y]`, `(x, y)` or `np.array([x, y])`."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="np"), attr="array"), args=[inner], keywords=[]):
            return _pair(inner)
        case ast.List(elts=[_, _] as pair) | ast.Tuple(elts=[_, _] as pair):
            scalars = (ast.Constant, ast.Name, ast.UnaryOp, ast.BinOp)
            return pair if all(isinstance(one, scalars) for one in pair) else None
    return None
