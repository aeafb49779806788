"""What is called in a scene, and changes to the arguments of a call. Knows no rule."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from renderers.manim.knowledge.index import Callable
from renderers.manim.lint.edits import Edit
from renderers.manim.lint.objects import Objects
from renderers.manim.lint.script import Script

_ANIMATION = "Animation"


def calls(script: Script) -> Iterator[ast.Call]:
    """Every call of the source."""
    return (node for node in ast.walk(script.tree) if isinstance(node, ast.Call))


def called_class(script: Script, call: ast.Call) -> str | None:
    """The class of Manim that a call constructs, None if it is another call."""
    name = script.manim_name(call.func)
    entry = script.index.entry(name) if name else None
    return name if entry and entry.kind == "class" else None


def constructs(script: Script, call: ast.Call, ancestor: str) -> bool:
    """Whether a call constructs a Manim class that descends from `ancestor`."""
    name = called_class(script, call)
    return name is not None and script.index.is_a(name, ancestor)


def is_self_call(call: ast.AST, *methods: str) -> bool:
    """Whether a call is `self.METHOD(…)` for one of the methods."""
    match call:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="self"), attr=name)):
            return name in methods
    return False


def definition(script: Script, objects: Objects, call: ast.Call) -> tuple[Callable, str] | None:
    """What a call calls in Manim and the class it belongs to ('' for a function), None if unknown."""
    name = script.manim_name(call.func)
    if name:
        entry = script.index.entry(name)
        return (entry, name if entry.kind == "class" else "") if entry and _is_callable(entry.kind) else None
    if not isinstance(call.func, ast.Attribute):
        return None
    owner = objects.class_of(owner_of(call.func))
    if owner is None or (owner_is_self(call.func) and _redefined(objects, call)):
        return None
    method = script.index.method(owner, call.func.attr)
    return (method, owner) if method else None


def owner_of(attribute: ast.Attribute) -> ast.expr:
    """The object whose method is meant: `x` in `x.shift`, in `x.animate.shift` and `x.animate(…).shift`."""
    target = attribute.value
    while True:
        match target:
            case (
                ast.Attribute(value=inner, attr="animate")
                | ast.Call(func=ast.Attribute(value=inner, attr="animate"))
            ):
                return inner
            case ast.Call(func=ast.Attribute(value=inner)) if is_animated(inner):
                target = inner
            case _:
                return attribute.value


def is_animated(node: ast.expr) -> bool:
    """Whether a chain of methods goes through `.animate`."""
    while isinstance(node, ast.Attribute | ast.Call):
        if isinstance(node, ast.Attribute) and node.attr == "animate":
            return True
        node = node.value if isinstance(node, ast.Attribute) else node.func
    return False


def has_environment(call: ast.Call) -> bool:
    """Whether a Tex or MathTex is told itself how TeX is to read it."""
    return any(keyword.arg == "tex_environment" for keyword in call.keywords)


def owner_is_self(attribute: ast.Attribute) -> bool:
    """Whether the object of a method is the scene itself."""
    return isinstance(attribute.value, ast.Name) and attribute.value.id == "self"


def _redefined(objects: Objects, call: ast.Call) -> bool:
    scene = objects.enclosing_scene(call)
    return (
        scene is not None
        and isinstance(call.func, ast.Attribute)
        and (call.func.attr in objects.own_members(scene))
    )


def _is_callable(kind: str) -> bool:
    return kind in {"class", "function", "rate function"}


def without_argument(script: Script, call: ast.Call, argument: ast.AST, note: str) -> Edit:
    """The edit that takes an argument out of a call, with its comma."""
    arguments = sorted(script.span(one) for one in (*call.args, *call.keywords))
    start, end = script.span(argument)
    place = arguments.index((start, end))
    if place:
        start = arguments[place - 1][1]
    elif len(arguments) > 1:
        end = arguments[1][0]
    return Edit(start, end, "", script.noted(call, note))
