"""The one scene class that a source has to define: put around loose code, given its base."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from quantumsketch.checking import Fault
from renderers.manim.lint.edits import Edit
from renderers.manim.lint.literals import string_literals
from renderers.manim.lint.objects import Objects, objects_of
from renderers.manim.lint.script import Definition, Script

_NAME = "GeneratedScene"


def check_scenes(script: Script) -> Iterator[Edit | Fault]:
    """Whether there is exactly one scene, and something in it."""
    objects = objects_of(script)
    scenes = {name: node for name, node in objects.classes.items() if objects.scene_base(node)}
    if not scenes:
        yield from _no_scene(script, objects)
        return
    used = {one.name for node in scenes.values() for one in objects.with_bases(node) if one is not node}
    leaves = [node for name, node in scenes.items() if name not in used] or list(scenes.values())
    full = [node for node in leaves if not _is_empty(objects, node)]
    if not full:
        yield script.fault(
            "empty", leaves[0], f"{leaves[0].name} shows nothing: construct() plays no animation"
        )
    elif len(full) > 1:
        names = ", ".join(node.name for node in full)
        yield script.fault("no-scene", full[1], f"there are several scenes ({names}); write exactly one")
    else:
        for node in leaves:
            if node is not full[0]:
                yield script.without_statement(node, f"took out {node.name}, a scene that shows nothing")


def _is_empty(objects: Objects, scene: ast.ClassDef) -> bool:
    """Whether a scene has no construct method, its own or inherited in the source, that calls anything."""
    for one in objects.with_bases(scene):
        for node in one.body:
            if isinstance(node, ast.FunctionDef) and node.name == "construct":
                return not any(isinstance(inner, ast.Call) for inner in ast.walk(node))
    return True


def _no_scene(script: Script, objects: Objects) -> Iterator[Edit | Fault]:
    with_construct = [node for node in objects.classes.values() if _construct_of(node.body)]
    if len(with_construct) == 1:
        yield from _given_a_base(script, with_construct[0])
    elif with_construct or any(objects.manim_bases(node) is None for node in objects.classes.values()):
        yield from _unknown_bases(script, objects)
    elif construct := _construct_of(script.tree.body):
        yield from _wrapped(script, construct)
    elif loose := [node for node in script.tree.body if _shows(node)]:
        yield from _gathered(script, loose)
    else:
        yield _none()


def _unknown_bases(script: Script, objects: Objects) -> Iterator[Fault]:
    bases = [base for node in objects.classes.values() for base in node.bases]
    if not any(_root(base) in script.bound - set(objects.classes) for base in bases):
        yield _none()


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _none() -> Fault:
    return Fault(
        rule="no-scene", message="there is no class that derives from Scene and has a construct method"
    )


def _construct_of(body: list[ast.stmt]) -> Definition | None:
    return next((n for n in body if isinstance(n, ast.FunctionDef) and n.name == "construct"), None)


def _given_a_base(script: Script, defined: ast.ClassDef) -> Iterator[Edit | Fault]:
    """`class A:` and `class A(object):` with a construct method become scenes."""
    plain = not defined.bases or (len(defined.bases) == 1 and script.source(defined.bases[0]) == "object")
    if not plain and any(_root(base) in script.bound for base in defined.bases):
        return  # imported: whether that works is said of the import
    if not plain or defined.keywords:
        named = ", ".join(script.source(base) for base in defined.bases)
        yield script.fault(
            "no-scene",
            defined,
            f"{defined.name} derives from {named}, which is no scene of Manim; derive it from Scene",
        )
        return
    note = script.noted(defined, f"{defined.name} derives from Scene")
    if defined.bases:
        yield Edit(*script.span(defined.bases[0]), "Scene", note)
        return
    start = script.text.index(defined.name, script.span(defined)[0] + len("class")) + len(defined.name)
    end = script.text.index(":", start)
    yield Edit(start, end, "(Scene)", note)


def _shows(node: ast.stmt) -> bool:
    """Whether a statement uses `self`, as only code of a scene's method does."""
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    return any(isinstance(inner, ast.Name) and inner.id == "self" for inner in ast.walk(node))


def _wrapped(script: Script, construct: Definition) -> Iterator[Edit]:
    """A construct function at the top becomes the method of a scene."""
    first, last = construct.lineno, construct.end_lineno or construct.lineno
    body = _indented(script, first, last, 4)
    parameters = construct.args.posonlyargs + construct.args.args
    if not parameters:
        body = body.replace("construct()", "construct(self)", 1)
    yield _lines(
        script, first, last, f"class {_NAME}(Scene):\n{body}", "made construct() the method of a scene class"
    )


def _gathered(script: Script, loose: list[ast.stmt]) -> Iterator[Edit]:
    """Loose statements become the construct method of a scene, from the first that is no import on."""
    body = script.tree.body
    first = next(node for node in body if not _stays_above(node))
    start, end = first.lineno, body[-1].end_lineno or body[-1].lineno
    inner = _indented(script, start, end, 8)
    text = f"class {_NAME}(Scene):\n    def construct(self):\n{inner}"
    yield _lines(
        script, start, end, text, "put the loose statements into the construct method of a scene class"
    )


def _stays_above(node: ast.stmt) -> bool:
    if isinstance(node, ast.Import | ast.ImportFrom):
        return True
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True
    return isinstance(node, ast.Assign) and not _shows(node) and isinstance(node.targets[0], ast.Attribute)


def _lines(script: Script, first: int, last: int, text: str, note: str) -> Edit:
    start = script.offset(first, 0)
    end = start + len("\n".join(script.lines[first - 1 : last]))
    return Edit(start, end, text, f"line {first}: {note}")


def _indented(script: Script, first: int, last: int, by: int) -> str:
    """Lines moved to the right, without changing the strings that run over several of them."""
    inside = {
        line
        for literal in string_literals(script.text)
        for line in range(
            script.text.count("\n", 0, literal.start) + 2, script.text.count("\n", 0, literal.end) + 2
        )
    }
    lines = script.lines[first - 1 : last]
    return "\n".join(
        line if number in inside or not line.strip() else " " * by + line
        for number, line in enumerate(lines, first)
    )
