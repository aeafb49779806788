"""The camera's frame: there in a MovingCameraScene only, and turned otherwise than in ManimGL."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from quantumsketch.checking import Fault
from renderers.manim.lint.calls import is_self_call
from renderers.manim.lint.edits import Edit
from renderers.manim.lint.members import becoming
from renderers.manim.lint.objects import Objects, objects_of
from renderers.manim.lint.script import Script

_TURNING = {"reorient": ("theta", "phi", "gamma"), "set_euler_angles": ("theta", "phi", "gamma")}
_BACKGROUND = {"set_background", "set_background_color", "set_bg_color"}
_FRAMES = {"self.frame", "self.camera.frame"}


def check_camera(script: Script) -> Iterator[Edit | Fault]:
    """Every use of the camera's frame in a scene."""
    objects = objects_of(script)
    for node in ast.walk(script.tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            yield from _turned(script, node.value)
            yield from _background(script, objects, node.value)
            yield from _fixed(script, objects, node.value)
        elif isinstance(node, ast.Attribute) and _is_frame(script, node) and not _is_turned(script, node):
            yield from _frame(script, objects, node)


def _background(script: Script, objects: Objects, call: ast.Call) -> Iterator[Edit]:
    """`self.set_background_color(X)` becomes `self.camera.background_color = X`."""
    scene = objects.enclosing_scene(call)
    if scene is None or _BACKGROUND & objects.own_members(scene):
        return
    if is_self_call(call, *_BACKGROUND) and len(call.args) == 1 and not call.keywords:
        text = f"self.camera.background_color = {script.source(call.args[0])}"
        yield script.replacing(call, text, "the background belongs to the camera")


def _fixed(script: Script, objects: Objects, call: ast.Call) -> Iterator[Edit]:
    """ManimGL's `x.fix_in_frame()` becomes `self.add_fixed_in_frame_mobjects(x)`."""
    func = call.func
    is_fixing = isinstance(func, ast.Attribute) and func.attr == "fix_in_frame" and not call.args
    if is_fixing and isinstance(func, ast.Attribute) and objects.enclosing_scene(call):
        text = f"self.add_fixed_in_frame_mobjects({script.source(func.value)})"
        yield script.replacing(call, text, "the scene fixes objects in the frame")


def _is_frame(script: Script, node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "frame" and script.source(node) in _FRAMES


def _is_turned(script: Script, node: ast.expr) -> bool:
    """Whether a frame is named only to be turned by a method of ManimGL."""
    return any(isinstance(one, ast.Attribute) and one.attr in _TURNING for one in _upwards(script, node))


def _upwards(script: Script, node: ast.AST) -> Iterator[ast.AST]:
    while isinstance(node := script.parents[node], ast.Attribute | ast.Call):
        yield node


def _frame(script: Script, objects: Objects, node: ast.Attribute) -> Iterator[Edit | Fault]:
    scene = objects.enclosing_scene(node)
    base = objects.scene_base(scene) if scene else None
    if scene is None or base is None or "frame" in objects.own_members(scene):
        return
    if base == "Scene" and script.source(node) == "self.camera.frame":
        why = "self.camera.frame needs a MovingCameraScene"
        yield from becoming(script, scene, "MovingCameraScene", why)
    elif script.index.is_a(base, "ThreeDScene"):
        message = f"a {base} has no camera frame; use self.move_camera(phi=…, theta=…, zoom=…)"
        yield script.fault("unknown-attribute", node, message)


def _turned(script: Script, call: ast.Call) -> Iterator[Edit]:
    """`frame.reorient(20, 70)` becomes `set_camera_orientation`, played it becomes `move_camera`."""
    played = is_self_call(call, "play") and len(call.args) == 1
    turn = call.args[0] if played else call
    if not isinstance(turn, ast.Call) or not isinstance(turn.func, ast.Attribute):
        return
    target = turn.func.value
    if isinstance(target, ast.Attribute) and target.attr == "animate":
        target = target.value
    if turn.func.attr not in _TURNING or not _is_frame(script, target):
        return
    given = list(_angles(script, turn)) + [script.source(keyword) for keyword in call.keywords if played]
    method = "move_camera" if played else "set_camera_orientation"
    note = f"the camera is turned by self.{method}"
    yield script.replacing(call, f"self.{method}({', '.join(given)})", note)


def _angles(script: Script, turn: ast.Call) -> Iterator[str]:
    """The angles of a turn in radians, by name; `reorient` counts in degrees."""
    name = turn.func.attr if isinstance(turn.func, ast.Attribute) else ""
    named = [*zip(_TURNING[name], turn.args, strict=False)]
    named += [(one.arg, one.value) for one in turn.keywords if one.arg in {"theta", "phi", "gamma"}]
    for angle, value in named:
        text = script.source(value)
        is_sum = isinstance(value, ast.BinOp)
        in_degrees = f"({text}) * DEGREES" if is_sum else f"{text} * DEGREES"
        yield f"{angle}={in_degrees if name == 'reorient' else text}"
