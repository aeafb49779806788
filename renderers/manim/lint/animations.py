"""How animations are played: ManimGL's and old spellings, objects played as they are, times of nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from quantumsketch.checking import Fault
from renderers.manim.lint.calls import called_class, calls, constructs, is_animated, is_self_call
from renderers.manim.lint.edits import Edit
from renderers.manim.lint.objects import Objects, objects_of
from renderers.manim.lint.script import Script

_FADES = {"FadeIn", "FadeOut"}
_OLD_FADES = {
    "FadeInFrom": ("FadeIn", "shift", "-"), "FadeInFromDown": ("FadeIn", "shift", "UP"),
    "FadeInFromLarge": ("FadeIn", "scale", "2"), "FadeOutAndShift": ("FadeOut", "shift", ""),
    "FadeOutAndShiftDown": ("FadeOut", "shift", "DOWN"), "FadeInFromPoint": ("FadeIn", "target_position", ""),
    "FadeOutToPoint": ("FadeOut", "target_position", ""),
}  # fmt: skip
"""An old name to the new one, the keyword that its second argument became, and its sign or constant."""
_TIMED = ("run_time", "duration")


def check_animations(script: Script) -> Iterator[Edit | Fault]:
    """Every call that plays, adds or waits, and every fade."""
    objects = objects_of(script)
    for call in calls(script):
        if is_self_call(call, "play"):
            yield from _old_style_methods(script, objects, call)
            yield from _changed_objects(script, objects, call)
        elif is_self_call(call, "add"):
            yield from _added_animations(script, call)
        elif is_self_call(call, "wait"):
            yield from _waited_for_nothing(script, call)
        yield from _old_fades(script, call)
        if called_class(script, call) in _FADES:
            yield from _direction_by_position(script, call)
        yield from _times(script, call)
    yield from _played_by_nobody(script, objects)


def _old_style_methods(script: Script, objects: Objects, call: ast.Call) -> Iterator[Edit]:
    """`self.play(x.shift, UP)` becomes `self.play(x.animate.shift(UP))`."""
    arguments = list(call.args)
    for place, argument in enumerate(arguments):
        if not isinstance(argument, ast.Attribute) or argument.attr in {"animate", "target"}:
            continue
        owner = objects.class_of(argument.value)
        if owner and not script.index.method(owner, argument.attr):
            continue
        if not owner and not script.index.method("VMobject", argument.attr):
            continue
        given = []
        for following in arguments[place + 1 :]:
            if _is_played(script, objects, following):
                break
            given.append(following)
        if given and isinstance(given[-1], ast.Dict):
            continue
        end = script.span(given[-1])[1] if given else script.span(argument)[1]
        written = ", ".join(script.source(one) for one in given)
        text = f"{script.source(argument.value)}.animate.{argument.attr}({written})"
        note = f"methods are animated by .animate.{argument.attr}(…)"
        yield Edit(script.span(argument)[0], end, text, script.noted(argument, note))


def _is_played(script: Script, objects: Objects, node: ast.expr) -> bool:
    """Whether an argument of play begins a new animation."""
    if isinstance(node, ast.Attribute):
        return bool(script.index.method("VMobject", node.attr))
    if isinstance(node, ast.Call):
        return constructs(script, node, "Animation") or ".animate" in script.source(node)
    return isinstance(node, ast.Starred) or script.index.is_a(objects.class_of(node) or "", "Animation")


def _changed_objects(script: Script, objects: Objects, call: ast.Call) -> Iterator[Edit]:
    """`self.play(x.shift(UP))` becomes `self.play(x.animate.shift(UP))`."""
    for argument in call.args:
        inner: ast.expr = argument
        while isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute):
            owner = objects.class_of(inner.func.value)
            method = script.index.method(owner, inner.func.attr) if owner else None
            if owner is None or method is None or not script.index.is_a(owner, "Mobject"):
                break
            if method.returns != "Self" or method.name in {"copy", "generate_target", "save_state"}:
                break
            target = inner.func.value
            if isinstance(target, ast.Call):
                inner = target
                continue
            place = script.span(target)[1]
            note = f"play takes animations: .animate before .{method.name}"
            yield Edit(place, place, ".animate", script.noted(inner, note))
            break


def _added_animations(script: Script, call: ast.Call) -> Iterator[Edit]:
    """`self.add(FadeIn(x))` becomes `self.play(FadeIn(x))`."""
    animations = [isinstance(one, ast.Call) and constructs(script, one, "Animation") for one in call.args]
    if animations and all(animations):
        yield script.replacing(call.func, "self.play", "animations are played, not added")


def _played_by_nobody(script: Script, objects: Objects) -> Iterator[Edit]:
    """`FadeIn(x)` and `x.animate.shift(UP)` as statements of their own do nothing: they are to be played."""
    for node in ast.walk(script.tree):
        if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
            continue
        around = script.enclosing(node, ast.FunctionDef, ast.Lambda)
        if not isinstance(around, ast.FunctionDef) or objects.enclosing_scene(node) is None:
            continue
        animated = isinstance(node.value.func, ast.Attribute) and is_animated(node.value.func)
        if (animated or constructs(script, node.value, "Animation")) and _has_self(around):
            text = f"self.play({script.source(node.value)})"
            yield script.replacing(node, text, "an animation does nothing until it is played")


def _has_self(function: ast.FunctionDef) -> bool:
    return bool(function.args.args) and function.args.args[0].arg == "self"


def _number(node: ast.expr) -> float | None:
    try:
        value = ast.literal_eval(node)
    except (ValueError, SyntaxError, TypeError):
        return None
    return value if isinstance(value, int | float) else None


def _waited_for_nothing(script: Script, call: ast.Call) -> Iterator[Edit]:
    statement = script.parents[call]
    given = [*call.args[:1], *(keyword.value for keyword in call.keywords if keyword.arg == "duration")]
    if given and _number(given[0]) == 0 and isinstance(statement, ast.Expr):
        yield script.without_statement(statement, "took out a wait of no time")


def _times(script: Script, call: ast.Call) -> Iterator[Fault]:
    """Times that Manim refuses: negative ones, and animations that take none."""
    waiting = is_self_call(call, "wait")
    given = [keyword.value for keyword in call.keywords if keyword.arg in _TIMED]
    given += call.args[:1] if waiting else []
    is_ours = waiting or is_self_call(call, "play") or constructs(script, call, "Animation")
    for value in given if is_ours else ():
        number = _number(value)
        if number is not None and (number < 0 or (number == 0 and not waiting)):
            yield script.fault("wrong-value", value, f"a time of {number:g} s: give it more than 0 seconds")


def _old_fades(script: Script, call: ast.Call) -> Iterator[Edit]:
    if not isinstance(call.func, ast.Name) or script.is_known(call.func.id) or not call.args:
        return
    old = call.func.id
    if old not in _OLD_FADES:
        return
    new, keyword, how = _OLD_FADES[old]
    value = script.source(call.args[1]) if len(call.args) > 1 else ""
    note = f"{old} is {new}({keyword}=…) in Manim {script.index.version}"
    by_name = next((one for one in call.keywords if one.arg in {"direction", keyword}), None)
    if by_name:
        value = f"-{_bracketed(script, by_name.value)}" if how == "-" else script.source(by_name.value)
        yield script.replacing(by_name, f"{keyword}={value}", note)
    elif len(call.args) > 1:
        value = f"-{_bracketed(script, call.args[1])}" if how == "-" else value
        yield script.replacing(call.args[1], f"{keyword}={value}", note)
    else:
        end = script.span(call.args[0])[1]
        value = {"-": "UP", "": "DOWN" if keyword == "shift" else ""}.get(how, how)
        if value:
            yield Edit(end, end, f", {keyword}={value}", script.noted(call, note))
    yield script.replacing(call.func, new, note)


def _bracketed(script: Script, node: ast.expr) -> str:
    text = script.source(node)
    return f"({text})" if isinstance(node, ast.BinOp) else text


def _direction_by_position(script: Script, call: ast.Call) -> Iterator[Edit]:
    """`FadeIn(x, UP)` becomes `FadeIn(x, shift=UP)`."""
    given = {keyword.arg for keyword in call.keywords}
    if len(call.args) == 2 and "shift" not in given and _is_direction(script, call.args[1]):
        value = script.source(call.args[1])
        note = f"{script.source(call.func)} takes its direction as shift"
        if call.keywords and script.span(call.keywords[0])[0] < script.span(call.args[1])[0]:
            return
        yield script.replacing(call.args[1], f"shift={value}", note)


def _is_direction(script: Script, node: ast.expr) -> bool:
    """Whether an expression is made of Manim's directions: UP, 2 * LEFT, DOWN + RIGHT."""
    match node:
        case ast.BinOp(left=left, right=right):
            return _is_direction(script, left) or _is_direction(script, right)
        case ast.UnaryOp(operand=operand):
            return _is_direction(script, operand)
    entry = script.index.entry(script.manim_name(node) or "")
    return entry is not None and entry.kind == "direction"
