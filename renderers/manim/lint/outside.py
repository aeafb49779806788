"""What a scene must not do: reach for files, the network, the keyboard or other processes, or never end.

The sandbox would stop all of it; said here, it costs no render.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from quantumsketch.checking import Fault
from renderers.manim.lint.calls import calls, constructs, is_self_call
from renderers.manim.lint.edits import Edit
from renderers.manim.lint.members import INTERACTIVE
from renderers.manim.lint.script import Script

NETWORK = {
    "requests",
    "urllib",
    "http",
    "socket",
    "ftplib",
    "smtplib",
    "aiohttp",
    "httpx",
    "ssl",
    "webbrowser",
}
_SYSTEM = {
    "ctypes", "glob", "multiprocessing", "pty", "resource", "shutil", "signal", "subprocess", "tempfile",
    "threading",
}  # fmt: skip
_READING = {"open", "input", "exec", "eval", "compile", "__import__", "breakpoint"}
_NO_FILES = "no file can be read here: draw it with shapes and text"


def check_outside(script: Script) -> Iterator[Edit | Fault]:
    """Everything that leads out of the scene."""
    for node in ast.walk(script.tree):
        match node:
            case ast.Import(names=names):
                for alias in names:
                    yield from _module(script, node, alias.name)
            case ast.ImportFrom(module=str(module)):
                yield from _module(script, node, module)
            case ast.Name(id="__builtins__"):
                yield script.fault("outside", node, "__builtins__ is out of reach in a scene; leave it out")
            case (
                ast.Attribute(value=ast.Name(id="sys" | "os"), attr="exit" | "_exit")
                | ast.Name(id="exit" | "quit", ctx=ast.Load())
            ):
                yield script.fault("exit", node, "a scene must not end the process; let construct() return")
            case ast.Attribute(value=ast.Name(id="os"), attr=name) if name != "path" and "os" in script.bound:
                yield script.fault("outside", node, f"os.{name} is out of reach in a scene; leave it out")
            case ast.While(test=ast.Constant(value=value)) if value and not _ends(node):
                yield script.fault(
                    "endless", node, "this loop never ends; count with `for … in range(…)` or break out"
                )
            case ast.Expr(value=call) if is_self_call(call, *INTERACTIVE):
                yield script.without_statement(node, "took out the interactive session, there is no window")
    for call in calls(script):
        yield from _call(script, call)


def _module(script: Script, node: ast.stmt, module: str) -> Iterator[Fault]:
    library = module.partition(".")[0]
    if library in NETWORK:
        yield script.fault(
            "outside", node, f"{library!r}: there is no network here; write the data into the code"
        )
    elif library in _SYSTEM:
        yield script.fault("outside", node, f"{library!r} is out of reach in a scene; leave it out")


def _call(script: Script, call: ast.Call) -> Iterator[Fault]:
    match call.func:
        case ast.Name(id=name) if name in _READING and name not in script.bound:
            what = _NO_FILES if name == "open" else "a scene can only draw; leave it out"
            yield script.fault("outside", call, f"{name}() is out of reach in a scene: {what}")
    if constructs(script, call, "ImageMobject") and _gets_text(call):
        yield script.fault("outside", call, f"ImageMobject: {_NO_FILES}")
    if script.manim_name(call.func) == "SVGMobject" and _gets_text(call):
        yield script.fault("outside", call, f"SVGMobject: {_NO_FILES}")
    if is_self_call(call, "add_sound"):
        yield script.fault("outside", call, "add_sound: no file can be read here; the sound is added later")


def _gets_text(call: ast.Call) -> bool:
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    return any(isinstance(one, ast.JoinedStr | ast.Constant) and isinstance(
        getattr(one, "value", ""), str) for one in given[:1])  # fmt: skip


def _ends(loop: ast.While) -> bool:
    """Whether anything in a loop can leave it."""
    inside = [node for statement in loop.body for node in ast.walk(statement)]
    return any(isinstance(node, ast.Break | ast.Return | ast.Raise) for node in inside)
