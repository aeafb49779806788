"""Arguments of the wrong kind that have one right form: numbers as text, names of colors, updaters."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from quantumsketch.checking import Fault
from renderers.manim.knowledge.nearest import nearest, told
from renderers.manim.lint.calls import called_class, calls, constructs, owner_of
from renderers.manim.lint.edits import Edit
from renderers.manim.lint.names import successor
from renderers.manim.lint.objects import Objects, objects_of
from renderers.manim.lint.script import Script

_FONT = {"weight", "slant"}
_COLORING = {"set_color", "set_fill", "set_stroke"}
_LABELS = {"row_labels", "col_labels"}
_STYLES = {"bold": "weight=BOLD", "italic": "slant=ITALIC"}
_OPACITIES = {"set_fill_opacity": "set_fill", "set_stroke_opacity": "set_stroke"}
_STRETCHED = {"set_width": "stretch_to_fit_width", "set_height": "stretch_to_fit_height"}


def check_values(script: Script) -> Iterator[Edit | Fault]:
    """Every argument whose kind is plainly wrong."""
    objects = objects_of(script)
    for call in calls(script):
        if script.manim_name(call.func) in {"Text", "Tex", "MathTex"}:
            yield from _numbers_as_text(script, call.args)
        elif script.manim_name(call.func) == "Table":
            yield from _table(script, call)
        yield from _colors(script, call)
        yield from _names_as_text(script, call)
        yield from _updaters(script, objects, call)
        yield from _stretching(script, call)
        yield from _opacities(script, objects, call)


def _text(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _numbers_as_text(script: Script, nodes: list[ast.expr]) -> Iterator[Edit]:
    for node in nodes:
        inner = node.operand if isinstance(node, ast.UnaryOp) else node
        if isinstance(inner, ast.Constant) and type(inner.value) in (int, float):
            yield script.replacing(node, f'"{script.source(node)}"', "text is taken, not a number")


def _table(script: Script, call: ast.Call) -> Iterator[Edit]:
    """A Table takes rows of strings, and labels that are objects already."""
    given = {keyword.arg for keyword in call.keywords}
    rows = call.args[0] if call.args else None
    if isinstance(rows, ast.List | ast.Tuple) and "element_to_mobject" not in given:
        for row in rows.elts:
            if isinstance(row, ast.List | ast.Tuple):
                yield from _numbers_as_text(script, row.elts)
    for keyword in call.keywords:
        if keyword.arg in _LABELS and isinstance(keyword.value, ast.List | ast.Tuple):
            for label in keyword.value.elts:
                if _text(label) is not None:
                    new = f"Text({script.source(label)})"
                    yield script.replacing(label, new, f"{keyword.arg} takes objects, not strings")


def _colors(script: Script, call: ast.Call) -> Iterator[Edit | Fault]:
    """Names of colors that Manim does not know as strings."""
    given = [keyword.value for keyword in call.keywords if keyword.arg and keyword.arg.endswith("color")]
    method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    if method in _COLORING:
        given += call.args[:1]
    for node in given:
        name = _text(node)
        if name is None or name.startswith(("#", "0x")) or not name:
            continue
        plain = name.strip().replace(" ", "_").upper()
        if (entry := script.index.entry(name.upper())) and entry.kind == "color":
            continue
        new = plain if plain in script.index.exported else successor(script, plain)
        if new:
            yield script.replacing(node, new, f"the color {name!r} is {new}")
        else:
            colors = [one.name for one in script.index.entries if one.kind == "color"]
            yield script.fault(
                "wrong-value", node, f"no color is called {name!r}{told(nearest(plain, colors))}"
            )


def _names_as_text(script: Script, call: ast.Call) -> Iterator[Edit]:
    """`rate_func="linear"` and `weight="bold"`."""
    for keyword in call.keywords:
        name = _text(keyword.value)
        if name is None:
            yield from _styled(script, call, keyword)
        elif keyword.arg == "rate_func":
            entry = script.index.entry(name) or script.index.entry(f"rate_functions.{name}")
            if entry and entry.kind == "rate function":
                note = f"rate_func takes the function {entry.name}, not its name"
                yield script.replacing(keyword.value, entry.name, note)
        elif keyword.arg in _FONT and name != name.upper():
            entry = script.index.entry(name.upper())
            if entry and entry.kind == "constant":
                yield script.replacing(keyword.value, entry.name, f"{keyword.arg} {name!r} is {entry.name}")


def _styled(script: Script, call: ast.Call, keyword: ast.keyword) -> Iterator[Edit]:
    """`bold=True` and `italic=True` of a Text."""
    style = _STYLES.get(keyword.arg or "")
    is_true = isinstance(keyword.value, ast.Constant) and keyword.value.value is True
    if style and is_true and script.manim_name(call.func) in {"Text", "MarkupText", "Paragraph"}:
        yield script.replacing(keyword, style, f"{keyword.arg}=True is {style}")


def _updaters(script: Script, objects: Objects, call: ast.Call) -> Iterator[Edit]:
    """What is to be done again in every frame is a function, not its outcome."""
    if len(call.args) != 1 or not isinstance(call.args[0], ast.Call):
        return
    given = call.args[0]
    if script.manim_name(call.func) == "always_redraw" and constructs(script, given, "Mobject"):
        start = script.span(given)[0]
        yield Edit(start, start, "lambda: ", script.noted(given, "always_redraw takes a function: lambda"))
        return
    is_updater = isinstance(call.func, ast.Attribute) and call.func.attr == "add_updater"
    if is_updater and isinstance(given.func, ast.Attribute) and called_class(script, given) is None:
        owner = objects.class_of(given.func.value)
        method = script.index.method(owner, given.func.attr) if owner else None
        if method and method.returns == "Self":
            start = script.span(given)[0]
            yield Edit(
                start, start, "lambda _: ", script.noted(given, "add_updater takes a function: lambda")
            )


def _opacities(script: Script, objects: Objects, call: ast.Call) -> Iterator[Edit]:
    """`set_fill_opacity(x)` only stores an attribute that is never drawn; `set_fill(opacity=x)` is drawn."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in _OPACITIES:
        return
    owner = objects.class_of(owner_of(call.func))
    if len(call.args) == 1 and not call.keywords and not script.index.method(owner or "", call.func.attr):
        new = f"{_OPACITIES[call.func.attr]}(opacity={script.source(call.args[0])})"
        start = script.span(call.func)[1] - len(call.func.attr)
        yield Edit(start, script.span(call)[1], new, script.noted(call, f"{call.func.attr} shows nothing"))


def _stretching(script: Script, call: ast.Call) -> Iterator[Edit]:
    """`set_width(w, stretch=True)` of ManimGL."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in _STRETCHED or len(call.args) != 1:
        return
    if [keyword.arg for keyword in call.keywords] == ["stretch"]:
        value = call.keywords[0].value
        stretched = isinstance(value, ast.Constant) and value.value is True
        new = _STRETCHED[call.func.attr] if stretched else f"scale_to_fit_{call.func.attr[4:]}"
        start = script.span(call.func)[1] - len(call.func.attr)
        text = f"{new}({script.source(call.args[0])})"
        yield Edit(start, script.span(call)[1], text, script.noted(call, f"{call.func.attr} is {new}"))
